#!/usr/bin/env bash
# README.md: small enough, its transcripts have the shape of what is printed now, and what it and the other documents name is there.
# parallel: reads documents and records only
. "$(dirname "$0")/tap.sh"
here=$(realpath "$(dirname "$0")")
cd "$here/../.." || exit 1

size=$(wc -c <README.md)
if [ "$size" -le 12288 ]; then ok "README.md is at most 12,288 bytes"
else not_ok "README.md is at most 12,288 bytes" "it is $size"; fi

# its transcripts name build/bpftoll, which may be another build here
sed -E "s#^(run|check) = build/bpftoll#\1 = $bpftoll#" "$here/readme.ini" >"$dir/readme.ini"
cp "$here/readme.py" "$dir"
python3 "$dir/readme.py" check README.md >"$dir/check" 2>"$dir/err" || not_ok "the transcripts can be compared" "$(cat "$dir/err")"
while read -r line; do
	case $line in
	ok*SKIP*) skip "$(sed -E 's/^ok [0-9]+ - //; s/ # SKIP.*//' <<<"$line")" "${line##*# SKIP }" ;;
	ok*) ok "${line#ok * - }" ;;
	not*) not_ok "${line#not ok * - }" "$(grep '^#' "$dir/check" | sed 's/^# //')" ;;
	esac
done <"$dir/check"

# The commands, with their options, that the documents name; "help" and hidden commands are none of --help's.
known=$("$bpftoll" --help | sed -nE 's/^  ([a-z]+)  .*/\1/p'; echo help)
for document in README.md CONTRIBUTING.md SECURITY.md kit/README.md kit/man/*.md; do
	[ -e "$document" ] || continue
	wrong=
	while read -r command options; do
		if ! grep -qx "$command" <<<"$known"; then wrong+="$command: no command"$'\n'; continue; fi
		for option in $options; do
			"$bpftoll" "$command" --help | grep -qE -- "(^|[ ,])$option([=[ ]|$)" || wrong+="$command $option: no option"$'\n'
		done
	done < <(python3 "$here/readme.py" commands "$document" | sort -u)
	if [ -z "$wrong" ]; then ok "$document names commands and options that there are"
	else not_ok "$document names commands and options that there are" "$wrong"; fi
done

# The files and folders that a document names: from the top folder, or in its own.
named() {
	grep -oE '(\(|`)(kit|bpf|calib|cpuset|reports|tests)/[A-Za-z0-9_./-]*' "$1" | sed 's/^.//; s/\.$//'
	[ "${1##*/}" != README.md ] || [ "$1" = README.md ] ||
		grep -oE '`[a-z_]+(\.bpf)?\.(c|h|def|sh)`|`[a-z]+/`' "$1" | tr -d '`'
}
# there PATH FOLDER: a bare name may be anywhere below the folder; kit/README.md is about all of them
there() {
	[ -e "$1" ] || [ -e "$2/$1" ] && return 0
	[ "$2" = kit ] && set -- "$1" .
	[ -n "$(find "$2" -path './build*' -prune -o -name "${1%/}" -print -quit)" ]
}
for document in $(git ls-files '*.md' 2>/dev/null || find . -name '*.md'); do
	case $document in reports/examples/report/*|CHANGELOG.md) continue ;; esac
	wrong=
	for path in $(named "$document" | sort -u); do
		case $path in *NAME*|reports/runs*) continue ;; esac
		there "$path" "$(dirname "$document")" ||
			wrong+="$path"$'\n'
	done
	if [ -z "$wrong" ]; then ok "$document names files that there are"
	else not_ok "$document names files that there are" "$wrong"; fi
done
done_testing
