#!/usr/bin/env bash
# Does this change make BPF programs dearer? pre-merge.sh BASE OBJECT BUILD…: BUILD (make, ninja, …) makes OBJECT, a path below the
# repository's top, here and in a checkout of BASE (a branch or commit). Exit status 3: the gate fails. No root, no KVM.
# KERNELS="5.10 6.1 6.12" chooses kernels, LIMIT=5% what may grow, OUT=DIR keeps records, junit.xml, bencher.json and benchmark.json.
set -eu
[ $# -ge 3 ] || { sed -n 2,4p "$0" >&2; exit 2; }
base=$1 object=$2; shift 2
top=$(git rev-parse --show-toplevel)
out=${OUT:-$(mktemp -d)}
there=$(mktemp -d)
trap 'git -C "$top" worktree remove --force "$there/base" 2>/dev/null || true; rm -rf "$there"' EXIT
git -C "$top" worktree add --quiet --detach "$there/base" "$base"
(cd "$there/base" && "$@") >&2
(cd "$top" && "$@") >&2
kernels=()
for kernel in ${KERNELS:-5.10 6.1 6.12}; do kernels+=(--kernel "$kernel"); done
mkdir -p "$out"
"${BPFTOLL:-bpftoll}" lab "${kernels[@]}" --object "$top/$object" --against "$there/base/$object" --fail-above "${LIMIT:-0}" --markdown \
	--junit "$out/junit.xml" --bencher "$out/bencher.json" --github-benchmark "$out/benchmark.json" -o "$out/lab"
