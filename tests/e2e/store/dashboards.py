#!/usr/bin/env python3
# Grafana's part: what it sends to the database when a dashboard is opened with everything chosen.
#   dashboards.py schema SCHEMA DASHBOARD     the faults of its JSON
#   dashboards.py sql DASHBOARD FOLDER USER   runs each query with psql in database "store" of the server in FOLDER
#   dashboards.py promql DASHBOARD METRICS    evaluates each expression over an OpenMetrics export, with promtool
# Prints "ok WHAT" or "not ok WHAT: why", one line each.
import json
import re
import subprocess
import sys
import tempfile

VARIABLE = re.compile(r"\$\{([a-z_]+)(?::([a-zA-Z:]+))?\}|\$([a-z]+)")


def told(what, fault=""):
    print(f"not ok {what}: {fault}" if fault else f"ok {what}")


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def schema(path, dashboard):
    import jsonschema
    board = load(dashboard)
    faults = [f"{'/'.join(map(str, e.path))}: {e.message}" for e in jsonschema.Draft7Validator(load(path)).iter_errors(board)]
    told("its JSON is what Grafana reads", "; ".join(faults))
    ids = [p["id"] for p in board["panels"]]
    told("no two panels have one id", "" if len(set(ids)) == len(ids) else str(ids))
    taken, twice = set(), set()
    for p in board["panels"]:
        g = p["gridPos"]
        for place in ((x, y) for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])):
            (twice if place in taken or place[0] > 23 else taken).add(place)
    told("no two panels lie on one another", str(sorted(twice)) if twice else "")
    names = {v["name"] for v in board["templating"]["list"]} | {"__from", "__to"}
    unknown = {m[1] or m[3] for m in VARIABLE.finditer(json.dumps(board))} - names
    told("all variables are there", ", ".join(unknown))


def ask(folder, user, text):
    done = subprocess.run(["psql", "-XqAt", "--csv", "-v", "ON_ERROR_STOP=1", "-h", folder, "-U", user, "-d", "store", "-f", "-"], input=text,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr.strip().replace("\n", " "))
    import csv
    import io
    return list(csv.reader(io.StringIO(done.stdout)))


def sql(dashboard, folder, user):
    board = load(dashboard)
    values = {"__from": ["2000-01-01T00:00:00.000Z"], "__to": ["2100-01-01T00:00:00.000Z"]}

    def put(match):
        if match[2] == "sqlstring":
            return ",".join("'" + v.replace("'", "''") + "'" for v in values[match[1]])
        if match[2] == "date:iso":
            return values[match[1]][0]
        raise ValueError(f"{match[0]}: would be put into SQL without quotation marks")

    for variable in board["templating"]["list"]:
        if variable["type"] != "query":
            continue
        try:
            found = [row[0] for row in ask(folder, user, VARIABLE.sub(put, variable["query"]))]
            values[variable["name"]] = found if variable["multi"] else found[:1]
            told(f"variable {variable['name']}: {len(found)} values", "" if found else "none")
        except ValueError as error:
            told(f"variable {variable['name']}", str(error))
            return
    for panel in board["panels"]:
        for target in panel["targets"]:
            name = f"panel {panel['title']} {target['refId']}"
            try:
                query = VARIABLE.sub(put, target["rawSql"])
                columns = ask(folder, user, query + "\n\\gdesc\n")
                rows = ask(folder, user, query)
            except ValueError as error:
                told(name, str(error))
                continue
            fault = "" if rows else "no row"
            if target["format"] == "time_series":
                types = {n: t for n, t in columns}
                if not types.get("time", "").startswith("timestamp") or types.get("metric") != "text" or "double precision" not in types.values():
                    fault = f"no time series: {types}"
            told(f"{name}: {len(rows)} rows", fault)


def promql(dashboard, metrics):
    board = load(dashboard)
    series = []
    with open(metrics, encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                continue
            name, labels, value = re.fullmatch(r"([a-z0-9_]+)(?:\{(.*)\})? (\S+)\n", line).groups()
            series.append({"series": f'{name}{{instance="here"{"," + labels if labels else ""}}}', "values": value})
    names = {s["series"].split("{")[0] for s in series}

    def put(match):
        return {"instance": ".*", "variant": ".*", "trigger": "munmap_einval"}[match[1] or match[3]]

    asked = [(f"panel {p['title']} {t['refId']}", t["expr"]) for p in board["panels"] for t in p["targets"]]
    asked += [(f"variable {v['name']}", re.fullmatch(r"label_values\((.*), ([a-z]+)\)", v["definition"])) for v in board["templating"]["list"]
              if v["type"] == "query"]
    ready = []
    for what, expr in asked:
        if not isinstance(expr, str):  # label_values(SELECTOR, LABEL): those with the label
            expr = f'count({expr[1]}) by ({expr[2]}) unless count({expr[1]} unless {expr[1]}{{{expr[2]}!=""}})' if "{" not in expr[1] else \
                f'count({expr[1][:-1]},{expr[2]}!=""}})'
        expr = VARIABLE.sub(put, expr)
        lost = set(re.findall(r"bpftoll_[a-z0-9_]+", expr)) - names
        if lost:
            told(what, f"the export has no {', '.join(lost)}")
        else:
            ready.append((what, expr))
    # all at once, which is quick; one by one to learn which is at fault
    if not evaluate(series, [expr for _, expr in ready]):
        for what, _ in ready:
            told(what)
        return
    for what, expr in ready:
        told(what, evaluate(series, [expr]))


def evaluate(series, exprs):
    """What promtool finds wrong with these; "" for nothing."""
    tests = [{"expr": f"count({e}) > bool 0", "eval_time": "0m", "exp_samples": [{"labels": "{}", "value": 1}]} for e in exprs]
    # JSON is YAML
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump({"rule_files": [], "evaluation_interval": "1m",
                   "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": tests}]}, file)
        file.flush()
        done = subprocess.run(["promtool", "test", "rules", file.name], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else " ".join((done.stdout + done.stderr).split())[-300:] or "promtool failed"


{"schema": schema, "sql": sql, "promql": promql}[sys.argv[1]](*sys.argv[2:])
