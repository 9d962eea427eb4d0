/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "cpuset/affinity.h"
#include "cpuset/facts.h"
#include "cpuset/survey.h"
#include "kit/system/place.h"

/* The survey of all CPUs together takes about this long. */
#define SURVEY_MS	    1000
#define SURVEY_CPU_MS_MOST  250
#define SURVEY_CPU_MS_LEAST 5

static hwloc_bitmap_t could_run; /* kept as long as the process runs */

static struct {
	int cpu, reader_cpu; /* -1: none */
	pid_t timed_by;
	struct error lost;
} watched = {.cpu = -1, .reader_cpu = -1};

size_t place_cpus(int *cpus, size_t most)
{
	size_t n = 0;

	if (!could_run)
		return 0;
	for (int cpu = hwloc_bitmap_first(could_run); cpu >= 0 && n < most;
	     cpu = hwloc_bitmap_next(could_run, cpu))
		cpus[n++] = cpu;
	return n;
}

int place_adopt(const int *cpus, size_t n)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();

	if (!set)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		hwloc_bitmap_set(set, (unsigned int)cpus[i]);
	hwloc_bitmap_free(could_run);
	could_run = set;
	return affinity_set(set);
}

bool place_leave(int cpu)
{
	hwloc_bitmap_t rest = could_run ? hwloc_bitmap_dup(could_run) : NULL;
	bool left = false;

	if (rest) {
		hwloc_bitmap_clr(rest, (unsigned int)cpu);
		left = !hwloc_bitmap_iszero(rest) && !affinity_set(rest);
	}
	hwloc_bitmap_free(rest);
	return left;
}

static int survey(struct facts *facts, struct pick_facts *known, double **noise)
{
	int last = hwloc_bitmap_last(facts->allowed), weight = hwloc_bitmap_weight(facts->allowed);
	unsigned int each;

	if (last < 0 || weight < 1)
		return -ENOENT;
	*noise = malloc(((size_t)last + 1) * sizeof(**noise));
	if (!*noise)
		return -ENOMEM;
	for (int i = 0; i <= last; i++)
		(*noise)[i] = NAN;
	each = (unsigned int)(SURVEY_MS / weight);
	each = each > SURVEY_CPU_MS_MOST ? SURVEY_CPU_MS_MOST : each;
	each = each < SURVEY_CPU_MS_LEAST ? SURVEY_CPU_MS_LEAST : each;
	known->noise = *noise;
	known->n_noise = (size_t)last + 1;
	return survey_noise(facts->allowed, each, *noise, known->n_noise);
}

int place_choose(int cpu, int reader_cpu, struct placement *out, struct error *why)
{
	struct pick_facts known = {.want_cpu = cpu, .want_reader_cpu = reader_cpu};
	hwloc_topology_t topology = NULL;
	struct facts facts = {0};
	double *noise = NULL;
	int err = facts_gather("", &facts, why);

	if (err)
		return err;
	if (hwloc_topology_init(&topology) || hwloc_topology_load(topology)) {
		err = error_set(why, -EIO, "hwloc cannot read the topology");
		goto out;
	}
	if (!could_run)
		could_run = hwloc_bitmap_dup(facts.allowed);
	known.allowed = facts.allowed;
	known.isolated = facts.isolated;
	known.nohz_full = facts.nohz_full;
	known.fast = facts.fast;
	known.slow = facts.slow;
	/* the survey is only needed to choose: not where both are given */
	if (cpu < 0)
		survey(&facts, &known, &noise);
	err = pick_cpus(topology, &known, out, why);
	if (!err)
		place_watch(out->cpu, out->reader_cpu);
out:
	if (topology)
		hwloc_topology_destroy(topology);
	facts_release(&facts);
	free(noise);
	return err;
}

int place_pin(const struct placement *placement, struct error *why)
{
	int err = affinity_pin(placement->cpu);

	if (err)
		error_say(why, "CPU %d: %s", placement->cpu, strerror(-err));
	return err;
}

void place_watch(int cpu, int reader_cpu)
{
	watched.cpu = cpu;
	watched.reader_cpu = reader_cpu;
}

void place_timed_by(pid_t pid)
{
	watched.timed_by = pid;
}

void place_lose(const char *what)
{
	if (!*watched.lost.text)
		error_say(&watched.lost, "%s", what);
}

static void look_online(int cpu, const char *what, hwloc_const_bitmap_t online)
{
	if (cpu >= 0 && !*watched.lost.text && !hwloc_bitmap_isset(online, (unsigned int)cpu))
		error_say(&watched.lost, "CPU %d, %s, went offline", cpu, what);
}

const char *place_lost(void)
{
	bool moved = watched.cpu >= 0 && watched.timed_by > 0 &&
		     !affinity_is(watched.timed_by, watched.cpu);
	hwloc_bitmap_t online = hwloc_bitmap_alloc();
	struct error why;

	/*
	 * The list is not read where nothing says that it is needed: the file's memory would show
	 * in counts of instructions.
	 */
	if (online && (moved || watched.timed_by <= 0 || watched.reader_cpu >= 0) &&
	    !facts_read_list("", "online", online, &why) && !hwloc_bitmap_iszero(online)) {
		look_online(watched.cpu, "where the calls are timed", online);
		look_online(watched.reader_cpu, "where events are read", online);
	}
	if (moved && !*watched.lost.text)
		error_say(&watched.lost,
			  "CPU %d, where the calls are timed, was offline for a while, or another "
			  "program has let the process that makes the calls run on other CPUs",
			  watched.cpu);
	hwloc_bitmap_free(online);
	return *watched.lost.text ? watched.lost.text : NULL;
}
