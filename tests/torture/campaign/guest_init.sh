#!/bin/busybox sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Init of the campaign's guests. Each scenario is a function; what is tried, and what went wrong, are
# lines on the console: "TRIED kind", "FAULT kind: column: what". Scenarios come from the kernel's
# command line: torture=NAME,NAME.
b=/bin/busybox
$b mkdir -p /proc /sys /dev /run
$b --install -s /bin
export PATH=/bin HOME=/run TMPDIR=/run/tmp TERM=dumb
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run; mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing; mount -t securityfs securityfs /sys/kernel/security
mount -t bpf bpf /sys/fs/bpf; mount -t cgroup2 cgroup2 /sys/fs/cgroup
# mounted by the kernel at the first look into it
ls /sys/kernel/debug/tracing >/dev/null
mkdir -p /run/tmp /run/work /run/bpftoll
exec </dev/null >/dev/console 2>&1
bpftoll=/bin/bpftoll
kind=
quick="run --unit instructions --untimed --suite matrix --variant raw_tp_empty --syscall munmap_einval --calls 64"

fault() { echo "FAULT $kind: $1: $2"; }
# until N COMMAND…: N looks, one each 50 ms
until_true() { local n=$1; shift; while [ "$n" -gt 0 ]; do "$@" && return 0; n=$((n - 1)); usleep 50000; done; return 1; }
gone() { ! kill -0 "$1" 2>/dev/null; }
# the machine as it is: objects, settings, cgroups, mounts, processes, files
look() {
	{
		for what in prog map link; do bpftool $what 2>/dev/null | sed -n "s/^\([0-9]*\): .*/bpf $what \1/p"; done
		# one process for all files: a fork takes long here
		grep -s '' /proc/sys/kernel/* /proc/sys/vm/* /proc/sys/debug/* /proc/irq/*/smp_affinity /proc/irq/default_smp_affinity \
			/sys/devices/virtual/workqueue/cpumask /sys/devices/system/cpu/cpu*/online /sys/devices/system/cpu/cpu*/power/pm_qos_resume_latency_us \
			/sys/kernel/mm/transparent_hugepage/enabled | grep -vE '/(ns_last_pid|tainted|random/[^:]*|pty/[^:]*|stat_refresh|drop_caches|compact_memory):' | sed 's/^/setting /'
		find /sys/fs/cgroup -type d 2>/dev/null | sed 's/^/cgroup /'
		find /sys/fs/cgroup -name 'cpuset.cpus*' ! -name '*effective*' -exec grep -s '' {} + | sed 's/^/cgroup /'
		sed 's/^/mount /' /proc/mounts
		ps -o pid,comm | grep -E 'bpftoll|keeper' | sed 's/^/process /'
		find /run/tmp /run/bpftoll /dev/shm 2>/dev/null | grep -v '\.lock$' | sed 's/^/file /'
	} | sort
}
same() { look >/run/after; diff /run/before /run/after >/run/diff; }
begin() { kind=$1; echo "TRIED $kind"; rm -rf /run/work/*; look >/run/before; }
finish() {
	until_true 20 same || sed -n 's/^\([+-][a-z].*\)/\1/p' /run/diff | grep -vE '^(\+\+\+|---)' | head -n 8 | while read -r line; do fault left "$line"; done
}
# runs COMMAND…: in the background, until the readings of a round are in its folder; into $pid
runs() {
	"$bpftoll" "$@" -o /run/work/out >/run/work/log 2>&1 & pid=$!
	until_true 1200 begun
	if gone "$pid"; then fault crashed "ended before it was disturbed: $(tail -n 2 /run/work/log | tr '\n' ' ')"; fi
}
begun() { [ -n "$(find /run/work/out/samples -size +0 2>/dev/null)" ] || gone "$pid"; }
# ends CODES: the command in $pid must end by itself with one of these
ends() {
	until_true 2400 gone "$pid" || { fault crashed "hangs"; kill -9 "$pid"; }
	wait "$pid"; code=$?
	case " $1 " in *" $code "*) ;; *) fault crashed "exit $code: $(tail -n 3 /run/work/log | tr '\n' ' ')" ;; esac
}
# what is kept can be read; after a kill it is recovered first
readable() {
	[ -e /run/work/out/record.json ] || { fault lost "no record: $(tail -n 2 /run/work/log | tr '\n' ' ')"; return; }
	if [ -e /run/work/out/checkpoint ]; then "$bpftoll" recover /run/work/out >/run/work/said 2>&1 || fault lost "$(cat /run/work/said)"; fi
	"$bpftoll" report /run/work/out >/run/work/said 2>&1 || fault crashed "report: $(tail -n 2 /run/work/said)"
}
# unplugs KIND CPU WHAT: the CPU goes in mid-run, which ends the run with its rounds and says why; then it comes back
unplugs() {
	# a CPU that is plugged anew has its interrupts' masks anew: once before the first look
	echo 0 >/sys/devices/system/cpu/cpu$2/online; echo 1 >/sys/devices/system/cpu/cpu$2/online
	begin "$1"
	runs $quick --cpu 1 --reader-cpu 2 --variant raw_tp_ringbuf --wakeup-policy polled-1ms --rounds 2000
	echo 0 >/sys/devices/system/cpu/cpu$2/online
	ends "1"
	grep -q "CPU $2, where $3, went offline" /run/work/log || fault silent "does not say that CPU $2 went: $(tail -n 3 /run/work/log | tr '\n' ' ')"
	readable
	"$bpftoll" report --full /run/work/out 2>&1 | tr -s ' \n' ' ' | grep -q "CPU $2, where $3, went offline" || fault silent "the record does not say that CPU $2 went"
	echo 1 >/sys/devices/system/cpu/cpu$2/online
	finish
}
scenario_unplug() { unplugs "CPU unplugged" 1 "the calls are timed"; }
scenario_unplug_reader() { unplugs "reader's CPU unplugged" 2 "events are read"; }
scenario_clock() {
	begin "clock steps"
	runs $quick --rounds 60
	date -s "2031-01-01 00:00:00" >/dev/null; usleep 300000
	date -s "2020-01-01 00:00:00" >/dev/null
	ends "0"; readable
	finish
}
scenario_btf() {
	mount -o bind /dev/null /sys/kernel/btf/vmlinux
	begin "no BTF"
	"$bpftoll" $quick --variant 'tp_btf_empty' --rounds 4 -o /run/work/out >/run/work/log 2>&1 & pid=$!
	ends "0"; readable
	"$bpftoll" report --full /run/work/out | grep -q 'tp_btf.*BTF' || fault silent "nothing says why tp_btf is skipped"
	finish
	umount /sys/kernel/btf/vmlinux
}
# isolated: a run that wants a cpuset of its own ends well and puts all back, or says why it has none
isolated() {
	begin "$1"
	"$bpftoll" $quick --isolate --cpu 1 --rounds 4 -o /run/work/out >/run/work/log 2>&1 & pid=$!
	ends "0"; readable
	grep -qi cgroup /run/work/log || "$bpftoll" report --full /run/work/out | grep -qi cgroup || fault silent "nothing says what became of the cgroup"
	finish
}
scenario_cgroup1() {
	umount /sys/fs/cgroup
	mount -t tmpfs cgroup /sys/fs/cgroup; mkdir /sys/fs/cgroup/cpuset
	mount -t cgroup -o cpuset cgroup /sys/fs/cgroup/cpuset
	isolated "cgroup v1"
}
# both, as systemd mounts them: cpuset by v1, v2 without controllers beside it
scenario_cgroup_hybrid() {
	mkdir /sys/fs/cgroup/unified
	mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
	isolated "cgroup v1 and v2"
}
scenario_lockdown() {
	local mode=$(sed 's/.*\[\(.*\)\].*/\1/' /sys/kernel/security/lockdown)
	begin "lockdown ($mode)"
	"$bpftoll" $quick --rounds 4 -o /run/work/out >/run/work/log 2>&1 & pid=$!
	ends "0 4"
	[ "$code" = 0 ] || grep -q lockdown /run/work/log || fault silent "nothing names lockdown: $(tail -n 2 /run/work/log)"
	"$bpftoll" doctor >/run/work/log 2>&1 & pid=$!
	ends "0 4"
	# integrity forbids nothing that is used here
	[ "$mode" = integrity ] || grep -q lockdown /run/work/log || fault silent "doctor does not name lockdown"
	finish
}

read -r words </proc/cmdline
for word in $words; do
	case $word in torture=*) for name in $(echo "${word#*=}" | tr , ' '); do scenario_$name; done ;; esac
done
echo "TORTURE ENDS"
reboot -f
