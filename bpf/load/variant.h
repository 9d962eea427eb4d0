/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * variant: the rows of variants.def as const data: find, match, iterate.
 *
 * A variant is a hook (how a program is attached) times a program (what it does; "body" in the
 * code). The programs are incremental: each does what the one before it does and one step more, up
 * to the complete probe (perf, ringbuf). as_written is the probe under test as its code has it.
 */
#ifndef BPFTOLL_BPF_LOAD_VARIANT_H
#define BPFTOLL_BPF_LOAD_VARIANT_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/programs/variants.def"

enum hook {
#define HOOK_ID(ID, ...) HOOK_##ID,
	HOOKS(HOOK_ID) HOOK_COUNT
#undef HOOK_ID
};

enum body {
#define BODY_ID(ID, ...) BODY_##ID,
	BODIES(BODY_ID, yes) BODY_COUNT
#undef BODY_ID
};

enum output { OUTPUT_NONE, OUTPUT_PERF, OUTPUT_RINGBUF };

/* What a program is given by its hook. */
enum context {
#define CONTEXT_ID(ID, ...) CONTEXT_##ID,
	CONTEXTS(CONTEXT_ID) CONTEXT_COUNT
#undef CONTEXT_ID
};

/* The syscall that a program names. */
enum probe_target { TARGET_MUNMAP, TARGET_MADVISE, TARGET_COUNT };

/* When a ring buffer's program wakes the reader. For a perf buffer its reader sets this. */
enum ring_wake { WAKE_DEFAULT, WAKE_NEVER, WAKE_SAMPLED, WAKE_ALWAYS };

struct foreign_entry;

struct variant {
	const char *name;
	enum hook hook;
	enum body body;
	/*
	 * A program that is not of variants.def (bpf/foreign), and the word for its hook. hook is
	 * then the one that is attached most alike, and body BODY_EMPTY.
	 */
	const struct foreign_entry *foreign;
	const char *hook_word;
};

extern const struct variant variants[];
extern const size_t variants_count;

/*
 * Variants of this process beyond those of variants.def: their indices follow. The list stays the
 * caller's.
 */
void variant_publish(const struct variant *list);
const struct variant *variant_at(size_t index);
size_t variant_index(const struct variant *variant);

/* As a record has them: "kprobe" and "empty"; of a foreign program "tracepoint" and "foreign". */
const char *variant_hook(const struct variant *variant);
const char *variant_body(const struct variant *variant);

extern const struct hook_row {
	const char *name, *summary;
	enum context context;
} hook_rows[];

extern const struct body_row {
	const char *name, *summary;
	enum output output;
	bool wants_hit; /* the program expects the calling process in monitored_pids */
} body_rows[];

const char *hook_name(enum hook hook);
const char *body_name(enum body body);

/* The buffer that the program sends its events to. */
enum output body_output(enum body body);

/*
 * Is it the code of the probe under test as it stands? Its length, pid and tgid are wrong
 * (reported.h).
 */
bool body_as_written(enum body body);

/* Does the hook run for every syscall of every task, and not only for the one named? */
bool hook_sees_all_syscalls(enum hook hook);

const char *probe_target_name(enum probe_target target); /* "munmap" */
long probe_target_nr(enum probe_target target);		 /* its syscall number */

/* Finds by exact name; NULL when there is none. */
const struct variant *variant_find(const char *name);

#endif
