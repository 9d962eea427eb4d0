/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * window: what was observed in a stretch of time, one value for each quantity; and timelines:
 * events with a time and a length.
 *
 * window_clear; timeline_add … -> timeline_sort -> timeline_count, timeline_share, timeline_mean …
 * -> timeline_free.
 */
#ifndef BPFTOLL_KIT_APPS_WINDOW_H
#define BPFTOLL_KIT_APPS_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each has a row in window.c with its name and unit. */
enum quantity {
	Q_THROUGHPUT,
	Q_CPU_PER_OPERATION,
	Q_WALL,
	Q_CPU_TIME,
	Q_PROGRAM_CPU,
	Q_CONSUMER_CPU,
	Q_HARNESS_CPU,
	Q_MACHINE_CPU,
	Q_STEAL,
	Q_SYSCALLS,
	Q_MUNMAP,
	Q_MADVISE,
	Q_MADVISE_DONTNEED,
	Q_MADVISE_FREE,
	Q_MADVISE_OTHER,
	Q_EVENTS,
	Q_LOSS,
	Q_WAKEUPS,
	Q_EVICTIONS,
	Q_FRAGMENTATION,
	Q_HEAP,
	Q_PAUSED,
	QUANTITY_COUNT
};

struct window {
	bool with;
	double start, end; /* CLOCK_MONOTONIC, in s */
	double value[QUANTITY_COUNT];
};

const char *quantity_name(enum quantity quantity);    /* "munmap_per_s" */
const char *quantity_measure(enum quantity quantity); /* "1/s" */

/* Sets all quantities to unknown (NAN). */
void window_clear(struct window *window);

struct sample {
	double end, length; /* in s */
};

/* timeline_sort puts the samples in the order of their ends. */
struct timeline {
	struct sample *sample;
	size_t n, room;
};

/* Returns 0 or -ENOMEM. */
int timeline_add(struct timeline *timeline, double end, double length);
void timeline_sort(struct timeline *timeline);
void timeline_free(struct timeline *timeline);

/* The index of the first sample that ends at or after a time; n: none. */
size_t timeline_at(const struct timeline *timeline, double time);

/*
 * How many samples ended in the window, with a fraction for a sample that contains an end of the
 * window. NAN: the timeline does not cover the window.
 */
double timeline_count(const struct timeline *timeline, double start, double end);

/* The share of the window, in %, during which samples lasted. */
double timeline_share(const struct timeline *timeline, double start, double end);

/* The mean length, in s, of the samples that ended in the window; NAN: none did. */
double timeline_mean(const struct timeline *timeline, double start, double end);

#endif
