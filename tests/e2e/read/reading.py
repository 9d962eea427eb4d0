#!/usr/bin/env python3
# reading.py REPORT.md: what makes a report hard to read, one fault a line; nothing when all is well.
#
# Prose is what is left without tables, code, pictures and footnotes (which are evidence). No sentence
# of it has more than 30 words. No word of it is a name of the inside: a result's id, a wakeup policy
# as records have it, a variant. Text of records, in *italics* and in the Appendix's facts, is not ours.
import re
import sys

WORDS = 30
INSIDE = re.compile(
    r"[a-z0-9_]+/[a-z0-9_]+/[a-z0-9_-]+"  # variant/workload/wakeup/cache
    r"|\b(caught_up|sampled(_\d+)?|polled_1ms|munmap_einval|munmap_4k|madvise_dontneed_4k)\b"
    r"|\b[a-z_]+_(perf|ringbuf|empty|lookup_hit|lookup_miss|as_written)\b"
)


def prose(lines):
    """Paragraphs and items, as plain text, without what is no prose."""
    kept, text = [], ""
    for line in lines + [""]:
        fact = re.match(r"- \*\*[^*]+\*\*: ", line)
        if re.match(r"\s*(\||!\[|#|\[\^)", line) or fact or not line.strip():
            kept.append(text)
            text = ""
            continue
        if re.match(r"\s*(- |\d+\. )", line):
            kept.append(text)
            text = ""
        text += " " + line.strip().rstrip("\\")
    kept.append(text)
    return [t.strip() for t in kept if t.strip()]


def plain(text):
    text = re.sub(r"`[^`]*`", "CODE", text)
    text = re.sub(r"\[\^\d+\]", "", text)
    text = re.sub(r"(?<!\*)\*(?!\*)[^*]+\*(?!\*)", lambda m: "QUOTE" if len(m[0].split()) > 2 else m[0], text)
    text = re.sub(r"\\(.)", r"\1", text.replace("**", ""))
    return re.sub(r"&\w+;", "", re.sub(r"^(- |\d+\. )", "", text))


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        # below that heading are lists of names, by reason
        text = file.read().split("## Not measured, and why")[0]
    paragraphs = [plain(p) for p in prose(text.split("\n"))]
    if len(paragraphs) < 5:
        print(f"only {len(paragraphs)} paragraphs: is this a report?")
    for paragraph in paragraphs:
        if "  " in paragraph:
            print(f"two spaces: {paragraph}")
        if re.search(r"\b(nan|inf)\b", paragraph):
            print(f"no number: {paragraph}")
        inside = INSIDE.search(paragraph)
        if inside:
            print(f"name of the inside, {inside[0]}: {paragraph}")
        for sentence in re.split(r"(?<=[.?!])\s+", paragraph):
            words = [w for w in sentence.split() if re.search(r"\w", w)]
            if len(words) > WORDS:
                print(f"{len(words)} words: {sentence}")


main()
