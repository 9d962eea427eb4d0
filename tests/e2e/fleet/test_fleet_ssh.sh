#!/usr/bin/env bash
# Campaigns on machines that share no folder, by clush and real sshd: who submits is killed, a machine dies, a
# cable is cut and one cannot be reached in the middle: no finished record is lost, and what is missing has a name.
. "$(dirname "$0")/../tap.sh"
. "$(dirname "$0")/hosts.sh"
trap 'hosts_down; rm -rf "$dir"' EXIT
job=(--variant raw_tp_empty --syscall munmap_einval --rounds 2 --calls 10 --cpu 0 --wait)
fleet=("$bpftoll" fleet)
sums() { (cd "$1" && find . -name record.json | sort | xargs -r sha256sum); }

mkdir "$dir/bare"
exits 4 "no clush" env PATH="$dir/bare" "${fleet[@]}" run --ssh n1 -o "$dir/none" -- --variant x
says "says what to do" "clush is not installed.*clustershell"
exits 2 "--nodes is Slurm's" "${fleet[@]}" run --ssh n1 --nodes n1 --
exits 2 "so are boots" "${fleet[@]}" run --ssh n1 --boots 2 --

missing() {
	local tool
	[ "$(id -u)" = 0 ] || { echo "needs root"; return 0; }
	for tool in clush nodeset ssh ssh-keygen ip nsenter /usr/sbin/sshd; do
		command -v "$tool" >/dev/null || { echo "$tool is not installed"; return 0; }
	done
	return 1
}
if why=$(missing); then
	skip "campaigns by clush" "$why"
	done_testing
	exit
fi
exits 2 "a list that is none" "${fleet[@]}" run --ssh 'n[1-' -o "$dir/none" --
says "is named" "'n.1-' is no list of machines"
exits 2 "no name of a machine" "${fleet[@]}" run --ssh 'n1,../x' -o "$dir/none" --
[ -e "$dir/none" ] && not_ok "nothing was made" || ok "nothing was made"

# ---- three machines: a network each, and a /tmp of their own; $dir is /srv there ----
mkdir "$dir/ssh" "$dir/clush" /run/sshd 2>/dev/null
chmod 755 "$dir"
ssh-keygen -q -t ed25519 -N '' -f "$dir/ssh/host"; ssh-keygen -q -t ed25519 -N '' -f "$dir/ssh/user"
cat >"$dir/ssh/sshd" <<-CONF
	HostKey /srv/ssh/host
	PidFile none
	AuthorizedKeysFile /srv/ssh/user.pub
	StrictModes no
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	UsePAM no
	Subsystem sftp internal-sftp
	SetEnv BPFTOLL_LOCKS=/srv/locks
CONF
cat >"$dir/ssh/config" <<-CONF
	Host *
	User root
	IdentityFile $dir/ssh/user
	IdentitiesOnly yes
	UserKnownHostsFile $dir/ssh/known
	GlobalKnownHostsFile none
	$(for i in 1 2 3; do printf 'Host n%d\n\tHostName 10.77.0.%d\n' "$i" $((10 + i)); done)
CONF
for i in 1 2 3; do echo "10.77.0.$((10 + i)) $(cut -d' ' -f1,2 "$dir/ssh/host.pub")"; done >"$dir/ssh/known"
printf '[Main]\nssh_options: -F %s\n' "$dir/ssh/config" >"$dir/clush/clush.conf"
export CLUSTERSHELL_CFGDIR=$dir/clush
host_up() {
	# shellcheck disable=SC2016
	on_host "$1" unshare -m sh -c 'mount --bind "$1" /srv && mount -t tmpfs bpftoll-test /tmp && cd / && exec /usr/sbin/sshd -D -e -f /srv/ssh/sshd' \
		sh "$dir" >>"$dir/sshd.$1" 2>&1 9>&- &
}
reachable() { on_submit clush -S -n -w "$1" true >/dev/null 2>&1; }
hosts_up 3
for i in 1 2 3; do host_up "$i"; done
check "three machines are there" until_true 30 reachable 'n[1-3]'

# Each job waits for the CPU, which this test has: all are in the middle when they are hit.
mkdir -p "$BPFTOLL_LOCKS"
exec 9>"$BPFTOLL_LOCKS/cpu0.lock"; flock 9
(exec nsenter --net=/run/netns/"$hosts_net" "${fleet[@]}" run --ssh 'n[1-3],nowhere' --repeat 2 --patience 4s -o "$dir/c" -- "${job[@]}") \
	>"$dir/run.out" 2>"$dir/run.err" 9>&- &
submit=$!
started() { [ "$(grep -c "record started " "$dir/c/launch-1.out" 2>/dev/null)" = "$1" ]; }
check "three jobs run" until_true 60 started 3
kill -9 $submit; wait $submit 2>/dev/null
exits 1 "status without who submitted" on_submit "${fleet[@]}" status "$dir/c"
says "knows that they run" "8: done 0, running 3, queued 3, failed 0, lost 2"
says "and what cannot be reached" "nowhere boot 1 run 1 lost: .*[Cc]ould not resolve hostname"
host_cut 3
host_line 2 down
check "a cable that was cut is noticed" until_true 30 grep -q '^n2: Timeout, server .* not responding' "$dir/c/launch-1.err"
flock -u 9
exits 1 "the campaign goes on without them" on_submit "${fleet[@]}" resume "$dir/c" --patience 1s
says "one has its records" "8: done 2, running 0, queued 0, failed 0, lost 6"
says "the cut cable is named" "n2 boot 1 run 1 lost: .*(timed out|No route)"
check "its records are bpftoll's" "$bpftoll" report "$dir/c/n1/boot-1/run-2"
before=$(sums "$dir/c")
host_line 2 up
host_up 3
check "they come back" until_true 30 reachable 'n[2-3]'
exits 1 "their runs are made again" on_submit "${fleet[@]}" resume "$dir/c" --patience 4s
says "all but of the one without a name" "8: done 6, running 0, queued 0, failed 0, lost 2"
[ "$(sums "$dir/c" | grep -cF "$before")" = 2 ] && ok "records that were there are unchanged" ||
	not_ok "records that were there are unchanged" "$before"
left() { nsenter -t "$(ip netns pids "$hosts_net.1" | head -1)" -m find /tmp -mindepth 1; }
[ -z "$(left)" ] && ok "nothing is left on a machine" || not_ok "nothing is left on a machine" "$(left)"

# A run that fails there, and a record that does not come whole.
exits 1 "a run that fails" on_submit "${fleet[@]}" run --ssh n1 -o "$dir/fails" -- --variant no_such
says "is named, with its reason" "n1 boot 1 run 1 failed: exit 2: .*no_such"
sed -i 's/^\(n1: bpftoll-record data .\{40\}\)./\1A/' "$dir/fails/launch-1.out"
rm -r "$dir/fails/n1"
exits 1 "a record that was changed on its way" "${fleet[@]}" status "$dir/fails"
says "is a gap" "n1 boot 1 run 1 lost: its record came damaged: "
done_testing
