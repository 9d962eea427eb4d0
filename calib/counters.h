/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * counters: libpfm4 event names -> pinned perf_event groups, read around blocks of calls.
 *
 * counters_open -> (counters_begin, block, counters_end) … -> counters_close, all from the thread
 * that is counted, which is already on its CPU. User and kernel are counted apart (":u", ":k").
 * Events that the PMU cannot hold at once form several groups (passes): pass p is counted in the
 * blocks between counters_begin(c, p) and counters_end(c, p); nothing is multiplexed, so nothing
 * is scaled. A count includes the reads' own cost, which an empty block prices.
 */
#ifndef BPFTOLL_CALIB_COUNTERS_H
#define BPFTOLL_CALIB_COUNTERS_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"

struct counters;

/* One event of the list, where it was placed, and its last block's count. */
struct counter {
	const char *name;  /* as given */
	const char *event; /* libpfm4's name; NULL: this CPU's model has none */
	unsigned int pass;
	uint64_t count; /* events in the last block of its pass */
	bool valid;	/* on the PMU for the whole of that block; else count is not to be used */
	bool rdpmc;	/* both ends read in user space; else by read(), which costs a syscall */
	const char *reason; /* why it is not valid, else NULL; good until counters_close */
};

/* What to count: a name to report it by, and libpfm4's name; event NULL: not to be had, and why. */
struct counter_request {
	const char *name, *event, *lacks;
};

/*
 * Opens the calling thread's counters on one CPU. events: comma-separated libpfm4 names
 * ("cycles:k,instructions:k"), blanks around names ignored; cpu: the CPU measured on, or -1 for
 * any. An event that the kernel refuses says so in its reason; only when none is left is that an
 * error. *out is NULL on error. 0, or with the reason in why:
 * -ENOENT      libpfm4 does not know the name here; why offers the nearest
 * -EOPNOTSUPP  no PMU, or one without this event
 * -ENODEV      no such CPU, or it is offline
 * -EACCES, -EPERM, -EBUSY, -EMFILE …  the kernel's own answer, with what would mend it
 * -EINVAL      an empty name, a sampling modifier, or an event that cannot count one thread
 */
int counters_open(const char *events, int cpu, struct counters **out, struct error *why);
int counters_open_list(const struct counter_request *list, size_t n, int cpu, struct counters **out,
		       struct error *why);
void counters_close(struct counters *c);

/* The number of passes: 1 if all events fit at once. 0 for NULL. */
unsigned int counters_passes(const struct counters *c);

/*
 * counters_begin puts pass's group on the PMU and reads it, counters_end reads it and takes it
 * off: the ioctls are outside the count. 0; -EINVAL: no such pass, or begin and end do not pair
 * up; -EBUSY: the group is not on the PMU (another user holds it), and the pass's counters say so
 * in reason: the block may run all the same, counters_end must not follow a failed counters_begin.
 * Other -errno: the kernel's.
 */
int counters_begin(struct counters *c, unsigned int pass);
int counters_end(struct counters *c, unsigned int pass);

/* Reads them by read() from now on, also where user space could: to compare the two roads. */
void counters_by_read(struct counters *c);

/* The counters, in the order of the list. counters_at: NULL past the end. */
size_t counters_count(const struct counters *c);
const struct counter *counters_at(const struct counters *c, size_t i);

/* Is there a hardware PMU that counts here? name: its sysfs name ("cpu"), or the reason why not. */
bool counters_pmu_present(char *name, size_t len);

/* Events to count when none are named: cycles and instructions, user and kernel. NULL: no PMU. */
const char *counters_default_events(void);

/*
 * Encodes one libpfm4 name, for the PMUs of this machine or the one model named in LIBPFM_FORCE_PMU
 * (libpfm(3)). attr gets type, config and privilege levels, nothing about groups. 0, or -ENOENT,
 * -EINVAL, -EOPNOTSUPP as counters_open, with the reason in why. Where cores are of several types
 * it is encoded for that of the CPU which this runs on; counters_encode_on for another's (hybrid.h;
 * -ENOENT also where only the other type has it). root: "" or a folder that stands for / in tests.
 */
int counters_encode(const char *event, struct perf_event_attr *attr, struct error *why);
int counters_encode_on(const char *root, int cpu, const char *event, struct perf_event_attr *attr,
		       struct error *why);

/*
 * The calling thread's event on a CPU (-1: any), in leader_fd's group (-1: none): a descriptor or
 * -errno. A counter of 64 bits that user space can read is asked for where that must be asked for,
 * and less where the kernel refuses.
 */
int counters_perf_open(const struct perf_event_attr *wanted, int cpu, int leader_fd);

/*
 * Says in words why perf_event_open refused attr with errno err (positive), and what would mend it.
 * Returns the -errno that counters_open passes on: the kernel's, but -EOPNOTSUPP for its ENOENT.
 */
int counters_explain(int err, const struct perf_event_attr *attr, struct error *why);

/*
 * The user-space read of one counter from its mmap page, after the pseudo code in the kernel's
 * include/uapi/linux/perf_event.h ("self-monitoring processes"): sequence loop, index - 1 names
 * the hardware counter, pmc_width sign extension, offset added. read_pmc is the instruction
 * (rdpmc), a parameter so that a made-up page tests the arithmetic. enabled and running (ns) are
 * those of the last time the kernel put the event on the PMU: while index is not 0 both grow at
 * one pace, so enabled - running is exact without the clock that the pseudo code adds to both.
 * false, results untouched: no rdpmc allowed, index == 0 (not on the PMU now), a width that makes
 * no sense or a page that never settles; use read().
 */
bool counters_read_page(const volatile struct perf_event_mmap_page *page,
			uint64_t (*read_pmc)(uint32_t index), uint64_t *count, uint64_t *enabled,
			uint64_t *running);

#endif
