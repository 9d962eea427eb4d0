/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <fnmatch.h>
#include <string.h>

#include "bpf/load/variant.h"

static const struct {
	const char *name, *summary;
	bool all_syscalls;
} hooks[] = {
	[HOOK_KPROBE] = {"kprobe", "kprobe at the function's entry (ftrace-based)", false},
	[HOOK_KPROBE_OFFSET] = {"kprobe_offset",
				"kprobe past the entry (jump-optimised where it can be)", false},
	[HOOK_KPROBE_INT3] = {"kprobe_int3", "kprobe past the entry, optimisation off (breakpoint)",
			      false},
	[HOOK_KRETPROBE] = {"kretprobe", "kprobe at the function's return", false},
	[HOOK_KPROBE_MULTI] = {"kprobe_multi", "kprobe.multi link (fprobe) at the entry", false},
	[HOOK_TRACEPOINT] = {"tracepoint", "the syscall's own sys_enter tracepoint", false},
	[HOOK_RAW_TP] = {"raw_tp", "raw sys_enter tracepoint, all syscalls", true},
	[HOOK_TP_BTF] = {"tp_btf", "BTF-typed raw sys_enter tracepoint, all syscalls", true},
	[HOOK_FENTRY] = {"fentry", "BPF trampoline at the entry", false},
	[HOOK_FEXIT] = {"fexit", "BPF trampoline at entry and return", false},
};
static_assert(sizeof(hooks) / sizeof(hooks[0]) == HOOK_COUNT, "a row for each hook");

static const struct {
	const char *name, *summary;
	enum output output;
	bool wants_hit;
} bodies[] = {
	[BODY_EMPTY] = {"empty", "return 0: the dispatch alone", OUTPUT_NONE, false},
	[BODY_PID] = {"pid", "bpf_get_current_pid_tgid()", OUTPUT_NONE, false},
	[BODY_LOOKUP_MISS] = {"lookup_miss",
			      "pid, hash lookup, not there: what an unmonitored process pays",
			      OUTPUT_NONE, false},
	[BODY_LOOKUP_HIT] = {"lookup_hit", "pid, hash lookup, found", OUTPUT_NONE, true},
	[BODY_ARGS] = {"args", "lookup_hit, then the second syscall argument", OUTPUT_NONE, true},
	[BODY_CLOCK] = {"clock", "args, then bpf_ktime_get_ns()", OUTPUT_NONE, true},
	[BODY_AS_WRITTEN] =
		{"as_written",
		 "the mission's code as it stands: PT_REGS_PARM2 of the wrapper for the "
		 "length, pid and tgid exchanged; bpf_perf_event_output()",
		 OUTPUT_PERF, true},
	[BODY_AS_WRITTEN_RINGBUF] = {"as_written_ringbuf",
				     "the same, bpf_ringbuf_reserve() and _submit()",
				     OUTPUT_RINGBUF, true},
	[BODY_PERF] = {"perf", "the whole probe, bpf_perf_event_output()", OUTPUT_PERF, true},
	[BODY_RINGBUF] = {"ringbuf", "the whole probe, bpf_ringbuf_reserve() and _submit()",
			  OUTPUT_RINGBUF, true},
	[BODY_RINGBUF_OUTPUT] = {"ringbuf_output", "the whole probe, bpf_ringbuf_output()",
				 OUTPUT_RINGBUF, true},
};
static_assert(sizeof(bodies) / sizeof(bodies[0]) == BODY_COUNT, "a row for each body");

const struct variant variants[] = {
#define VARIANT(name, hook, body) {#name, HOOK_##hook, BODY_##body},
#include "bpf/programs/variants.def"
#undef VARIANT
};
const size_t variants_count = sizeof(variants) / sizeof(variants[0]);

const char *hook_name(enum hook hook)
{
	return hooks[hook].name;
}

const char *hook_summary(enum hook hook)
{
	return hooks[hook].summary;
}

const char *body_name(enum body body)
{
	return bodies[body].name;
}

const char *body_summary(enum body body)
{
	return bodies[body].summary;
}

enum output body_output(enum body body)
{
	return bodies[body].output;
}

bool body_as_written(enum body body)
{
	return body == BODY_AS_WRITTEN || body == BODY_AS_WRITTEN_RINGBUF;
}

bool body_wants_hit(enum body body)
{
	return bodies[body].wants_hit;
}

bool hook_sees_all_syscalls(enum hook hook)
{
	return hooks[hook].all_syscalls;
}

const struct variant *variant_find(const char *name)
{
	for (size_t i = 0; i < variants_count; i++)
		if (!strcmp(variants[i].name, name))
			return &variants[i];
	return NULL;
}

bool variant_match(const struct variant *variant, const char *glob)
{
	return fnmatch(glob, variant->name, 0) == 0;
}
