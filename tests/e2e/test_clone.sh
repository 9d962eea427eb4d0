#!/usr/bin/env bash
# The front door: a fresh clone, `make run` to its end, and a table in it: as root, as a user with sudo, as one without.
. "$(dirname "$0")/tap.sh"
repo=$(cd "$(dirname "$0")/../.." && pwd)
user=bpftoll-test-$$ sudoers=/etc/sudoers.d/bpftoll-test-$$
trap 'rm -f "$sudoers"; userdel "$user" 2>/dev/null; rm -rf "$dir"' EXIT
# Short, and only bodies that send nothing: which hooks there are, the kernel decides.
RUN="--seconds 3 --variant *_empty --trigger munmap_einval"
# What make passes on to a test would reach the clone as well.
clean=(env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES)

# as_user PATH COMMAND…
as_user() {
	local path=$1; shift
	setpriv --reuid "$user" --regid "$user" --init-groups env -i PATH="$path" HOME="$dir/user" USER="$user" "$@"
}
# table NAME: $dir/out ends with the answer's record, which holds a variant's row with a number; where every row was skipped, none can
table() {
	local record
	record=$(sed -nE 's/^Record +([^ ]+).*/\1/p' "$dir/out")
	if "$bpftoll" report --full "$record" 2>&1 | grep -qE '^  [a-z_]+_empty .* [+-][0-9]+'; then ok "$1"
	else not_ok "$1" "$(tail -n 30 "$dir/out" "$dir/err")"; fi
}

if ! command -v git >/dev/null || ! git -c safe.directory='*' -C "$repo" rev-parse HEAD >"$dir/err" 2>&1; then
	skip "a fresh clone" "no git, or the test is not in a repository: $(tail -n 1 "$dir/err")"; done_testing; exit 0
fi
# the repository may be somebody else's
printf '[safe]\n\tdirectory = *\n' >"$dir/gitconfig"
exits 0 "git clone" env GIT_CONFIG_GLOBAL="$dir/gitconfig" git clone -q "$repo" "$dir/clone"
cd "$dir/clone" || exit 1
check "git keeps no folder for records: make run makes it" test ! -e reports/runs
"${clean[@]}" make -n -B run >"$dir/out" 2>/dev/null
says "all CPUs build" "^make -j$(nproc) --no-print-directory build/bpftoll"
"${clean[@]}" make -n -B -j1 run >"$dir/out" 2>/dev/null
says "unless -j says otherwise" "^make  --no-print-directory build/bpftoll"

# ---- as root (or with this user's own sudo) ---------------------------------------------------------
may=$("$bpftoll" run --trigger munmap_einval --variant raw_tp_empty --seconds 1 -o "$dir/a/b/c" 2>&1 >/dev/null); code=$?
if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
	skip "make run in a clone" "neither root nor sudo without a password"
elif [ "$code" = 4 ] && [ "$(id -u)" = 0 ]; then
	skip "make run in a clone" "nothing can be measured here: $(echo "$may" | tail -n 1)"
else
	[ "$(id -u)" != 0 ] || check "run -o a/b/c made the parents" test -s "$dir/a/b/c/record.json"
	exits 0 "make run in a clone" "${clean[@]}" make run RUN="$RUN"
	table "it ends with the table"
	check "with the record" sh -c 'test -s reports/runs/2*/record.json'
	check "and the report" sh -c 'test -s reports/runs/2*/report/report.md'
fi

# ---- as a throw-away user, in a copy of what was built -----------------------------------------------
if [ "$(id -u)" != 0 ] || ! command -v useradd >/dev/null || ! command -v setpriv >/dev/null; then
	skip "other users" "needs root, useradd and setpriv"; done_testing; exit 0
fi
"${clean[@]}" make -j"$(nproc)" build/bpftoll >/dev/null 2>&1
rm -rf reports/runs
useradd -M -d "$dir/user" -s /bin/sh "$user" || { not_ok "useradd"; done_testing; exit 1; }
chmod 755 "$dir"
mkdir "$dir/user"; cp -a "$dir/clone" "$dir/user/clone"; chown -R "$user:" "$dir/user"
cd "$dir/user/clone" || exit 1

# everything but sudo is in PATH
mkdir -m 755 "$dir/path"
for at in /usr/local/bin /usr/bin /bin /usr/sbin /sbin; do ln -s "$at"/* "$dir/path/" 2>/dev/null; done
rm -f "$dir/path/sudo"
exits 2 "without root and sudo, make run fails" as_user "$dir/path" make run RUN="$RUN"
says "bpftoll has ended with 4" "Error 4"
says "and says what is missing" "needs root, or CAP_BPF and CAP_PERFMON"
says "how to get it" "as root or with sudo"
check "nothing was left" test ! -e reports/runs
exits 4 "the binary: nothing can be measured" as_user "$dir/path" build/bpftoll run
says "in one line" "^bpftoll: no probe can be attached: needs root"
check "and in no other" test "$(wc -l <"$dir/err")" = 1

if ! command -v sudo >/dev/null; then
	skip "a user with sudo" "sudo is not installed (make deps-test)"; done_testing; exit 0
fi
if [ "$code" = 4 ]; then
	skip "a user with sudo" "nothing can be measured here"; done_testing; exit 0
fi
echo "$user ALL=(ALL) NOPASSWD: ALL" >"$sudoers"; chmod 440 "$sudoers"
exits 0 "make run by a user with sudo" as_user /usr/local/bin:/usr/bin:/bin make run RUN="$RUN"
table "ends with the table, too"
check "what was measured is the user's" test -z "$(find "$dir/user/clone" ! -user "$user")"
check "the user can take it away" as_user /usr/bin:/bin rm -r reports/runs
done_testing
