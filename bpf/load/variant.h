/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * variant: the rows of variants.def as const data: find, match, iterate.
 *
 * A variant is a hook (how a program is attached) times a body (what it does). Bodies are a
 * incremental programs: each does what the one before it does and one step more, up to the whole
 * probe of the mission (perf, ringbuf). Beside the incremental programs stands the mission's probe
 * as its code has it (as_written).
 */
#ifndef BPFTOLL_BPF_LOAD_VARIANT_H
#define BPFTOLL_BPF_LOAD_VARIANT_H

#include <stdbool.h>
#include <stddef.h>

enum hook {
	HOOK_KPROBE,
	HOOK_KPROBE_OFFSET,
	HOOK_KPROBE_INT3,
	HOOK_KRETPROBE,
	HOOK_KPROBE_MULTI,
	HOOK_TRACEPOINT,
	HOOK_RAW_TP,
	HOOK_TP_BTF,
	HOOK_FENTRY,
	HOOK_FEXIT,
	HOOK_COUNT
};

enum body {
	BODY_EMPTY,
	BODY_PID,
	BODY_LOOKUP_MISS,
	BODY_LOOKUP_HIT,
	BODY_ARGS,
	BODY_CLOCK,
	BODY_AS_WRITTEN,
	BODY_AS_WRITTEN_RINGBUF,
	BODY_PERF,
	BODY_RINGBUF,
	BODY_RINGBUF_OUTPUT,
	BODY_COUNT
};

enum output { OUTPUT_NONE, OUTPUT_PERF, OUTPUT_RINGBUF };

struct variant {
	const char *name;
	enum hook hook;
	enum body body;
};

extern const struct variant variants[];
extern const size_t variants_count;

const char *hook_name(enum hook hook);
const char *hook_summary(enum hook hook);
const char *body_name(enum body body);
const char *body_summary(enum body body);

/* Where the body sends its events. */
enum output body_output(enum body body);

/* Is it the mission's code as it stands, whose length, pid and tgid are other things than they say?
 * (reported.h) */
bool body_as_written(enum body body);

/* Does the body want the calling process in monitored_pids? */
bool body_wants_hit(enum body body);

/* Does the hook run for every syscall of every task, not only for the one it is named for? */
bool hook_sees_all_syscalls(enum hook hook);

/* Exact name; NULL when there is none. */
const struct variant *variant_find(const char *name);

/* Shell glob (fnmatch). */
bool variant_match(const struct variant *variant, const char *glob);

#endif
