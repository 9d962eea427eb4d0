#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SPDX 2.3 bill of materials of a built binary: sbom.py BINARY VERSION. What it is linked with is
asked of the dynamic linker, the packages' versions of dpkg. A licence that is not in the list below
is NOASSERTION, not a guess."""
import hashlib, json, os, re, subprocess, sys, time

# By the upstream projects' own statements.
LICENCES = {
    "libbpf": "LGPL-2.1-only OR BSD-2-Clause",
    "libelf": "GPL-2.0-or-later OR LGPL-3.0-or-later",
    "zlib": "Zlib",
    "libpfm4": "MIT",
    "libhwloc": "BSD-3-Clause",
    "libgsl": "GPL-3.0-or-later",
    "jansson": "MIT",
    "yajl": "ISC",
    "libzstd": "BSD-3-Clause OR GPL-2.0-only",
    "sqlite3": "blessing",
    "libpq": "PostgreSQL",
    "glibc": "LGPL-2.1-or-later",
    "libudev": "LGPL-2.1-or-later",
    "zydis": "MIT",
    "zycore": "MIT",
}
NAMES = [(r"libbpf\.", "libbpf"), (r"libelf\.", "libelf"), (r"libz\.", "zlib"),
         (r"libpfm\.", "libpfm4"), (r"libhwloc\.", "libhwloc"), (r"libgsl", "libgsl"),
         (r"libjansson\.", "jansson"), (r"libyajl\.", "yajl"), (r"libzstd\.", "libzstd"), (r"libsqlite3\.", "sqlite3"),
         (r"libpq\.", "libpq"), (r"lib[cm]\.|ld-linux", "glibc"), (r"libudev\.", "libudev"),
         (r"libZydis\.", "zydis"), (r"libZycore\.", "zycore")]


def packages(binary):
    """Debian package -> (version, project), of every library that the dynamic linker maps."""
    found = {}
    for line in subprocess.run(["ldd", binary], capture_output=True, text=True).stdout.splitlines():
        m = re.search(r"(/\S+) \(0x", line)
        if not m:
            continue
        path = m.group(1)
        for name in (path, os.path.realpath(path), "/usr" + path, "/usr" + os.path.realpath(path)):
            owner = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True)
            if owner.returncode == 0:
                break
        else:
            sys.exit(f"{path}: no package has it")
        package = owner.stdout.split(": ")[0].split(",")[0]
        version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                                 capture_output=True, text=True, check=True).stdout
        project = next((p for r, p in NAMES if re.match(r, os.path.basename(path))), None)
        found[package.split(":")[0]] = (version, project)
    return found


def main():
    binary, version = sys.argv[1:3]
    content = open(binary, "rb").read()
    digest = hashlib.sha256(content).hexdigest()
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                            time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))
    rows = [{"SPDXID": "SPDXRef-bpftoll", "name": "bpftoll", "versionInfo": version,
             "downloadLocation": "NOASSERTION", "licenseConcluded": "GPL-3.0-or-later",
             "licenseDeclared": "GPL-3.0-or-later", "copyrightText": "2026 the bpftoll authors",
             "filesAnalyzed": False, "checksums": [{"algorithm": "SHA256", "checksumValue": digest}]}]
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                  "relatedSpdxElement": "SPDXRef-bpftoll"}]
    for package, (found, project) in sorted(packages(binary).items()):
        ref = "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", package)
        licence = LICENCES.get(project, "NOASSERTION")
        rows.append({"SPDXID": ref, "name": package, "versionInfo": found,
                     "downloadLocation": "NOASSERTION", "licenseConcluded": "NOASSERTION",
                     "licenseDeclared": licence, "copyrightText": "NOASSERTION",
                     "filesAnalyzed": False, "externalRefs": [{
                         "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                         "referenceLocator": f"pkg:deb/debian/{package}@{found}"}]})
        relations.append({"spdxElementId": "SPDXRef-bpftoll", "relationshipType": "DYNAMIC_LINK",
                          "relatedSpdxElement": ref})
    json.dump({"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
               "name": f"bpftoll-{version}",
               "documentNamespace": f"https://spdx.org/spdxdocs/bpftoll-{version}-{digest[:16]}",
               "creationInfo": {"created": created, "creators": ["Tool: bpftoll make sbom"]},
               "packages": rows, "relationships": relations}, sys.stdout, indent=1)
    print()


main()
