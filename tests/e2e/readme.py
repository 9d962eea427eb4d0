#!/usr/bin/env python3
"""README.md's transcripts: written from what commands print now, or compared with it.

    readme.py write README.md     runs the commands, replaces the blocks
    readme.py check README.md     TAP: has each block the shape of what its command prints now?
    readme.py commands README.md  the bpftoll commands and options that the text names, one a line

A transcript is a fenced block behind a comment that names a section of readme.ini, which has

    shown   what stands behind the $
    run     the command that makes it (bash, in the top folder; $OUT: a folder that is thrown away)
    check   another one of the same form, for check, where run takes long
    lines   which lines are kept: a regular expression a line, "N: REGEX" for N of them at most
    until   tables end at the column that has this heading

The shape of a line is its words: a number, with its interval, is the same as any other.
"""
import configparser
import os
import re
import subprocess
import sys
import tempfile

BLOCK = re.compile(r"<!-- transcript: (\w+) -->\n```\n(.*?)```\n", re.S)
NUMBER = re.compile(r"(?<![\w.])[~<>=]*\s?[+-]?\d[\d,.]*(?:e[+-]?\d+)?(?:\s?±\s?[\d,.]+)?x?(?![\w])")


class Stale(Exception):
    pass


def output(transcript, command):
    with tempfile.TemporaryDirectory() as out:
        done = subprocess.run(["bash", "-c", command], env={**os.environ, "OUT": out},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    # 3 and 4 are verdicts
    if done.returncode not in (0, 3, 4) or not done.stdout:
        raise Stale(f"{command}: exit {done.returncode}: {done.stderr[-500:].strip()}")
    return excerpt(transcript, done.stdout)


def excerpt(transcript, text):
    rules, kept, width = [], [], None
    for line in transcript.get("lines", "").strip().splitlines():
        most, regex = re.match(r"(?:(\d+): )?(.*)", line).groups()
        rules.append([int(most or 1000), re.compile(regex)])
    until = " " + transcript.get("until", "")
    for line in text.splitlines():
        if line and not line.startswith(" "):
            width = None
        if until != " " and re.search(re.escape(until) + r"(  |$)", line):
            width = line.index(until) + len(until)
        line = line[:width].rstrip()
        rule = next((r for r in rules if r[0] and r[1].search(line)), None)
        if rule:
            rule[0] -= 1
        if rule or not rules:
            kept.append(line)
    return kept


def shape(line):
    line = re.sub(r"\[[^\][]*\d[^\][]*\]", "#", line)
    line = re.sub(r"\d[\d,.]*\.\.[\d,.]*\d", "0", line)
    line = re.sub(r"\d{4}-\d\d-\d\dT[\d:]*Z", "#", line)
    line = NUMBER.sub("#", line)
    return re.sub(r"#( ?#)*", "#", re.sub(r"\s+", " ", line)).strip()


def write(path, transcripts):
    def replace(match):
        transcript = transcripts[match[1]]
        lines = ["$ " + transcript["shown"]] + output(transcript, transcript["run"])
        return f"<!-- transcript: {match[1]} -->\n```\n" + "\n".join(lines) + "\n```\n"

    with open(path, encoding="utf-8") as file:
        text = file.read()
    new = BLOCK.sub(replace, text)
    if new != text:
        with open(path, "w", encoding="utf-8") as file:
            file.write(new)


def differences(transcript, lines):
    now = {shape(line) for line in output(transcript, transcript.get("check", transcript["run"]))}
    if lines[0] != "$ " + transcript["shown"]:
        yield lines[0]
    yield from (line for line in lines[1:] if shape(line) not in now)


def check(path, transcripts):
    number = 0
    with open(path, encoding="utf-8") as file:
        blocks = BLOCK.findall(file.read())
    for number, (name, block) in enumerate(blocks, 1):
        test = f"{number} - the transcript '{name}' has the shape of what is printed now"
        try:
            stale = list(differences(transcripts[name], block.splitlines()))
        except Stale as why:
            # a command that boots kernels needs more than this machine may have
            skip = "check" in transcripts[name]
            print(f"ok {test} # SKIP {why}" if skip else f"not ok {test}\n# {why}")
            continue
        print(f"{'not ' if stale else ''}ok {test}")
        for line in stale:
            print(f"# nothing like this is printed now: {line}")
    print(f"1..{number}")


def commands(path, _):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    code = "\n".join(re.findall(r"```\n(.*?)```", text, re.S) + re.findall(r"(?<!`)`([^`\n]+)`", text) +
                     re.findall(r"^    (\w.*)$", text, re.M))
    for command, rest in re.findall(r"(?:^|/|\n)bpftoll ([a-z]+)\b([^\n;]*)", code):
        options = re.findall(r"--[a-z][a-z-]*", re.split(r" -- |#", rest)[0])
        print(command, *sorted(set(options)))


def main():
    verbs = {"write": write, "check": check, "commands": commands}
    if len(sys.argv) != 3 or sys.argv[1] not in verbs:
        raise SystemExit(__doc__)
    transcripts = configparser.ConfigParser(interpolation=None, empty_lines_in_values=False)
    transcripts.read(os.path.join(os.path.dirname(__file__), "readme.ini"), encoding="utf-8")
    try:
        verbs[sys.argv[1]](sys.argv[2], transcripts)
    except Stale as why:
        raise SystemExit(f"readme: {why}") from why


if __name__ == "__main__":
    main()
