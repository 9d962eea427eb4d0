#!/usr/bin/env bash
# Every record satisfies reports/record.schema.json: those that are kept, older ones among them, and one that is made now.
. "$(dirname "$0")/tap.sh"
cd "$(dirname "$0")/../.."
python=/usr/bin/python3 # Debian's, which has python3-jsonschema
if ! "$python" -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null; then
	skip "records against the schema" "no python3-jsonschema"; done_testing; exit 0
fi
# valid FILE: else the first faults and where they are
valid() { "$python" -c '
import json, sys
from jsonschema import Draft202012Validator
schema = json.load(open("reports/record.schema.json"))
Draft202012Validator.check_schema(schema)
faults = list(Draft202012Validator(schema).iter_errors(json.load(open(sys.argv[1]))))
for f in faults[:5]: print(f.json_path, f.message[:300])
sys.exit(bool(faults))' "$1"; }
member() { "$python" -c 'import json, sys; print(json.load(open(sys.argv[1])).get(sys.argv[2], ""))' "$@"; }

for record in reports/examples/*/record.json tests/records/*/record.json; do check "$record" valid "$record"; done
echo '{"schema": "bpftoll/1", "cells": [{}]}' >"$dir/bad.json"
check "what is no record is refused" eval '! valid "$dir/bad.json"'

if [ "$(id -u)" != 0 ]; then
	skip "a fresh record" "not root"; done_testing; exit 0
fi
"$bpftoll" run --variant raw_tp_empty --variant raw_tp_ringbuf --trigger munmap_einval --drain idle --rounds 4 --calls 64 \
	-o "$dir/run" >"$dir/out" 2>"$dir/err"; code=$?
if ! [ -e "$dir/run/record.json" ]; then
	skip "a fresh record" "exit $code: $(tail -n 1 "$dir/err")"; done_testing; exit 0
fi
check "a fresh record" valid "$dir/run/record.json"
commit=$(member "$dir/run/record.json" commit)
check "it says which program wrote it" test "$("$bpftoll" --version)" = \
	"bpftoll $(member "$dir/run/record.json" version)${commit:+ ($commit)}"
done_testing
