/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * counters: libpfm4 event names -> pinned perf_event groups, read around blocks of calls.
 *
 * counters_open -> (counters_begin, block, counters_end) … -> counters_close. User and kernel are counted apart
 * (":u", ":k"). Events that the PMU cannot hold at once form several groups (passes): pass p is counted in the
 * blocks for which counters_begin(c, p) was called; nothing is multiplexed.
 */
#ifndef BPFTOLL_COUNTERS_H
#define BPFTOLL_COUNTERS_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct counters;

/* One event of the list, where it was placed, and its last block's count. */
struct counter {
	const char *name; /* as given */
	unsigned int pass;
	uint64_t count;	    /* of the last block of its pass */
	bool valid;	    /* counted for the whole block (enabled == running, no fallback failed) */
	const char *reason; /* why not, else NULL */
};

/*
 * events: comma-separated libpfm4 names ("cycles:k,instructions:k"). cpu: the measuring CPU, the calling thread is counted.
 * -ENOENT: a name that libpfm4 does not know here (why names the nearest ones); -EOPNOTSUPP: no PMU; -EBUSY,
 * -EACCES: the kernel's own answer, in words. force_software: encode through the perf_events
 * software PMU only (tests on machines without a PMU).
 */
int counters_open(const char *events, int cpu, struct counters **out, char *why, size_t why_len);
void counters_close(struct counters *c);

unsigned int counters_passes(const struct counters *c);
int counters_begin(struct counters *c, unsigned int pass);
int counters_end(struct counters *c, unsigned int pass);
size_t counters_count(const struct counters *c);
const struct counter *counters_at(const struct counters *c, size_t i);

/* Is there a hardware PMU here? name: its sysfs name, or the reason why not. */
bool counters_pmu_present(char *name, size_t len);

/* Encodes one name for the PMU model libpfm4 was told to assume (LIBPFM_FORCE_PMU). 0 or -errno, why. */
int counters_encode(const char *event, struct perf_event_attr *attr, char *why, size_t why_len);

/*
 * The user-space read of one counter from its mmap page (tools/include and perf_event.h, "self-monitoring"): sequence
 * loop, index == 0 means "not on the PMU now", pmc_width sign extension. read_pmc is the instruction
 * (rdpmc), a parameter so that a made-up page tests the arithmetic. false: fall back to read().
 */
bool counters_read_page(const volatile struct perf_event_mmap_page *page,
			uint64_t (*read_pmc)(uint32_t index), uint64_t *count, uint64_t *enabled,
			uint64_t *running);

#endif
