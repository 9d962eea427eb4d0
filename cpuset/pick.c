/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/error.h"
#include "cpuset/pick.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * CPU 0 does the time keeping and what is not directed to any CPU; a short survey can miss that. So
 * CPU 0 is preferred only if it is quieter by this share of the time.
 */
static const double cpu0_handicap = 0.001;

enum nearness { FAR, SAME_NODE, SAME_L3 };

struct text {
	char *at;
	size_t left;
};

__attribute__((format(printf, 2, 3))) static void text_add(struct text *text, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text->at, text->left, fmt, args);
	va_end(args);
	if (len < 0)
		return;
	if ((size_t)len >= text->left)
		len = text->left ? (int)text->left - 1 : 0;
	text->at += len;
	text->left -= (size_t)len;
}

static bool in_set(hwloc_const_bitmap_t set, int cpu)
{
	return set && hwloc_bitmap_isset(set, (unsigned int)cpu);
}

static double noise_of(const struct pick_facts *facts, int cpu)
{
	if (!facts->noise || (size_t)cpu >= facts->n_noise || isnan(facts->noise[cpu]))
		return INFINITY;
	return facts->noise[cpu];
}

static hwloc_obj_t ancestor(hwloc_topology_t topology, int cpu, hwloc_obj_type_t type)
{
	hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(topology, (unsigned int)cpu);

	return pu ? hwloc_get_ancestor_obj_by_type(topology, type, pu) : NULL;
}

static hwloc_obj_t node_of(hwloc_topology_t topology, int cpu)
{
	hwloc_obj_t pu = hwloc_get_pu_obj_by_os_index(topology, (unsigned int)cpu);

	return pu ? hwloc_get_next_obj_covering_cpuset_by_type(topology, pu->cpuset,
							       HWLOC_OBJ_NUMANODE, NULL)
		  : NULL;
}

static bool same_core(hwloc_topology_t topology, int a, int b)
{
	hwloc_obj_t core = ancestor(topology, a, HWLOC_OBJ_CORE);

	return a == b || (core && in_set(core->cpuset, b));
}

/* A sibling's work takes execution units without leaving gaps that the survey could see. */
static bool siblings_isolated(hwloc_topology_t topology, const struct pick_facts *facts, int cpu)
{
	hwloc_obj_t core = ancestor(topology, cpu, HWLOC_OBJ_CORE);

	return !core || (facts->isolated && hwloc_bitmap_isincluded(core->cpuset, facts->isolated));
}

/* A total order, so that the choice does not depend on the order of comparisons. */
static bool is_better(hwloc_topology_t topology, const struct pick_facts *facts, int a, int b)
{
	const bool keys[][2] = {
		{in_set(facts->isolated, a), in_set(facts->isolated, b)},
		{in_set(facts->nohz_full, a), in_set(facts->nohz_full, b)},
		{siblings_isolated(topology, facts, a), siblings_isolated(topology, facts, b)},
		/* servers run on these, and the others are slower by half */
		{in_set(facts->fast, a), in_set(facts->fast, b)},
	};
	double noise_a = noise_of(facts, a) + (a == 0 ? cpu0_handicap : 0);
	double noise_b = noise_of(facts, b) + (b == 0 ? cpu0_handicap : 0);

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i][0] != keys[i][1])
			return keys[i][0];
	}
	if (noise_a != noise_b)
		return noise_a < noise_b;
	return a > b;
}

static enum nearness nearness(hwloc_topology_t topology, int a, int b)
{
	hwloc_obj_t cache = ancestor(topology, a, HWLOC_OBJ_L3CACHE);
	hwloc_obj_t node = node_of(topology, a);

	if (cache && in_set(cache->cpuset, b))
		return SAME_L3;
	return node && node == node_of(topology, b) ? SAME_NODE : FAR;
}

/*
 * The best CPU of the set. avoid: a CPU whose whole core is excluded, or -1. Returns -1 when none
 * is left.
 */
static int choose_measure(hwloc_topology_t topology, const struct pick_facts *facts,
			  hwloc_const_bitmap_t usable, int avoid)
{
	int best = -1;
	int cpu;

	hwloc_bitmap_foreach_begin(cpu, usable)
	{
		if (avoid >= 0 && same_core(topology, cpu, avoid))
			continue;
		if (best < 0 || is_better(topology, facts, cpu, best))
			best = cpu;
	}
	hwloc_bitmap_foreach_end();
	return best;
}

static int choose_reader(hwloc_topology_t topology, const struct pick_facts *facts,
			 hwloc_const_bitmap_t usable, int measure)
{
	enum nearness near_best = FAR;
	int best = -1;
	int cpu;

	hwloc_bitmap_foreach_begin(cpu, usable)
	{
		enum nearness near = nearness(topology, measure, cpu);

		if (same_core(topology, cpu, measure))
			continue;
		if (best < 0 || near > near_best ||
		    (near == near_best && is_better(topology, facts, cpu, best))) {
			best = cpu;
			near_best = near;
		}
	}
	hwloc_bitmap_foreach_end();
	return best;
}

static void explain_noise(const struct pick_facts *facts, hwloc_const_bitmap_t usable, int chosen,
			  struct text *text)
{
	double noise = noise_of(facts, chosen);
	int cpu;

	if (hwloc_bitmap_weight(usable) == 1) {
		text_add(text, "the only CPU allowed");
		return;
	}
	if (isinf(noise)) {
		text_add(text, chosen ? "nothing tells the CPUs apart, and it is not CPU 0"
				      : "nothing tells the CPUs apart");
		return;
	}
	hwloc_bitmap_foreach_begin(cpu, usable)
	{
		if (noise_of(facts, cpu) < noise) {
			text_add(text,
				 "about as quiet as CPU %d (%.3g %% of its time used by others)",
				 cpu, noise * 100);
			return;
		}
	}
	hwloc_bitmap_foreach_end();
	text_add(text, "the quietest (%.3g %% of its time used by others)", noise * 100);
}

static void explain_measure(hwloc_topology_t topology, const struct pick_facts *facts,
			    hwloc_const_bitmap_t usable, const struct placement *place,
			    struct text *text)
{
	bool isolated = in_set(facts->isolated, place->cpu);
	bool nohz_full = in_set(facts->nohz_full, place->cpu);
	hwloc_obj_t core = ancestor(topology, place->cpu, HWLOC_OBJ_CORE);

	text_add(text, "CPU %d: ", place->cpu);
	if (facts->want_cpu >= 0)
		text_add(text, "asked for with --cpu, %sisolated%s", isolated ? "" : "not ",
			 nohz_full ? ", nohz_full" : "");
	else if (isolated || nohz_full)
		text_add(text, "%s%s%s", isolated ? "isolated" : "",
			 isolated && nohz_full ? " and " : "", nohz_full ? "nohz_full" : "");
	else
		explain_noise(facts, usable, place->cpu, text);
	if (core)
		text_add(text, ", core %d", place->core);
	if (in_set(facts->fast, place->cpu) || in_set(facts->slow, place->cpu))
		text_add(text, " of the %s type",
			 in_set(facts->fast, place->cpu) ? "fastest" : "slower");
	if (place->sibling >= 0 && place->sibling != place->reader_cpu)
		text_add(text, ", its sibling %d is %s", place->sibling,
			 siblings_isolated(topology, facts, place->cpu) ? "isolated too"
									: "left unused");
}

static void explain_reader(hwloc_topology_t topology, const struct pick_facts *facts,
			   hwloc_const_bitmap_t usable, const struct placement *place,
			   struct text *text)
{
	static const char *const near_words[] = {
		[FAR] = "another NUMA node",
		[SAME_NODE] = "same node",
		[SAME_L3] = "same L3 cache",
	};

	if (place->reader_cpu < 0) {
		text_add(text, "; no reader CPU: %s",
			 hwloc_bitmap_weight(usable) == 1
				 ? "no second CPU is allowed"
				 : "the other CPUs allowed are threads of the same core");
		return;
	}
	text_add(text, "; reader on CPU %d%s: %s", place->reader_cpu,
		 facts->want_reader_cpu >= 0 ? " (--reader-cpu)" : "",
		 near_words[nearness(topology, place->cpu, place->reader_cpu)]);
	if (same_core(topology, place->cpu, place->reader_cpu))
		text_add(text, "; WARNING: it is a thread of the same core, so the reader slows "
			       "what is measured");
	else
		text_add(text, ", another core%s",
			 in_set(facts->slow, place->reader_cpu) ? " of the slower type" : "");
}

/* Can a CPU that the user named be used? */
static int check_wanted(int cpu, hwloc_const_bitmap_t usable, struct error *why)
{
	char list[128];

	if (cpu < 0 || in_set(usable, cpu))
		return 0;
	hwloc_bitmap_list_snprintf(list, sizeof(list), usable);
	return error_set(why, -ENOENT, "CPU %d does not exist or is not allowed; allowed: %s", cpu,
			 list);
}

static int choose(hwloc_topology_t topology, const struct pick_facts *facts,
		  hwloc_const_bitmap_t usable, struct placement *out, struct error *why)
{
	int reader_cpu = facts->want_reader_cpu;

	out->cpu = facts->want_cpu;
	if (out->cpu < 0)
		out->cpu = choose_measure(topology, facts, usable, reader_cpu);
	if (out->cpu < 0 && reader_cpu >= 0) {
		/* Only threads of the reader's core are left, as the user wanted. */
		hwloc_bitmap_t rest = hwloc_bitmap_dup(usable);

		if (!rest)
			return error_set(why, -ENOMEM, "no memory for a set of CPUs");
		hwloc_bitmap_clr(rest, (unsigned int)reader_cpu);
		out->cpu = choose_measure(topology, facts, rest, -1);
		hwloc_bitmap_free(rest);
	}
	if (out->cpu < 0)
		return error_set(why, -EINVAL,
				 "CPU %d is the only one allowed: it cannot measure and run the "
				 "reader too; leave out --reader-cpu",
				 reader_cpu);
	if (out->cpu == reader_cpu)
		return error_set(why, -EINVAL,
				 "--cpu and --reader-cpu both name CPU %d: the reader would use "
				 "time of the CPU that is measured",
				 reader_cpu);
	out->reader_cpu =
		reader_cpu >= 0 ? reader_cpu : choose_reader(topology, facts, usable, out->cpu);
	return 0;
}

static void locate(hwloc_topology_t topology, struct placement *out)
{
	hwloc_obj_t core = ancestor(topology, out->cpu, HWLOC_OBJ_CORE);
	hwloc_obj_t node = node_of(topology, out->cpu);
	int cpu;

	out->core = core ? (int)core->logical_index : -1;
	out->node = node ? (int)node->logical_index : -1;
	out->sibling = -1;
	if (!core)
		return;
	hwloc_bitmap_foreach_begin(cpu, core->cpuset)
	{
		if (cpu != out->cpu && out->sibling < 0)
			out->sibling = cpu;
	}
	hwloc_bitmap_foreach_end();
}

int pick_cpus(hwloc_topology_t topology, const struct pick_facts *facts, struct placement *out,
	      struct error *why)
{
	hwloc_bitmap_t usable = hwloc_bitmap_dup(hwloc_topology_get_topology_cpuset(topology));
	struct placement place = {.cpu = -1, .reader_cpu = -1};
	struct text text = {place.reason, sizeof(place.reason)};
	int err = -ENOMEM;

	if (!usable || (facts->allowed && hwloc_bitmap_and(usable, usable, facts->allowed) < 0)) {
		error_say(why, "no memory for a set of CPUs");
		goto out;
	}
	err = -ENOENT;
	if (hwloc_bitmap_iszero(usable)) {
		error_say(why, "this process may run on no CPU of the topology");
		goto out;
	}
	err = check_wanted(facts->want_cpu, usable, why);
	if (!err)
		err = check_wanted(facts->want_reader_cpu, usable, why);
	if (!err)
		err = choose(topology, facts, usable, &place, why);
	if (err)
		goto out;
	locate(topology, &place);
	explain_measure(topology, facts, usable, &place, &text);
	explain_reader(topology, facts, usable, &place, &text);
	*out = place;
out:
	hwloc_bitmap_free(usable);
	return err;
}
