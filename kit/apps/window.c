/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "kit/apps/window.h"
#include "calib/clock.h"
#include "kit/system/grow.h"

static const struct {
	const char *name, *measure;
} quantities[] = {
	[Q_THROUGHPUT] = {"throughput", "1/s"},
	[Q_CPU_PER_OPERATION] = {"cpu_per_operation", "us"},
	[Q_WALL] = {"wall_time", "s"},
	[Q_CPU_TIME] = {"cpu_time", "s"},
	[Q_PROGRAM_CPU] = {"program_cpu", "% of a CPU"},
	[Q_CONSUMER_CPU] = {"consumer_cpu", "% of a CPU"},
	[Q_HARNESS_CPU] = {"harness_cpu", "% of a CPU"},
	[Q_MACHINE_CPU] = {"machine_cpu", "% of all CPUs"},
	[Q_STEAL] = {"steal", "% of all CPUs"},
	[Q_SYSCALLS] = {"syscalls_per_s", "1/s"},
	[Q_MUNMAP] = {"munmap_per_s", "1/s"},
	[Q_MADVISE] = {"madvise_per_s", "1/s"},
	[Q_MADVISE_DONTNEED] = {"madvise_dontneed_per_s", "1/s"},
	[Q_MADVISE_FREE] = {"madvise_free_per_s", "1/s"},
	[Q_MADVISE_OTHER] = {"madvise_other_per_s", "1/s"},
	[Q_EVENTS] = {"events_per_s", "1/s"},
	[Q_LOSS] = {"events_lost", "%"},
	[Q_WAKEUPS] = {"wakeups_per_event", "1"},
	[Q_EVICTIONS] = {"evictions_per_s", "1/s"},
	[Q_FRAGMENTATION] = {"fragmentation_ratio", "1"},
	[Q_HEAP] = {"heap_used", "MiB"},
	[Q_PAUSED] = {"paused", "% of the time"},
};
_Static_assert(sizeof(quantities) / sizeof(quantities[0]) == QUANTITY_COUNT, "a row for each");

const char *quantity_name(enum quantity quantity)
{
	return quantities[quantity].name;
}

const char *quantity_measure(enum quantity quantity)
{
	return quantities[quantity].measure;
}

void window_clear(struct window *window)
{
	*window = (struct window){0};
	for (int q = 0; q < QUANTITY_COUNT; q++)
		window->value[q] = NAN;
}

int timeline_add(struct timeline *timeline, double end, double length)
{
	struct sample *grown =
		grow(timeline->sample, timeline->n, &timeline->room, sizeof(*grown), 1024);

	if (!grown)
		return -ENOMEM;
	timeline->sample = grown;
	timeline->sample[timeline->n++] = (struct sample){end, length};
	return 0;
}

static int by_end(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return x->end < y->end ? -1 : x->end > y->end;
}

void timeline_sort(struct timeline *timeline)
{
	if (timeline->n)
		qsort(timeline->sample, timeline->n, sizeof(*timeline->sample), by_end);
}

void timeline_free(struct timeline *timeline)
{
	free(timeline->sample);
	*timeline = (struct timeline){0};
}

size_t timeline_at(const struct timeline *timeline, double time)
{
	size_t low = 0, high = timeline->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (timeline->sample[middle].end < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Operations completed at a time, by linear interpolation between their ends. */
static double done_at(const struct timeline *timeline, double time)
{
	size_t i = timeline_at(timeline, time);
	double before, after;

	if (i == 0 || i == timeline->n)
		return NAN;
	before = timeline->sample[i - 1].end;
	after = timeline->sample[i].end;
	return (double)i + (after > before ? (time - before) / (after - before) : 0);
}

double timeline_count(const struct timeline *timeline, double start, double end)
{
	return done_at(timeline, end) - done_at(timeline, start);
}

double timeline_share(const struct timeline *timeline, double start, double end)
{
	double sum = 0;

	for (size_t i = timeline_at(timeline, start); i < timeline->n; i++) {
		const struct sample *s = &timeline->sample[i];
		double from = fmax(s->end - s->length, start), to = fmin(s->end, end);

		if (to > from)
			sum += to - from;
		/* pauses do not overlap: no later one can reach into the window */
		if (s->end - s->length >= end)
			break;
	}
	return 100 * sum / (end - start);
}

double timeline_mean(const struct timeline *timeline, double start, double end)
{
	size_t from = timeline_at(timeline, start), to = timeline_at(timeline, end);
	double sum = 0;

	for (size_t i = from; i < to; i++)
		sum += timeline->sample[i].length;
	return to > from ? sum / (double)(to - from) : NAN;
}
