# Sourced: a real Slurm with munge in a private folder. slurm_up DIR N; on_submit COMMAND…; slurm_down.
# The controller and each slurmd have a network namespace of their own (hosts.sh).
. "$(dirname "${BASH_SOURCE[0]}")/hosts.sh"
slurm_missing() {
	local tool
	[ "$(id -u)" = 0 ] || { echo "needs root"; return 0; }
	for tool in slurmctld slurmd munged sbatch ip nsenter; do
		command -v "$tool" >/dev/null || { echo "$tool is not installed"; return 0; }
	done
	return 1
}
slurm_up() {
	local i host
	slurm_dir=$1 host=$(hostname -s)
	hosts_up "$2"
	mkdir -p "$slurm_dir"/munge "$slurm_dir"/state "$slurm_dir"/log
	chmod 711 "$slurm_dir"
	head -c 1024 /dev/urandom >"$slurm_dir/munge.key"
	chmod 600 "$slurm_dir/munge.key"
	munged --force --socket "$slurm_dir/munge/s" --key-file "$slurm_dir/munge.key" --pid-file "$slurm_dir/munge/pid" \
		--log-file "$slurm_dir/munge/log" --seed-file "$slurm_dir/munge/seed" --num-threads 2 2>/dev/null
	cat >"$slurm_dir/slurm.conf" <<-CONF
		ClusterName=bpftoll
		SlurmctldHost=$host(10.77.0.1)
		SlurmUser=root
		SlurmdUser=root
		AuthType=auth/munge
		AuthInfo=socket=$slurm_dir/munge/s
		CredType=cred/munge
		StateSaveLocation=$slurm_dir/state
		SlurmdSpoolDir=$slurm_dir/spool.%n
		SlurmctldPidFile=$slurm_dir/slurmctld.pid
		SlurmdPidFile=$slurm_dir/slurmd.%n.pid
		SlurmctldLogFile=$slurm_dir/log/slurmctld
		SlurmdLogFile=$slurm_dir/log/slurmd.%n
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		SwitchType=switch/none
		SelectType=select/cons_tres
		AccountingStorageType=accounting_storage/none
		JobAcctGatherType=jobacct_gather/none
		SlurmdParameters=config_overrides
		ReturnToService=2
		MpiDefault=none
		SlurmdTimeout=3
		MessageTimeout=3
		KillWait=2
		InactiveLimit=20
		SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=0
	CONF
	for i in $(seq "$hosts_n"); do
		echo "NodeName=n$i NodeHostname=$host NodeAddr=10.77.0.$((10 + i)) CPUs=2 RealMemory=1000"
	done >>"$slurm_dir/slurm.conf"
	echo "PartitionName=lab Nodes=n[1-$hosts_n] Default=YES MaxTime=INFINITE State=UP" >>"$slurm_dir/slurm.conf"
	# slurmd 22.05 reads it whatever the plugins are
	echo "CgroupPlugin=cgroup/v1" >"$slurm_dir/cgroup.conf"
	export SLURM_CONF=$slurm_dir/slurm.conf
	slurm_controller
	for i in $(seq "$hosts_n"); do
		mkdir -p "$slurm_dir/spool.n$i"
		slurm_node "$i"
	done
	until_true 30 slurm_is idle "$hosts_n"
}
slurm_controller() { on_submit slurmctld 2>/dev/null; }
slurm_node() { nsenter --net=/run/netns/"$hosts_net.$1" slurmd -N "n$1" 2>/dev/null; }
# slurm_is STATE N: so many machines are in it
slurm_is() { [ "$(on_submit sinfo -h -N -o %t 2>/dev/null | grep -c "^$1\$")" = "$2" ]; }
slurm_kill_controller() { kill -9 "$(cat "$slurm_dir/slurmctld.pid")"; }
slurm_down() {
	[ -n "${slurm_dir-}" ] || return 0
	hosts_down
	kill "$(cat "$slurm_dir/munge/pid")" 2>/dev/null
}
