#!/usr/bin/env bash
# bench/fleet.sh BPFTOLL kills N [SEED]: N kills at random moments of a campaign's parts (who submits, the
# controller, a machine), every other campaign without a shared folder (--stream); counts finished records that
# were lost or changed, and gaps without a name.
# bench/fleet.sh BPFTOLL store N [SEED]: N kills of a PostgreSQL at random moments of store add; counts records
# that were there and are not, or are there in part.
# bench/fleet.sh BPFTOLL lab NODES KERNEL…: a campaign of the lab, one guest at a time: what the campaign adds to
# the jobs' own time, and whether all machines count the same instructions. As root.
set -u
bpftoll=$(realpath "${1:?usage: fleet.sh BPFTOLL kills|lab …}") what=${2:?kills or lab}
. "$(dirname "$0")/../e2e/fleet/slurm.sh"
dir=$(mktemp -d)
trap 'slurm_down; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
export BPFTOLL_LOCKS=$dir/locks

if [ "$what" = store ]; then
	. "$(dirname "$0")/../e2e/store/postgresql.sh"
	want=${3:?how many} kills=0 databases=0 bad=0 records=200 cells=12
	RANDOM=${4:-1}
	python3 "$(dirname "$0")/../e2e/store/records.py" "$dir/records" $records $cells
	pg_start || { echo "fleet: $pg_lack"; exit 1; }
	there=$records
	while [ "$kills" -lt "$want" ]; do
		if [ "$there" = "$records" ]; then
			databases=$((databases + 1)) name=k$((databases + 1)) there=0
			pg_sql postgres "CREATE DATABASE $name"
		fi
		"$bpftoll" store add --db "$(pg_url trusted "$name")" "$dir/records" >"$dir/out" 2>"$dir/err" & adding=$!
		sleep 0.$((RANDOM % 10))$((RANDOM % 10))
		server=$(head -1 "$dir/pg/data/postmaster.pid")
		kill -9 "$server" $(pgrep -P "$server"); kills=$((kills + 1))
		wait "$adding"
		until_true 20 pg_up || { echo "fleet: PostgreSQL does not start again"; cat "$dir/pg.err"; exit 1; }
		before=$there
		# no table yet: it was killed before the first record
		there=$(pg_sql "$name" 'SELECT count(*) FROM run' 2>/dev/null) || there=0
		parts=$(pg_sql "$name" "SELECT count(*) FROM run WHERE (SELECT count(*) FROM cell WHERE cell.run = run.id) <> $cells" 2>/dev/null) || parts=0
		[ "$there" -ge "$before" ] && [ "$parts" = 0 ] || { bad=$((bad + 1)); echo "$name: $before records, then $there, $parts in part"; }
	done
	echo "$kills kills of PostgreSQL while $records records were added, $databases databases, $bad faults"
	[ "$bad" = 0 ]
	exit
fi

if why=$(slurm_missing); then echo "fleet: $why"; exit 1; fi

# Finished: its end is there, and says 0.
finished() { (cd "$1" && grep -lE '"code": 0,' ./*/*/run-*.ended 2>/dev/null | sed 's/\.ended$/\/record.json/' | xargs -r sha256sum); }
drive() { (exec nsenter --net=/run/netns/"$hosts_net" "$bpftoll" fleet "$@") >"$dir/out" 2>>"$dir/err" & driver=$!; }

strike() {
	local node=$((RANDOM % 3 + 1))
	finished "$c" >>"$dir/finished"
	case $((RANDOM % 3)) in
	0) kill -9 "$driver" 2>/dev/null; wait "$driver" 2>/dev/null; struck_submit=$((struck_submit + 1))
		drive resume "$c" --patience 5s ;;
	1) slurm_kill_controller 2>/dev/null; struck_controller=$((struck_controller + 1)); sleep 0.$((RANDOM % 10))
		slurm_controller ;;
	2) host_cut "$node"; struck_node=$((struck_node + 1)); sleep 0.$((RANDOM % 10)); slurm_node "$node" ;;
	esac
	kills=$((kills + 1))
}

# Each run without an end must be in the summary by name.
unnamed() {
	local node run
	for node in n1 n2 n3; do
		for run in 1 2; do
			[ -e "$c/$node/boot-1/run-$run.ended" ] || grep -q "$node boot 1 run $run lost: " "$dir/out" || echo "$node $run"
		done
	done
}

if [ "$what" = kills ]; then
	want=${3:?how many} kills=0 campaigns=0 struck_submit=0 struck_controller=0 struck_node=0 bad=0 gaps=0 resumed=0
	RANDOM=${4:-1}
	slurm_up "$dir/slurm" 3 || { echo "fleet: Slurm does not start"; exit 1; }
	while [ "$kills" -lt "$want" ]; do
		campaigns=$((campaigns + 1)) c=$dir/c$campaigns
		: >"$dir/finished"; : >"$dir/err"
		stream=(); [ $((campaigns % 2)) = 1 ] || stream=(--stream)
		drive run "${stream[@]}" --repeat 2 --patience 5s -o "$c" -- --variant raw_tp_empty --syscall munmap_einval --rounds 2 --calls 10 --cpu 0 --wait
		until_true 20 [ -e "$c/campaign.json" ] || { echo "fleet: no campaign"; cat "$dir/err"; exit 1; }
		until_kills=$((kills + 8 < want ? kills + 8 : want))
		while kill -0 "$driver" 2>/dev/null && [ "$kills" -lt "$until_kills" ]; do
			sleep $((RANDOM % 3)).$((RANDOM % 10))
			strike
		done
		for attempt in $(seq 12); do
			wait "$driver"; code=$?
			[ "$code" = 0 ] && break
			if [ "$code" = 1 ] && grep -q '^Campaign' "$dir/out"; then
				left=$(unnamed); gaps=$((gaps + $(grep -c ' boot 1 run . lost: ' "$dir/out")))
				[ -z "$left" ] || { bad=$((bad + 1)); echo "not named: $left"; cat "$dir/out" "$dir/err"; }
			fi
			# a controller that died has forgotten the last jobs and gives their numbers again: Slurm drains a
			# machine that has one of them, and its administrator lets it in again
			if on_submit sinfo -h -N -o '%T %E' | grep -q '^drain.*Duplicate'; then
				on_submit scontrol update nodename='n[1-3]' state=resume; resumed=$((resumed + 1))
			fi
			drive resume --failed "$c" --patience 5s
		done
		[ ! -s "$dir/finished" ] || (cd "$c" && sort -u "$dir/finished" | sha256sum -c --quiet) || bad=$((bad + 1))
		[ "$code" = 0 ] && [ "$(finished "$c" | wc -l)" = 6 ] || { bad=$((bad + 1)); echo "incomplete after 12 attempts"; cat "$dir/out" "$dir/err"; }
		echo "$campaigns campaigns, $kills kills ($struck_submit submit, $struck_controller controller, $struck_node machine), $gaps named gaps, $resumed machines drained by Slurm, $bad faults"
	done
	[ "$bad" = 0 ]
	exit
fi

nodes=${3:?how many machines}; shift 3
kernels=(); for kernel; do kernels+=(--kernel "$kernel"); done
slurm_up "$dir/slurm" "$nodes" || { echo "fleet: Slurm does not start"; exit 1; }
# one guest at a time: QEMU waits for its turn, and has it until it ends
mkdir "$dir/bin"
printf '#!/bin/sh\nexec 9>%s; flock 9; exec %s "$@"\n' "$dir/turn" "$(command -v qemu-system-x86_64)" >"$dir/bin/qemu-system-x86_64"
chmod +x "$dir/bin/qemu-system-x86_64"
PATH=$dir/bin:$PATH
begin=$(date +%s.%N)
on_submit "$bpftoll" fleet run --nodes "n[1-$nodes]" -o "$dir/c" -- lab "${kernels[@]}" --variant 'raw_tp_empty' --syscall munmap_einval --timeout 30m || exit 1
end=$(date +%s.%N)
python3 - "$dir/c" "$begin" "$end" <<'PY'
import glob, json, os, sys
folder, begin, end = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
ends = glob.glob(folder + "/*/boot-1/run-1.ended")
last = max(os.stat(f).st_mtime for f in ends)
first = min(os.stat(f).st_mtime - json.load(open(f))["seconds"] for f in ends)
jobs = last - first
print(f"{len(ends)} jobs from the first's begin to the last's end: {jobs:.1f} s; campaign: {end - begin:.1f} s "
      f"(+{100 * (end - begin - jobs) / jobs:.1f} %)")
counts = {}
for f in glob.glob(folder + "/*/boot-1/run-1/**/record.json", recursive=True):
    r = json.load(open(f))
    cells = {c["id"]: (c["overhead"]["typical"]["value"], c["overhead"]["mean"]["value"], c["arm"]["typical"])
             for c in r["cells"] if c["status"] == "measured"}
    counts.setdefault(r["host"]["kernel"], []).append(cells)
for kernel, records in sorted(counts.items()):
    same = all(c == records[0] for c in records)
    print(f"{kernel}: {len(records)} records, {len(records[0])} cells, {'the same' if same and records[0] else 'DIFFERENT'}: {records[0]}")
PY
