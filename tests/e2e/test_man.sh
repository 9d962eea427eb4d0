#!/usr/bin/env bash
# The manual pages: they render without a warning, and name the options of each --help, no more and no fewer.
# parallel: reads documents and records only
. "$(dirname "$0")/tap.sh"
top=$(realpath "$(dirname "$0")/../..") man=$top/kit/man

for page in "$man"/*.[0-9].md; do
	name=$(basename "$page" .md)
	if ! command -v pandoc >/dev/null || ! command -v man >/dev/null; then
		skip "$name renders" "pandoc or man is not installed"
		continue
	fi
	env -u MAKEFLAGS make -s -C "$top" "B=$dir" "$dir/man/$name" >/dev/null 2>"$dir/err"
	MANWIDTH=80 LC_ALL=C.UTF-8 man --warnings -l "$dir/man/$name" 2>>"$dir/err" >"$dir/out"
	if [ ! -s "$dir/err" ] && grep -q '^NAME' "$dir/out"; then ok "$name renders"
	else not_ok "$name renders" "$(head -n 20 "$dir/err")"; fi
	# apropos and whatis find a page by the names in its first section
	if sed -n '/^# NAME/,/^# [^N]/p' "$page" | grep -qE "(^|, )${name%.*}(,| -)"; then ok "$name says its name"
	else not_ok "$name says its name"; fi
done

# make install puts the pages where man looks for them.
if command -v pandoc >/dev/null && command -v man >/dev/null; then
	check "make install-man" env -u MAKEFLAGS make -s -C "$top" "B=$dir" "DESTDIR=$dir/root" PREFIX=/usr install-man
	for name in bpftoll bpftoll-run bpftoll-verdict bpftoll-method; do
		check "man finds $name" man -M "$dir/root/usr/share/man" -w "$name"
	done
fi

# The options that a page's section documents: the terms of its definition lists. options_of PAGE [SECTION]
options_of() {
	awk -v section="$2" '
		/^# / { inside = section == "" || substr($0, 3) == section }
		/^:   / && inside { print term }
		{ if ($0 != "") term = $0 }' "$1" | sed 's/\\--/--/g' | grep -E '^\*\*-' |
		grep -oE -- '--[a-z][a-z-]*' | sort -u
}
# The section about a command is one of that name, or a page of its own.
documented() {
	local page
	page=$(grep -lx "# ${1^^}" "$man"/*.1.md | head -n 1)
	if [ -n "$page" ]; then options_of "$page" "${1^^}"
	elif [ -e "$man/bpftoll-$1.1.md" ]; then options_of "$man/bpftoll-$1.1.md" ""; fi
}
helped() {
	"$bpftoll" "$1" --help | grep -oE '^ +(-[a-zA-Z?], +)?--[a-z][a-z-]*' |
		grep -oE -- '--[a-z][a-z-]*' | grep -vxE -- '--(help|usage|version)' | sort -u
}

commands=$("$bpftoll" --help | sed -nE 's/^  ([a-z]+)  .*/\1/p')
for c in $commands; do
	documented "$c" >"$dir/page"; helped "$c" >"$dir/help"
	if diff "$dir/page" "$dir/help" >"$dir/diff"; then ok "$c: the page has the options of --help"
	else not_ok "$c: the page has the options of --help (< page, > --help)" "$(cat "$dir/diff")"; fi
	if grep -qE "^\*\*$c\*\*" "$man/bpftoll.1.md"; then ok "bpftoll.1 names $c"
	else not_ok "bpftoll.1 names $c"; fi
done
if [ "$(wc -w <<<"$commands")" -ge 10 ]; then ok "the commands were found"
else not_ok "the commands were found" "$commands"; fi

terms=$(awk '/^# / { inside = $0 == "# GLOSSARY" } /^:   / && inside' "$man/bpftoll-method.7.md" | wc -l)
if [ "$terms" -gt 0 ] && [ "$terms" -le 20 ]; then ok "the glossary has 20 terms or fewer"
else not_ok "the glossary has 20 terms or fewer" "it has $terms"; fi
done_testing
