#!/usr/bin/env bash
# tests/torture/allocations.sh MINUTES [BPFTOLL] [SEED]: one allocation fails in each run of a command, in random order
here=$(dirname "$0")
exec python3 "$here/allocations.py" "${2:-$here/../../build/bpftoll}" --minutes "${1:?how many minutes?}" --seed "${3:-1}"
