#!/usr/bin/env python3
"""Where a fuzzer begins: seeds.py FUZZER FOLDER BUILD writes small, valid inputs of its kind, and words to put into them
as FOLDER.dict, where its inputs have some."""
import base64, glob, gzip, json, os, shutil, struct, sys, zlib

fuzzer, folder, build = sys.argv[1:4]
made = 0


def seed(data):
    global made
    made += 1
    data = data.encode() if isinstance(data, str) else data
    open(os.path.join(folder, f"seed{made}"), "wb").write(data)


def words(*texts):
    with open(f"{folder}.dict", "w") as out:
        for text in texts:
            out.write('"%s"\n' % "".join(f"\\x{byte:02x}" for byte in text.encode()))


def shortened(path, rows=2):
    """A record with a few rows of each kind: whole ones are too long to be changed much."""
    record = json.load(open(path))
    record = {k: v[:rows] if isinstance(v, list) else v for k, v in record.items()}
    for cell in record["cells"]:
        # the readings that fuzz_conclusions lays beside it
        cell.update({name: "x.gz" for name in ("samples", "baseline_samples") if cell.get(name)})
    return record


def by_schema(schema, node):
    """A value that has every member the schema knows."""
    while "$ref" in node or "anyOf" in node:
        node = schema["$defs"][node["$ref"].split("/")[-1]] if "$ref" in node else \
            next(n for n in node["anyOf"] if n.get("type") != "null")
    kind = node.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if "const" in node or "enum" in node:
        return node.get("const", node.get("enum", [None])[0])
    if kind == "object":
        return {k: by_schema(schema, v) for k, v in node["properties"].items()}
    if kind == "array":
        return [by_schema(schema, node["items"])] * 2
    return {"string": "a", "boolean": True, "integer": 2, "number": 2.5}[kind]


def cpio(files):
    out = b""
    for i, (name, mode, data) in enumerate(files + [("TRAILER!!!", 0, b"")]):
        name = name.encode() + b"\0"
        fields = (i + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        out += b"070701" + b"".join(b"%08X" % f for f in fields) + name
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return out


def elf(sections=b""):
    head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, 0x1000, 64, 0, 0, 64,
                       56, 1, 0, 0, 0)
    note = struct.pack("<III4sQ", 4, 8, 18, b"Xen\0", 0x1000)
    part = struct.pack("<IIQQQQQQ", 4, 4, 120, 0, 0, len(note), len(note), 4)
    return head + part + note + sections


def bzimage():
    at = bytearray(8192)
    at[0x1f1] = 1
    struct.pack_into("<I", at, 0x1f4, (8192 - 1024) // 16)
    struct.pack_into("<H", at, 0x1fe, 0xaa55)
    at[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", at, 0x206, 0x20f)
    struct.pack_into("<H", at, 0x20e, 0x300)
    at[0x211] = 1
    struct.pack_into("<H", at, 0x236, 1)
    struct.pack_into("<II", at, 0x248, 64, 1024)
    at[0x500:0x500 + 40] = b"6.1.0-56-cloud-amd64 (builder@host) #1 \0"
    at[1024 + 64:1024 + 68] = b"\x28\xb5\x2f\xfd"
    return bytes(at)


def arm64():
    at = bytearray(1024)
    at[0:2], at[56:60], at[60] = b"MZ", b"ARMd", 64
    at[64:68] = b"PE\0\0"
    struct.pack_into("<H", at, 70, 1)
    struct.pack_into("<II", at, 64 + 24 + 16, 256, 768)
    at[512:562] = b"Linux version 6.1.0-56-cloud-arm64 (builder@host) "
    return bytes(at)


def packet(text):
    return b"+$" + text + b"#%02x" % (sum(text) & 255)


# a record with all members, of made-up values
whole = json.load(open("reports/record.schema.json"))
whole = by_schema(whole, whole)
cells = whole["cells"] = [dict(whole["cells"][0], variant=name, hook="kprobe", body="perf", trigger="munmap_einval")
                          for name in ("kprobe_perf", "kprobe_empty")]
for cell in cells:
    cell["id"] = "/".join(cell[part] for part in ("variant", "trigger", "drain", "cache"))
    cell["events"] = dict(cell["events"], produced=2, received=1, lost=1)

if fuzzer == "fuzz_record":
    seed(json.dumps(whole))
    for path in glob.glob("tests/records/*/record.json") + glob.glob("reports/examples/*/record.json"):
        seed(json.dumps(shortened(path)))
elif fuzzer == "fuzz_conclusions":
    examples = lambda *names: [f"reports/examples/{name}/record.json" for name in names]
    for paths in (examples("run", "features", "calibrate"), examples("run", "events", "lab"), examples("run", "run"),
                  examples("kernels/6.1.0", "kernels/6.12.118"), examples("helpers", "lab"), examples("opensnoop"),
                  examples("apps", "run"), ["tests/records/run/record.json"], ["tests/records/events/record.json"], []):
        # spaces: which use is made of them goes by the length
        for use in range(6):
            text = json.dumps([shortened(path, 3) for path in paths] or [whole, whole])
            seed(text + " " * ((use - len(text)) % 6))
elif fuzzer == "fuzz_json_tree":
    seed(json.dumps(whole["host"]))
    seed('{"a": [1, -2.5e-3, 0.1, 123456789012345678, 1.7976931348623157e308, null, true, false, "\\u00e9\u00e9\\n"], "b": {}}')
elif fuzzer == "fuzz_campaign":
    tasks = [{"node": "n1", "boot": 1, "run": 1, "job": "7_1"}, {"node": "n2", "boot": 1, "run": 1, "lost": "NODE_FAIL"},
             {"node": "n1", "boot": 2, "run": 1}]
    campaign = {"schema": "bpftoll-campaign/1", "id": "0a", "slurm": True, "stream": False, "partition": "debug",
                "time_limit": "1:00", "boots": 2, "repeat": 2, "argv": ["run", "--suite", "quick"], "tasks": tasks}
    seed(json.dumps([campaign, {"code": 0, "why": "", "boot_id": "b"}]))
    seed(json.dumps([campaign, {"code": 3, "why": "no such hook"}]))
elif fuzzer == "fuzz_slurm":
    seed("slurm-wlm 22.05.8\n"), seed("n1|debug*\nn2|debug*\nn3|long\n"), seed("n1\nn2\n"), seed("down*|Not responding\n")
    states = ("PENDING", "RUNNING", "COMPLETED", "NODE_FAIL", "CANCELLED", "OTHER")
    seed("".join(f"7|{1 + i % 2}|{state}|Resources|n{1 + i // 2 % 2}/{1 + i // 4}\n" for i, state in enumerate(states)))
    seed("7\n")
elif fuzzer == "fuzz_round_log":
    seed(b""), seed(b"\0"), seed(struct.pack("<BHI", 0, 8, 1)), seed(struct.pack("<BHI", 2, 4, 1) + b"\0")
elif fuzzer == "fuzz_budget":
    seed(json.dumps({"schema": "bpftoll-budget/1", "rate": 10000, "overload_rate": 100000,
                     "tick_percent": 1, "other_syscalls": 50000, "p99_ns": {"green": 1000, "red": 2000},
                     "cpu_percent": {"green": 1, "red": 3}, "loss_percent": {"green": 0.01, "red": None}}))
elif fuzzer == "fuzz_object":
    shutil.copy(os.path.join(build, "bpf/programs/rates_munmap.bpf.o"), folder)
    for section in ("kprobe/do_unlinkat", "tracepoint/syscalls/sys_enter_munmap", "?fentry/vfs_read",
                    "uprobe//usr/bin/x:main+0x10", "kprobe.multi/tcp_*", "usdt/x:a:b", "xdp"):
        seed(section + "\0")
elif fuzzer == "fuzz_kernel":
    seed(bzimage()), seed(arm64()), seed(elf())
elif fuzzer == "fuzz_kallsyms":
    seed("ffffffff81000000 T _text\nffffffff81000010 t local\nffffffff81000010 W weak\n"
         "ffffffff81000020 D data\nffffffffc0000000 t bpf_prog_1_x\t[bpf]\n")
    words("ffffffff81", "ffff8000000000", " t ", " T ", " W ", "_start", "_end", "__pfx_", "\t[bpf]\n", ".cold")
elif fuzzer == "fuzz_results":
    archive = cpio([("run", 0o40755, b""), ("run/record.json", 0o100644, b"{}"),
                    ("../up", 0o100644, b"x"), ("/tmp/abs", 0o100644, b"x"),
                    ("link", 0o120777, b"/etc"), ("link/passwd", 0o100644, b"x")])
    seed(b"\x01" + archive), seed(b"\x00" + gzip.compress(archive)), seed(b"\x01" + cpio([]))
elif fuzzer == "fuzz_record_stream":
    packed = gzip.compress(cpio([("run-2", 0o40755, b""), ("run-2/record.json", 0o100644, b"{}"),
                                 ("run-2.ended", 0o100644, b"{}")]))
    seed(b"\x01" + packed), seed(b"\x01" + gzip.compress(cpio([("../up", 0o100644, b"x")]))), seed(b"\x01" + packed[:40])
    lines = [b"started 0a 1 2", b"begin 0a 1 2", b"data " + base64.b64encode(packed),
             b"end %d %08x" % (len(packed), zlib.crc32(packed)), b"alive", b"gap 0a 1 3 no space"]
    text = b"".join(b"bpftoll-record " + line + b"\n" for line in lines)
    seed(b"\x00Welcome\n" + text), seed(b"\x00" + text + text), seed(b"\x00" + text[:200] + text)
elif fuzzer == "fuzz_apt":
    seed("linux-image-6.1.0-56-cloud-amd64 | 6.1.192-2 | http://x/debian bookworm/main amd64 Packages\n"
         "linux-image-6.12.118+deb13-cloud-amd64-unsigned | 6.12.118-1 | http://x trixie/main amd64\n")
    words(" | ", "linux-image-", "-cloud-amd64", "-unsigned", "amd64 Packages\n", "+deb13", "~bpo", "-security|", "|main|")
    seed("Debian|bookworm|main|http://deb.x/debian\nDebian|bookworm-security|main|http://sec.x/d\n")
elif fuzzer == "fuzz_journal":
    words("\nset\t", "\nowner\t", "\\t", "\\x80", "\\\\", "\tff\t")
    seed("bpftoll isolate journal 1\nowner\t12\t345\t0a-1b\n"
         "set\tirq 9\t/proc/irq/9/smp_affinity\tff\t01\nset\ta\\tb\t/x\\\\y\t\\x80\\n\t\n")
elif fuzzer == "fuzz_samples":
    ticks = struct.pack("<6I", 100, 101, 102, 4294967295, 4294967293, 7)
    seed(b"\x01" + ticks), seed(b"\x00" + gzip.compress(ticks)), seed(b"\x00" + gzip.compress(ticks)[:9])
elif fuzzer == "fuzz_folded":
    seed("[bpftoll];__x64_sys_munmap;do_munmap 12\n[bpftoll] 3\n")
elif fuzzer == "fuzz_gdb_stub":
    answers = [b"OK", b"T05thread:01;", b"0010000000000000", b"00" * 64, b"1*\"00", b"E01"]
    seed(b"".join(map(packet, answers))), seed(b"".join(packet(b"OK") for _ in range(12)))
    words("$OK#9a", "$T05#b9", "$S05#b8", "$E01#a6", "$W00#b7", "$l#6c", "+", "$0010000000000000#01", "}", "*")
    seed(packet(b"ENABLE=1,NOIRQ=2,NOTIMER=4") + packet(b"0x1") + packet(b"OK") * 4 + packet(b"T05"))
elif fuzzer == "fuzz_program":
    true = open("/bin/true", "rb").read()
    seed(true), seed(elf())
else:
    sys.exit(f"{fuzzer}: no seeds are known")
if not os.listdir(folder):
    sys.exit(f"{fuzzer}: no seed was made")
