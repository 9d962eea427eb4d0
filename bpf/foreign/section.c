/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "bpf/foreign/section.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* What libbpf takes before the slash (libbpf.c, section_defs). */
static const struct {
	const char *prefix;
	enum section_kind kind;
} prefixes[] = {
	{"kprobe", SECTION_KPROBE},
	{"kretprobe", SECTION_KRETPROBE},
	{"ksyscall", SECTION_KSYSCALL},
	{"kretsyscall", SECTION_KRETSYSCALL},
	{"kprobe.multi", SECTION_KPROBE_MULTI},
	{"kretprobe.multi", SECTION_KRETPROBE_MULTI},
	{"tracepoint", SECTION_TRACEPOINT},
	{"tp", SECTION_TRACEPOINT},
	{"raw_tracepoint", SECTION_RAW_TP},
	{"raw_tp", SECTION_RAW_TP},
	{"raw_tracepoint.w", SECTION_RAW_TP},
	{"raw_tp.w", SECTION_RAW_TP},
	{"tp_btf", SECTION_TP_BTF},
	{"fentry", SECTION_FENTRY},
	{"fentry.s", SECTION_FENTRY},
	{"fexit", SECTION_FEXIT},
	{"fexit.s", SECTION_FEXIT},
	{"fmod_ret", SECTION_FMOD_RET},
	{"fmod_ret.s", SECTION_FMOD_RET},
	{"lsm", SECTION_LSM},
	{"lsm.s", SECTION_LSM},
	{"uprobe", SECTION_UPROBE},
	{"uprobe.s", SECTION_UPROBE},
	{"uretprobe", SECTION_URETPROBE},
	{"uretprobe.s", SECTION_URETPROBE},
	{"usdt", SECTION_USDT},
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
	enum section_family family;
	bool patches, user;
	const char *needs[4];
} kinds[] = {
#define FUNCTION(...)                  \
	FAMILY_REGISTERS, true, false, \
	{                              \
		__VA_ARGS__            \
	}
#define USER                                             \
	FAMILY_REGISTERS, false, true,                   \
	{                                                \
		"CONFIG_UPROBES", "CONFIG_UPROBE_EVENTS" \
	}
#define TRAMPOLINE                                                \
	FAMILY_FUNCTION, true, false,                             \
	{                                                         \
		"CONFIG_BPF_JIT", "CONFIG_DEBUG_INFO_BTF",        \
			"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS" \
	}
	[SECTION_KPROBE] = {"kprobe", HOOK_KPROBE, FUNCTION("CONFIG_KPROBES")},
	[SECTION_KRETPROBE] = {"kretprobe", HOOK_KRETPROBE,
			       FUNCTION("CONFIG_KPROBES", "CONFIG_KRETPROBES")},
	[SECTION_KSYSCALL] = {"ksyscall", HOOK_KPROBE, FUNCTION("CONFIG_KPROBES")},
	[SECTION_KRETSYSCALL] = {"kretsyscall", HOOK_KRETPROBE,
				 FUNCTION("CONFIG_KPROBES", "CONFIG_KRETPROBES")},
	[SECTION_KPROBE_MULTI] = {"kprobe.multi", HOOK_KPROBE_MULTI, FUNCTION("CONFIG_FPROBE")},
	[SECTION_KRETPROBE_MULTI] = {"kretprobe.multi", HOOK_KPROBE_MULTI,
				     FUNCTION("CONFIG_FPROBE")},
	[SECTION_TRACEPOINT] = {"tracepoint",
				HOOK_TRACEPOINT,
				FAMILY_RECORD,
				false,
				false,
				{"CONFIG_EVENT_TRACING"}},
	[SECTION_RAW_TP] =
		{"raw_tp", HOOK_RAW_TP, FAMILY_RAW, false, false, {"CONFIG_TRACEPOINTS"}},
	[SECTION_TP_BTF] =
		{"tp_btf", HOOK_TP_BTF, FAMILY_TYPED, false, false, {"CONFIG_DEBUG_INFO_BTF"}},
	[SECTION_FENTRY] = {"fentry", HOOK_FENTRY, TRAMPOLINE},
	[SECTION_FEXIT] = {"fexit", HOOK_FEXIT, TRAMPOLINE},
	[SECTION_FMOD_RET] = {"fmod_ret", HOOK_FEXIT, TRAMPOLINE},
	[SECTION_LSM] = {"lsm", HOOK_FENTRY, FAMILY_FUNCTION, true, false, {"CONFIG_BPF_LSM"}},
	[SECTION_UPROBE] = {"uprobe", HOOK_KPROBE_INT3, USER},
	[SECTION_URETPROBE] = {"uretprobe", HOOK_KPROBE_INT3, USER},
	[SECTION_USDT] = {"usdt", HOOK_KPROBE_INT3, USER},
};
static_assert(COUNT(kinds) == SECTION_OTHER, "a row for each kind");

static const char *why_other(const char *section)
{
	for (size_t i = 0; i < COUNT(others); i++)
		if (!strncmp(section, others[i].prefix, strlen(others[i].prefix)))
			return others[i].why_not;
	return "not a tracing program";
}

void section_parse(const char *section, struct section *out)
{
	size_t n;

	section += *section == '?'; /* libbpf: not loaded unless asked for */
	n = strcspn(section, "/");
	*out = (struct section){.kind = SECTION_OTHER};
	for (size_t i = 0; i < COUNT(prefixes) && out->kind == SECTION_OTHER; i++)
		if (strlen(prefixes[i].prefix) == n && !strncmp(section, prefixes[i].prefix, n))
			out->kind = prefixes[i].kind;
	if (out->kind == SECTION_OTHER) {
		out->why_not = why_other(section);
		return;
	}
	section += n + (section[n] == '/');
	if (strlen(section) >= sizeof(out->target)) {
		*out = (struct section){.kind = SECTION_OTHER,
					.why_not = "its section's name is too long"};
		return;
	}
	snprintf(out->target, sizeof(out->target), "%s", section);
}

const char *section_word(enum section_kind kind)
{
	return kind == SECTION_OTHER ? "other" : kinds[kind].word;
}

enum hook section_hook(enum section_kind kind)
{
	return kinds[kind].hook;
}

enum section_family section_family(enum section_kind kind)
{
	return kinds[kind].family;
}

bool section_patches(enum section_kind kind)
{
	return kind != SECTION_OTHER && kinds[kind].patches;
}

bool section_is_user(enum section_kind kind)
{
	return kind != SECTION_OTHER && kinds[kind].user;
}

const char *const *section_needs(enum section_kind kind)
{
	return kinds[kind].needs;
}

bool section_syscall(const struct section *place, char *out, size_t len)
{
	static const char *const before[] = {
		"syscalls/sys_enter_", "syscalls/sys_exit_", "__x64_sys_", "__arm64_sys_",
		"__se_sys_",	       "__ia32_sys_",	     "__do_sys_",  "sys_",
	};

	if (place->kind == SECTION_KSYSCALL || place->kind == SECTION_KRETSYSCALL) {
		snprintf(out, len, "%s", place->target);
		return *out != '\0';
	}
	if (place->kind == SECTION_RAW_TP || place->kind == SECTION_TP_BTF ||
	    section_is_user(place->kind))
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
