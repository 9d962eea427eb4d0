# Sourced: a real Slurm with munge in a private folder. slurm_up DIR N; on_submit COMMAND…; slurm_down.
# The controller and each slurmd have a network namespace of their own (veth, a bridge): no port and no
# address of this machine is used. nsenter, not ip netns exec: the jobs keep this machine's /sys.
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
	slurm_dir=$1 slurm_n=$2 slurm_net=bpftoll$$ host=$(hostname -s)
	mkdir -p "$slurm_dir"/munge "$slurm_dir"/state "$slurm_dir"/log
	chmod 711 "$slurm_dir"
	head -c 1024 /dev/urandom >"$slurm_dir/munge.key"
	chmod 600 "$slurm_dir/munge.key"
	munged --force --socket "$slurm_dir/munge/s" --key-file "$slurm_dir/munge.key" --pid-file "$slurm_dir/munge/pid" \
		--log-file "$slurm_dir/munge/log" --seed-file "$slurm_dir/munge/seed" --num-threads 2 2>/dev/null
	ip netns add "$slurm_net"
	ip -n "$slurm_net" link add name sw0 type bridge
	ip -n "$slurm_net" addr add 10.77.0.1/24 dev sw0
	ip -n "$slurm_net" link set sw0 up
	ip -n "$slurm_net" link set lo up
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
		SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=0
	CONF
	for i in $(seq "$slurm_n"); do
		echo "NodeName=n$i NodeHostname=$host NodeAddr=10.77.0.$((10 + i)) CPUs=2 RealMemory=1000"
	done >>"$slurm_dir/slurm.conf"
	echo "PartitionName=lab Nodes=n[1-$slurm_n] Default=YES MaxTime=INFINITE State=UP" >>"$slurm_dir/slurm.conf"
	# slurmd 22.05 reads it whatever the plugins are
	echo "CgroupPlugin=cgroup/v1" >"$slurm_dir/cgroup.conf"
	export SLURM_CONF=$slurm_dir/slurm.conf
	slurm_controller
	for i in $(seq "$slurm_n"); do
		mkdir -p "$slurm_dir/spool.n$i"
		ip netns add "$slurm_net.$i"
		ip -n "$slurm_net" link add "v$i" type veth peer name e netns "$slurm_net.$i"
		ip -n "$slurm_net" link set "v$i" master sw0 up
		ip -n "$slurm_net.$i" addr add "10.77.0.$((10 + i))/24" dev e
		ip -n "$slurm_net.$i" link set e up
		ip -n "$slurm_net.$i" link set lo up
		slurm_node "$i"
	done
	until_true 30 slurm_is idle "$slurm_n"
}
on_submit() { nsenter --net=/run/netns/"$slurm_net" "$@"; }
slurm_controller() { on_submit slurmctld 2>/dev/null; }
slurm_node() { nsenter --net=/run/netns/"$slurm_net.$1" slurmd -N "n$1" 2>/dev/null; }
# slurm_is STATE N: so many machines are in it
slurm_is() { [ "$(on_submit sinfo -h -N -o %t 2>/dev/null | grep -c "^$1\$")" = "$2" ]; }
# A machine's power is cut: slurmd, steps and jobs, all at once.
slurm_cut() { ip netns pids "$slurm_net.$1" | xargs -r kill -9 2>/dev/null; }
slurm_kill_controller() { kill -9 "$(cat "$slurm_dir/slurmctld.pid")"; }
# until_true SECONDS COMMAND…: asks again until it is so
until_true() {
	local end=$((SECONDS + $1)); shift
	until "$@"; do [ "$SECONDS" -lt "$end" ] || return 1; sleep 0.1; done
}
slurm_down() {
	local net
	[ -n "${slurm_net-}" ] || return 0
	for net in "$slurm_net" $(seq -f "$slurm_net.%g" "$slurm_n"); do
		ip netns pids "$net" 2>/dev/null | xargs -r kill -9 2>/dev/null
		ip netns del "$net" 2>/dev/null
	done
	kill "$(cat "$slurm_dir/munge/pid")" 2>/dev/null
}
