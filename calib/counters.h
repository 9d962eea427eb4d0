/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * counters: hardware events by libpfm4's names, in pinned perf_event groups that are read around
 * blocks of calls.
 *
 * counters_open -> (counters_begin, block, counters_end) … -> counters_close, all from the thread
 * that is counted, which must already be on its CPU. User and kernel mode are counted separately
 * (":u", ":k"). Events that the PMU cannot hold together form several groups (passes): pass p is
 * counted in the blocks between counters_begin(c, p) and counters_end(c, p). Nothing is
 * multiplexed, so nothing is scaled. A count includes the cost of the reads themselves; an empty
 * block measures it.
 */
#ifndef BPFTOLL_CALIB_COUNTERS_H
#define BPFTOLL_CALIB_COUNTERS_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"

struct counters;

/* One event of the list, the pass it is in, and the count of that pass's last block. */
struct counter {
	const char *name;  /* as given by the user */
	const char *event; /* libpfm4's name; NULL: this CPU's model has no such event */
	unsigned int pass;
	uint64_t count;	    /* events in the last block of its pass */
	bool valid;	    /* on the PMU for the whole block; otherwise count must not be used */
	bool rdpmc;	    /* both ends read in user space, not by read(), which costs a syscall */
	const char *reason; /* why it is not valid, else NULL; until counters_close */
};

/* What to count: a name for reports, and libpfm4's name; event NULL: not available, and why. */
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

/* From now on reads by read() even where user space could: to compare the two ways of reading. */
void counters_by_read(struct counters *c);

/* The counters, in the order of the list. counters_at: NULL past the end. */
size_t counters_count(const struct counters *c);
const struct counter *counters_at(const struct counters *c, size_t i);

/* Is there a hardware PMU that counts? name: its sysfs name ("cpu"), or the reason why not. */
bool counters_pmu_present(char *name, size_t len);

/* Events to count when none are named: cycles and instructions, user and kernel. NULL: no PMU. */
const char *counters_default_events(void);

/*
 * Encodes one libpfm4 name for the PMUs of this machine, or for the model named in LIBPFM_FORCE_PMU
 * (libpfm(3)). attr gets type, config and privilege levels, and nothing about groups. 0, or
 * -ENOENT, -EINVAL, -EOPNOTSUPP as counters_open, with the reason in why. Where cores are of
 * several types it encodes for the core that this thread runs on; counters_encode_on for that of
 * another CPU (hybrid.h; then -ENOENT also where only the other type has the event). root: "" or a
 * folder that stands for / in tests.
 */
int counters_encode(const char *event, struct perf_event_attr *attr, struct error *why);
int counters_encode_on(const char *root, int cpu, const char *event, struct perf_event_attr *attr,
		       struct error *why);

/*
 * Opens the calling thread's event on a CPU (-1: any), in leader_fd's group (-1: none): a
 * descriptor or -errno. Asks for a 64-bit counter that user space can read where the PMU needs to
 * be asked, and for less where the kernel refuses.
 */
int counters_perf_open(const struct perf_event_attr *wanted, int cpu, int leader_fd);

/*
 * Says in words why perf_event_open refused attr with errno err (positive), and what would help.
 * Returns the -errno that counters_open passes on: the kernel's, but -EOPNOTSUPP for its ENOENT.
 */
int counters_explain(int err, const struct perf_event_attr *attr, struct error *why);

/*
 * Reads one counter in user space from its mmap page, after the pseudo code in the kernel's
 * include/uapi/linux/perf_event.h ("self-monitoring processes"): a sequence loop; index - 1 is the
 * hardware counter's number; its value is sign-extended from pmc_width bits and added to offset.
 * read_pmc executes the instruction (rdpmc); it is a parameter so that tests can check the
 * arithmetic on a made-up page. enabled and running (ns) are from the last time the kernel put the
 * event on the PMU: while index is not 0 both grow at the same rate, so enabled - running is exact
 * without the clock that the pseudo code adds to both. false, results unchanged: user space may not
 * read, index is 0 (not on the PMU now), the width is impossible, or the page keeps changing; use
 * read() then.
 */
bool counters_read_page(const volatile struct perf_event_mmap_page *page,
			uint64_t (*read_pmc)(uint32_t index), uint64_t *count, uint64_t *enabled,
			uint64_t *running);

#endif
