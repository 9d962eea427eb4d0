/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "calib/error.h"
#include "bpf/load/attach.h"
#include "bpf/load/reason.h"
#include "bpf/load/text.h"
#include "calib/clock.h"

#define KPROBES_LIST	 "/sys/kernel/debug/kprobes/list"
#define KPROBES_OPTIMISE "/proc/sys/debug/kprobes-optimization"

/*
 * The kernel's worker optimises a kprobe some 5 jiffies after the last change (kernel/kprobes.c,
 * OPTIMIZE_DELAY). This deadline is generous.
 */
#define OPTIMISE_DEADLINE_S 2.0
#define RESTORE_DEADLINE_S  2.0

/*
 * An x86 instruction is at most 15 bytes long: the entry and one more instruction end before this.
 */
#define OFFSET_FIRST 5
#define OFFSET_LAST  31

/* The instruction that a kprobe puts in place where it is neither a call nor a jump. */
#if defined(__aarch64__)
#define BREAKPOINT "brk"
#else
#define BREAKPOINT "int3"
#endif

static bool sysctl_allowed;

void attach_allow_sysctl(bool allow)
{
	sysctl_allowed = allow;
}

const char *attach_symbol(enum probe_target target)
{
	static const char *const names[] = {
#if defined(__x86_64__)
		[TARGET_MUNMAP] = "__x64_sys_munmap",
		[TARGET_MADVISE] = "__x64_sys_madvise",
#elif defined(__aarch64__)
		[TARGET_MUNMAP] = "__arm64_sys_munmap",
		[TARGET_MADVISE] = "__arm64_sys_madvise",
#endif
	};
	static_assert(sizeof(names) / sizeof(names[0]) == TARGET_COUNT, "a row for each target");

	return names[target];
}

/* Address of the target function, looked up once; 0 when it is unknown. */
static uint64_t target_address(enum probe_target target)
{
	static uint64_t addresses[TARGET_COUNT];
	static bool asked[TARGET_COUNT];

	if (!asked[target])
		addresses[target] = text_symbol(attach_symbol(target));
	asked[target] = true;
	return addresses[target];
}

/*
 * Finds the line for an address in the kernel's list of kprobes and copies it to line; false when
 * there is none. Since Linux 6.2 a probe at a function's entry sits behind its ENDBR, 4 bytes
 * further (arch_adjust_kprobe_addr); one past the entry is where it was put.
 */
#define ENDBR_BYTES 4
static bool kprobe_listed(uint64_t address, bool entry, char *line, size_t len)
{
	uint64_t at;
	bool found = false;
	FILE *file = fopen(KPROBES_LIST, "re");

	if (!file)
		return false;
	while (!found && fgets(line, (int)len, file))
		found = sscanf(line, "%" SCNx64, &at) == 1 &&
			(at == address || (entry && at == address + ENDBR_BYTES));
	fclose(file);
	return found;
}

/* The number that one of the kernel's files holds; 0 when it cannot be read. */
static unsigned int number_in(const char *path)
{
	unsigned int number = 0;
	FILE *file = fopen(path, "re");

	if (file && fscanf(file, "%u", &number) != 1)
		number = 0;
	if (file)
		fclose(file);
	return number;
}

static bool optimisation_is_on(void)
{
	return number_in(KPROBES_OPTIMISE);
}

static int optimisation_set(bool on)
{
	FILE *file = fopen(KPROBES_OPTIMISE, "we");

	if (!file)
		return -errno;
	fprintf(file, "%d\n", on);
	return fclose(file) ? -errno : 0;
}

/* Sleeps between two polls: 1 ms at first, later an eighth of the time that has passed. */
static void pause_since(double started)
{
	double passed = clock_seconds() - started;

	usleep(passed < 0.008 ? 1000 : (useconds_t)(passed * 1e6 / 8));
}

/*
 * Does a jump stand at the address? The list says [OPTIMIZED] as soon as a worker has been asked to
 * optimise the kprobe (kernel/kprobes.c, optimize_kprobe); until the worker has waited for RCU
 * every hit is still a breakpoint. So the code itself is read. 1, 0, or -errno when it cannot be
 * read.
 */
#define JMP_REL32 0xe9
static int has_jump(uint64_t address)
{
	uint8_t text[TEXT_BYTES];
	int err = text_read(address, text);

	return err ? err : text[0] == JMP_REL32;
}

/* Takes the mechanism from the kernel's list; polls it while an optimisation may still come. */
static void kprobe_mechanism(struct attachment *at, size_t offset, bool may_optimise)
{
	double started = clock_seconds();
	char line[256];
	int jump;

	/* a kprobe seen once not to be optimised will not be in a later round either */
	may_optimise = may_optimise && strcmp(at->mechanism, BREAKPOINT) != 0;
	for (;;) {
		const char *found = NULL;

		if (!at->address ||
		    !kprobe_listed(at->address + offset, !offset, line, sizeof(line)))
			found = "unknown (no list of kprobes)";
		else if (strstr(line, "[FTRACE]"))
			found = "ftrace";
		else if (strstr(line, "[OPTIMIZED]") && (jump = has_jump(at->address + offset)))
			found = jump > 0 ? "optimized" : "unknown (text unreadable)";
		else if (!may_optimise || clock_seconds() > started + OPTIMISE_DEADLINE_S)
			found = BREAKPOINT;
		if (found) {
			snprintf(at->mechanism, sizeof(at->mechanism), "%s", found);
			return;
		}
		pause_since(started);
	}
}

/* The event type that perf gives to kprobes; 0 when the kernel has none. */
static unsigned int kprobe_event_type(void)
{
	static unsigned int type;

	if (!type)
		type = number_in("/sys/bus/event_source/devices/kprobe/type");
	return type;
}

/*
 * Attaches by address. By name, a kernel before 6.2 goes through all of its symbols several times
 * for each probe: 40 % of an exact run on 5.10. -ENOENT: attach by name.
 */
static int attach_kprobe_address(struct attachment *at, size_t offset, bool retprobe)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = kprobe_event_type(),
		.config = retprobe, /* /sys/bus/event_source/devices/kprobe/format/retprobe */
		.config2 = at->address + offset,
	};
	int fd, err;

	if (!at->address || !attr.type)
		return -ENOENT;
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return errno == EILSEQ || errno == EINVAL ? -errno : -ENOENT;
	at->link = bpf_program__attach_perf_event(at->program, fd);
	err = at->link ? 0 : -errno;
	if (err)
		close(fd);
	return err;
}

static int attach_kprobe_at(struct attachment *at, size_t offset, bool retprobe)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .offset = offset, .retprobe = retprobe);
	int err = attach_kprobe_address(at, offset, retprobe);

	if (err != -ENOENT)
		return err;
	at->link = bpf_program__attach_kprobe_opts(at->program, attach_symbol(at->target), &opts);
	return at->link ? 0 : -errno;
}

static int attach_entry(struct attachment *at, bool retprobe, struct error *why)
{
	int err = attach_kprobe_at(at, 0, retprobe);

	(void)why;
	if (!err)
		kprobe_mechanism(at, 0, false);
	return err;
}

/*
 * Attaches at the first offset past the entry that the kernel accepts: it refuses an offset at
 * which no instruction starts.
 */
static int attach_past_entry(struct attachment *at)
{
	int err = -EINVAL;

	if (at->offset)
		return attach_kprobe_at(at, at->offset, false);
	for (size_t offset = OFFSET_FIRST; offset <= OFFSET_LAST; offset++) {
		err = attach_kprobe_at(at, offset, false);
		if (!err) {
			at->offset = offset;
			return 0;
		}
		if (err != -EILSEQ && err != -EINVAL)
			return err;
	}
	return err;
}

/*
 * Switches jump optimisation on or off for the time that this probe is attached; detach puts the
 * old value back. Without permission to change the system the switch stays as it is: a probe that
 * may be optimised takes either value, one that must be a breakpoint is refused.
 */
static int want_optimisation(struct attachment *at, bool on, struct error *why)
{
	int err;

	at->optimisation_was = -1;
	if (optimisation_is_on() == on)
		return 0;
	if (!sysctl_allowed) {
		if (on)
			return 0;
		return error_set(why, -EPERM,
				 "needs debug.kprobes-optimization=0 while it is attached: run "
				 "with --isolate");
	}
	err = optimisation_set(on);
	if (!err)
		at->optimisation_was = !on;
	else
		error_say(why, "cannot write " KPROBES_OPTIMISE ": %s", strerror(-err));
	return err;
}

static void give_optimisation_back(struct attachment *at)
{
	if (at->optimisation_was >= 0)
		optimisation_set(at->optimisation_was);
	at->optimisation_was = -1;
}

static int attach_past(struct attachment *at, bool on, struct error *why)
{
	/*
	 * on a kernel without kprobes the switch is missing too: attaching then gives the better
	 * reason
	 */
	int err = access(KPROBES_OPTIMISE, F_OK) ? 0 : want_optimisation(at, on, why);

	if (err)
		return err;
	err = attach_past_entry(at);
	if (err)
		give_optimisation_back(at);
	else
		kprobe_mechanism(at, at->offset, on && optimisation_is_on());
	return err;
}

static int take_link(struct attachment *at, struct bpf_link *link)
{
	at->link = link;
	return link ? 0 : -errno;
}

static int attach_kprobe_multi(struct attachment *at, bool unused, struct error *why)
{
	const char *symbols[] = {attach_symbol(at->target)};
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .cnt = 1);

	(void)unused, (void)why;
	/*
	 * by name the kernel searches all of its symbols, which takes 0.2 s in a guest under
	 * emulation
	 */
	if (at->address)
		opts.addrs = (const unsigned long *)&at->address;
	else
		opts.syms = symbols;
	return take_link(at, bpf_program__attach_kprobe_multi_opts(at->program, NULL, &opts));
}

static int attach_tracepoint(struct attachment *at, bool unused, struct error *why)
{
	struct stat events;
	char event[32];
	int err;

	(void)unused;
	snprintf(event, sizeof(event), "sys_enter_%s", probe_target_name(at->target));
	err = take_link(at, bpf_program__attach_tracepoint(at->program, "syscalls", event));
	/* stat: access(2) leaves out the capabilities of a user who is not root */
	if (err && stat("/sys/kernel/tracing/events", &events) &&
	    stat("/sys/kernel/debug/tracing/events", &events))
		reason_no_tracefs(why);
	return err;
}

/* As the program's section says (variants.def). */
static int attach_section(struct attachment *at, bool unused, struct error *why)
{
	(void)unused, (void)why;
	return take_link(at, bpf_program__attach(at->program));
}

static int attach_typed(struct attachment *at, bool unused, struct error *why)
{
	(void)unused, (void)why;
	return take_link(at, bpf_program__attach_trace(at->program));
}

/* The kernel options that each hook needs; the first one missing is named as the reason. */
#define NEEDS(...) .needs = {__VA_ARGS__, "CONFIG_BPF_EVENTS"}
#define IS_KPROBE  .kprobe = true, .patches = true, NEEDS("CONFIG_KPROBES", "CONFIG_KPROBE_EVENTS")
#define IS_TRAMPOLINE                                    \
	.patches = true, .mechanism = "trampoline",      \
	NEEDS("CONFIG_BPF_JIT", "CONFIG_DEBUG_INFO_BTF", \
	      "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS")

static const struct {
	int (*attach)(struct attachment *at, bool how, struct error *why);
	bool how;	       /* attach_entry: kretprobe; attach_past: optimisation on */
	bool kprobe;	       /* Linux 6.7 and later count the hits that were missed */
	bool patches;	       /* detach waits until the function's code is as before */
	const char *mechanism; /* NULL: read from the kernel's list of kprobes */
	const char *needs[ATTACH_NEEDS_MOST];
} hooks[] = {
	[HOOK_KPROBE] = {attach_entry, IS_KPROBE},
	[HOOK_KPROBE_OFFSET] = {attach_past, .how = true, IS_KPROBE},
	[HOOK_KPROBE_INT3] = {attach_past, IS_KPROBE},
	[HOOK_KRETPROBE] = {attach_entry, .how = true, .kprobe = true, .patches = true,
			    NEEDS("CONFIG_KPROBES", "CONFIG_KRETPROBES")},
	[HOOK_KPROBE_MULTI] = {attach_kprobe_multi, .kprobe = true, .patches = true,
			       .mechanism = "fprobe", NEEDS("CONFIG_FPROBE")},
	[HOOK_TRACEPOINT] = {attach_tracepoint, .mechanism = "perf tracepoint",
			     NEEDS("CONFIG_FTRACE_SYSCALLS")},
	[HOOK_RAW_TP] = {attach_section, .mechanism = "raw tracepoint",
			 NEEDS("CONFIG_TRACEPOINTS")},
	[HOOK_TP_BTF] = {attach_typed, .mechanism = "raw tracepoint",
			 NEEDS("CONFIG_DEBUG_INFO_BTF")},
	[HOOK_FENTRY] = {attach_typed, IS_TRAMPOLINE},
	[HOOK_FEXIT] = {attach_typed, IS_TRAMPOLINE},
};
static_assert(sizeof(hooks) / sizeof(hooks[0]) == HOOK_COUNT, "a row for each hook");

const char *const *attach_needs(enum hook hook)
{
	return hooks[hook].needs;
}

int attach_link(struct attachment *at, struct error *why)
{
	const char *mechanism = hooks[at->hook].mechanism;
	int err;

	*why->text = '\0';
	at->optimisation_was = -1;
	if (hooks[at->hook].patches && !at->address) {
		at->address = target_address(at->target);
		at->have_text = at->address && !text_read(at->address, at->text);
	}
	err = hooks[at->hook].attach(at, hooks[at->hook].how, why);
	if (!err && mechanism)
		snprintf(at->mechanism, sizeof(at->mechanism), "%s", mechanism);
	return err;
}

void attach_unlink(struct attachment *at)
{
	double started;
	uint8_t now[TEXT_BYTES];

	if (!at->link)
		return;
	bpf_link__destroy(at->link);
	at->link = NULL;
	give_optimisation_back(at);
	started = clock_seconds();
	while (at->have_text && !text_read(at->address, now) &&
	       memcmp(now, at->text, TEXT_BYTES) != 0 &&
	       clock_seconds() < started + RESTORE_DEADLINE_S)
		pause_since(started);
}

/*
 * The start of struct bpf_link_info since Linux 6.7 (include/uapi/linux/bpf.h), with members that
 * older headers lack.
 */
struct link_info {
	uint32_t type, id, prog_id;
	union {
		struct {
			uint64_t addrs;
			uint32_t count, flags;
			uint64_t missed;
		} kprobe_multi;
		struct {
			uint32_t type, unused;
			uint64_t func_name;
			uint32_t name_len, offset;
			uint64_t addr, missed;
		} kprobe;
	};
};
static_assert(sizeof(struct link_info) == 56, "as the kernel lays it out");

int attach_missed(const struct attachment *at, uint64_t *missed)
{
	struct link_info info = {0};
	uint32_t len = sizeof(info);

	*missed = 0;
	if (!hooks[at->hook].kprobe)
		return 0;
	/* an older kernel fills a shorter structure; len says how much */
	if (!at->link ||
	    bpf_obj_get_info_by_fd(bpf_link__fd(at->link), (struct bpf_link_info *)&info, &len) ||
	    len < sizeof(info))
		return -EOPNOTSUPP;
	*missed = at->hook == HOOK_KPROBE_MULTI ? info.kprobe_multi.missed : info.kprobe.missed;
	return 0;
}
