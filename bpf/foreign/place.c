/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "bpf/foreign/place.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* What libbpf takes before the slash (libbpf.c, section_defs). */
static const struct {
	const char *prefix;
	enum place_kind kind;
} prefixes[] = {
	{"kprobe", PLACE_KPROBE},
	{"kretprobe", PLACE_KRETPROBE},
	{"ksyscall", PLACE_KSYSCALL},
	{"kretsyscall", PLACE_KRETSYSCALL},
	{"kprobe.multi", PLACE_KPROBE_MULTI},
	{"kretprobe.multi", PLACE_KRETPROBE_MULTI},
	{"tracepoint", PLACE_TRACEPOINT},
	{"tp", PLACE_TRACEPOINT},
	{"raw_tracepoint", PLACE_RAW_TP},
	{"raw_tp", PLACE_RAW_TP},
	{"raw_tracepoint.w", PLACE_RAW_TP},
	{"raw_tp.w", PLACE_RAW_TP},
	{"tp_btf", PLACE_TP_BTF},
	{"fentry", PLACE_FENTRY},
	{"fentry.s", PLACE_FENTRY},
	{"fexit", PLACE_FEXIT},
	{"fexit.s", PLACE_FEXIT},
	{"fmod_ret", PLACE_FMOD_RET},
	{"fmod_ret.s", PLACE_FMOD_RET},
	{"lsm", PLACE_LSM},
	{"lsm.s", PLACE_LSM},
	{"uprobe", PLACE_UPROBE},
	{"uprobe.s", PLACE_UPROBE},
	{"uretprobe", PLACE_URETPROBE},
	{"uretprobe.s", PLACE_URETPROBE},
	{"usdt", PLACE_USDT},
};

/* Beginnings of other sections. */
static const struct {
	const char *prefix, *why_not;
} others[] = {
	{"xdp", "XDP: runs for packets, not for a call"},
	{"tc", "a packet classifier: runs for packets, not for a call"},
	{"classifier", "a packet classifier: runs for packets, not for a call"},
	{"action", "a packet action: runs for packets, not for a call"},
	{"netkit", "runs for packets, not for a call"},
	{"socket", "a socket filter: runs for packets, not for a call"},
	{"sk_", "runs for sockets' packets, not for a call"},
	{"sockops", "runs for a socket's events, not for a call"},
	{"flow_dissector", "runs for packets, not for a call"},
	{"lwt_", "runs for packets, not for a call"},
	{"cgroup", "cgroup programs are not measured"},
	{"struct_ops", "struct_ops: replaces a part of the kernel"},
	{"iter", "an iterator: runs when its file is read"},
	{"perf_event", "runs for samples of a counter or clock, not for a call"},
	{"freplace", "replaces a function of another BPF program"},
	{"syscall", "runs when its loader calls it"},
	{"lirc_mode2", "runs for infrared signals"},
	{"uprobe.multi", "uprobe.multi: this bpftoll's libbpf does not know it"},
	{"uretprobe.multi", "uretprobe.multi: this bpftoll's libbpf does not know it"},
	{"kprobe.session", "kprobe.session: this bpftoll's libbpf does not know it"},
	{"maps", "no program"},
};

static const struct {
	const char *word;
	enum hook hook;
	enum place_family family;
	bool patches, user;
	const char *needs[3];
} kinds[] = {
#define FUNCTION(...) FAMILY_REGISTERS, true, false, {__VA_ARGS__}
#define USER	      FAMILY_REGISTERS, false, true, {"CONFIG_UPROBES", "CONFIG_UPROBE_EVENTS"}
#define TRAMPOLINE              \
	FAMILY_FUNCTION, true, false, { \
		"CONFIG_DEBUG_INFO_BTF", "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS" \
	}
	[PLACE_KPROBE] = {"kprobe", HOOK_KPROBE, FUNCTION("CONFIG_KPROBES")},
	[PLACE_KRETPROBE] = {"kretprobe", HOOK_KRETPROBE,
			     FUNCTION("CONFIG_KPROBES", "CONFIG_KRETPROBES")},
	[PLACE_KSYSCALL] = {"ksyscall", HOOK_KPROBE, FUNCTION("CONFIG_KPROBES")},
	[PLACE_KRETSYSCALL] = {"kretsyscall", HOOK_KRETPROBE,
			       FUNCTION("CONFIG_KPROBES", "CONFIG_KRETPROBES")},
	[PLACE_KPROBE_MULTI] = {"kprobe.multi", HOOK_KPROBE_MULTI, FUNCTION("CONFIG_FPROBE")},
	[PLACE_KRETPROBE_MULTI] = {"kretprobe.multi", HOOK_KPROBE_MULTI,
				   FUNCTION("CONFIG_FPROBE")},
	[PLACE_TRACEPOINT] = {"tracepoint", HOOK_TRACEPOINT, FAMILY_RECORD, false, false,
			      {"CONFIG_EVENT_TRACING"}},
	[PLACE_RAW_TP] = {"raw_tp", HOOK_RAW_TP, FAMILY_RAW, false, false, {"CONFIG_TRACEPOINTS"}},
	[PLACE_TP_BTF] = {"tp_btf", HOOK_TP_BTF, FAMILY_TYPED, false, false,
			  {"CONFIG_DEBUG_INFO_BTF"}},
	[PLACE_FENTRY] = {"fentry", HOOK_FENTRY, TRAMPOLINE},
	[PLACE_FEXIT] = {"fexit", HOOK_FEXIT, TRAMPOLINE},
	[PLACE_FMOD_RET] = {"fmod_ret", HOOK_FEXIT, TRAMPOLINE},
	[PLACE_LSM] = {"lsm", HOOK_FENTRY, FAMILY_FUNCTION, true, false, {"CONFIG_BPF_LSM"}},
	[PLACE_UPROBE] = {"uprobe", HOOK_KPROBE_INT3, USER},
	[PLACE_URETPROBE] = {"uretprobe", HOOK_KPROBE_INT3, USER},
	[PLACE_USDT] = {"usdt", HOOK_KPROBE_INT3, USER},
};
static_assert(COUNT(kinds) == PLACE_OTHER, "a row for each kind");

static const char *why_other(const char *section)
{
	for (size_t i = 0; i < COUNT(others); i++)
		if (!strncmp(section, others[i].prefix, strlen(others[i].prefix)))
			return others[i].why_not;
	return "not a tracing program";
}

void place_parse(const char *section, struct place *out)
{
	size_t n;

	section += *section == '?'; /* libbpf: not loaded unless asked for */
	n = strcspn(section, "/");
	*out = (struct place){.kind = PLACE_OTHER};
	for (size_t i = 0; i < COUNT(prefixes) && out->kind == PLACE_OTHER; i++)
		if (strlen(prefixes[i].prefix) == n && !strncmp(section, prefixes[i].prefix, n))
			out->kind = prefixes[i].kind;
	if (out->kind == PLACE_OTHER) {
		out->why_not = why_other(section);
		return;
	}
	section += n + (section[n] == '/');
	if (strlen(section) >= sizeof(out->target)) {
		*out = (struct place){.kind = PLACE_OTHER,
				      .why_not = "its section's name is too long"};
		return;
	}
	snprintf(out->target, sizeof(out->target), "%s", section);
}

const char *place_word(enum place_kind kind)
{
	return kind == PLACE_OTHER ? "other" : kinds[kind].word;
}

enum hook place_hook(enum place_kind kind)
{
	return kinds[kind].hook;
}

enum place_family place_family(enum place_kind kind)
{
	return kinds[kind].family;
}

bool place_patches(enum place_kind kind)
{
	return kinds[kind].patches;
}

bool place_is_user(enum place_kind kind)
{
	return kinds[kind].user;
}

const char *const *place_needs(enum place_kind kind)
{
	return kinds[kind].needs;
}

bool place_syscall(const struct place *place, char *out, size_t len)
{
	static const char *const before[] = {
		"syscalls/sys_enter_", "syscalls/sys_exit_", "__x64_sys_", "__arm64_sys_",
		"__se_sys_",	       "__ia32_sys_",	     "__do_sys_",  "sys_",
	};

	if (place->kind == PLACE_KSYSCALL || place->kind == PLACE_KRETSYSCALL) {
		snprintf(out, len, "%s", place->target);
		return *out != '\0';
	}
	if (place->kind == PLACE_RAW_TP || place->kind == PLACE_TP_BTF || place_is_user(place->kind))
		return false;
	for (size_t i = 0; i < COUNT(before); i++)
		if (!strncmp(place->target, before[i], strlen(before[i]))) {
			snprintf(out, len, "%.*s",
				 (int)strcspn(place->target + strlen(before[i]), "+"),
				 place->target + strlen(before[i]));
			return *out != '\0';
		}
	return false;
}
