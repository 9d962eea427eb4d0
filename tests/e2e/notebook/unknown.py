#!/usr/bin/env python3
# A record of which everything is null that may be: unknown.py SCHEMA DIR. One row of each kind, made from the schema.
import json
import os
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)


def least(rule):
    """The emptiest value that a rule of the schema allows."""
    if "$ref" in rule:
        return least(schema["$defs"][rule["$ref"].rsplit("/", 1)[1]])
    if "anyOf" in rule:
        return None if {"type": "null"} in rule["anyOf"] else least(rule["anyOf"][0])
    if "const" in rule:
        return rule["const"]
    if "enum" in rule:
        return rule["enum"][0]
    kind = rule["type"]
    if "null" in kind:
        return None
    return {"string": "x", "integer": 0, "number": 0, "boolean": False, "array": [],
            "object": {key: least(inner) for key, inner in rule.get("properties", {}).items()}}[kind]


record = least(schema)
for key, rule in schema["properties"].items():
    if rule.get("type") == "array" and "$ref" in rule["items"]:
        record[key] = [least(rule["items"])]
record["host"]["tsc_hz"] = 1e9  # a reader refuses a record without
os.makedirs(sys.argv[2])
with open(os.path.join(sys.argv[2], "record.json"), "w", encoding="utf-8") as file:
    json.dump(record, file)
