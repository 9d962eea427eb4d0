#!/usr/bin/env bash
# Campaigns: on this machine alone, and on a real Slurm of which the submit process, the controller and a
# machine are killed in the middle: no finished record is lost, and what is missing has a name.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/slurm.sh"
trap 'slurm_down; rm -rf "$dir"' EXIT
job=(--variant raw_tp_empty --syscall munmap_einval --rounds 2 --calls 10 --cpu 0 --wait)
fleet=("$bpftoll" fleet)
# sums DIR: of the records that are there
sums() { (cd "$1" && find . -name record.json | sort | xargs -r sha256sum); }
records() { [ "$(find "$1" -name '*.ended' | wc -l)" -ge "$2" ]; }

exits 2 "a verb is asked for" "${fleet[@]}"
exits 2 "an unknown verb" "${fleet[@]}" stop
exits 2 "-o belongs to the campaign" "${fleet[@]}" run --local 1 -- --output=x
says "and says so" "before the --"
exits 2 "only commands that measure" "${fleet[@]}" run --local 1 -- report x
exits 1 "status of no campaign" "${fleet[@]}" status "$dir"
says "names the file" "campaign.json: no campaign is there"
mkdir "$dir/damaged"; echo '{"schema": "bpftoll-campaign/1",' >"$dir/damaged/campaign.json"
exits 1 "a damaged campaign" "${fleet[@]}" status "$dir/damaged"
says "names the place" "campaign.json: line "
exits 4 "no Slurm" env PATH="$dir" "${fleet[@]}" run -o "$dir/none" -- --variant x
says "says what to do without" "sbatch is not installed.*--local"
[ -e "$dir/none" ] && not_ok "nothing was made" || ok "nothing was made"
mkdir "$dir/old"
for tool in squeue sinfo scontrol scancel; do printf '#!/bin/sh\n' >"$dir/old/$tool"; done
printf '#!/bin/sh\necho slurm 17.11.2\n' >"$dir/old/sbatch"; chmod +x "$dir/old"/*
exits 1 "an old Slurm" env PATH="$dir/old:$PATH" "${fleet[@]}" run -o "$dir/none" -- --variant x
says "says how old" "slurm 17.11.2 is too old"

if [ "$(id -u)" = 0 ]; then
	exits 0 "two runs here" "${fleet[@]}" run --local 2 -o "$dir/here" -- "${job[@]}"
	says "says that all are there" "2: done 2, running 0, queued 0, failed 0, lost 0"
	check "the records are bpftoll's" "$bpftoll" report "$dir/here/local/boot-1/run-2"
	exits 1 "a folder with a campaign is not taken" "${fleet[@]}" run --local 1 -o "$dir/here" --
	before=$(sums "$dir/here")
	exits 0 "nothing is left to resume" "${fleet[@]}" resume "$dir/here"
	[ "$before" = "$(sums "$dir/here")" ] && ok "and nothing is measured again" || not_ok "and nothing is measured again"
	exits 1 "a run that fails" "${fleet[@]}" run --local 1 -o "$dir/fails" -- --variant no_such
	says "is named, with its reason" "local boot 1 run 1 failed: exit 2: .*no_such"
	# no room for a record
	mkdir "$dir/full"
	if mount -t tmpfs -o size=20k bpftoll-test "$dir/full" 2>/dev/null; then
		exits 1 "a full folder" "${fleet[@]}" run --local 1 -o "$dir/full" -- "${job[@]}"
		says "is named" "No space left on device"
		umount "$dir/full"
	else
		skip "a full folder" "no tmpfs can be mounted"
	fi
else
	skip "campaigns here" "needs root"
fi

if why=$(slurm_missing); then
	skip "campaigns on Slurm" "$why"
	done_testing
	exit
fi
slurm_up "$dir/slurm" 3 || { not_ok "Slurm starts" "$(tail -n 20 "$dir"/slurm/log/*)"; done_testing; exit; }
exits 2 "a machine that Slurm has not" on_submit "${fleet[@]}" run --nodes 'n[2-4]' -o "$dir/none" --
says "is named" "no machine 'n4'"
exits 2 "a list that is none" on_submit "${fleet[@]}" run --nodes '--help' -o "$dir/none" --
exits 2 "a partition that Slurm has not" on_submit "${fleet[@]}" run --partition nix -o "$dir/none" --
mkdir "$dir/small"
if mount -t tmpfs -o size=64k bpftoll-test "$dir/small" 2>/dev/null; then
	exits 1 "a shared folder without room for the program" on_submit "${fleet[@]}" run -o "$dir/small" -- "${job[@]}"
	says "is named" "cannot copy this program to .*No space left on device"
	umount "$dir/small"
else
	skip "a shared folder without room" "no tmpfs can be mounted"
fi

# Each job waits for the CPU, which this test has: all three are in the middle when they are hit.
mkdir -p "$BPFTOLL_LOCKS"
exec 9>"$BPFTOLL_LOCKS/cpu0.lock"; flock 9
(exec nsenter --net=/run/netns/"$hosts_net" "${fleet[@]}" run -o "$dir/c" -- "${job[@]}") >"$dir/run.out" 2>"$dir/run.err" 9>&- &
submit=$!
begun() { [ "$(find "$dir/c" -name '*.err' -size +0 2>/dev/null | wc -l)" = "$1" ]; }
check "three jobs run" until_true 60 begun 3
# the controller keeps its jobs within seconds; one that dies before that forgets them
check "the controller has kept them" until_true 60 [ "$dir/slurm/state/job_state" -nt "$dir/c/campaign.json" ]
kill -9 $submit; wait $submit 2>/dev/null
slurm_cut 3
slurm_kill_controller
exits 0 "status without a controller" on_submit timeout 100 "$bpftoll" fleet status "$dir/c"
says "says that Slurm is silent" "Slurm does not answer"
says "and what files say" "3: done 0, running 2, queued 0|3: done 0, running 2, queued 1"
slurm_controller
flock -u 9
exits 1 "the campaign goes on without the machine" on_submit timeout 200 "$bpftoll" fleet resume "$dir/c" --patience 1s
says "which is named" "n3 boot 1 run 1 lost: the machine failed .Slurm: NODE_FAIL"
says "the others are there" "3: done 2, running 0, queued 0, failed 0, lost 1"
before=$(sums "$dir/c")
exits 1 "status says the same" on_submit "${fleet[@]}" status "$dir/c"
says "by name" "n3 boot 1 run 1 lost: "
slurm_node 3
check "the machine comes back" until_true 30 slurm_is idle 3
exits 0 "its run is made again" on_submit "${fleet[@]}" resume "$dir/c"
says "nothing is missing" "3: done 3, running 0, queued 0, failed 0, lost 0"
[ "$(sums "$dir/c" | grep -cF "$before")" = 2 ] && ok "records that were there are unchanged" ||
	not_ok "records that were there are unchanged" "$before"

# No shared folder: srun brings the program and the records. Who submitted and a machine die in the middle.
flock 9
(exec nsenter --net=/run/netns/"$hosts_net" "${fleet[@]}" run --stream --nodes 'n[2-3]' -o "$dir/s" -- "${job[@]}") >"$dir/run.out" 2>"$dir/run.err" 9>&- &
submit=$!
started() { [ "$(cat "$dir"/s/launch-*.out 2>/dev/null | grep -c "record started ")" = 2 ]; }
check "two jobs of srun run" until_true 60 started
kill -9 $submit; wait $submit 2>/dev/null
slurm_cut 3
flock -u 9
exits 1 "they outlive who submitted" on_submit timeout 100 "${fleet[@]}" resume "$dir/s" --patience 1s
says "one record came" "2: done 1, running 0, queued 0, failed 0, lost 1"
says "the other has a name" "n3 boot 1 run 1 lost: "
check "the record is whole" "$bpftoll" report "$dir/s/n2/boot-1/run-1"
slurm_node 3

# A machine that is drained is given up by name after --patience, and its job is taken back.
on_submit scontrol update nodename=n2 state=drain reason='fan broken'
exits 1 "a drained machine" on_submit "${fleet[@]}" run --nodes n2 --patience 0 -o "$dir/drained" -- "${job[@]}"
says "is a gap with the administrator's reason" "n2 boot 1 run 1 lost: drained: fan broken"
none_waits() { [ -z "$(on_submit squeue -h -t pending)" ]; }
check "its job waits no more" until_true 30 none_waits
done_testing
