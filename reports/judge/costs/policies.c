/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/judge/cpu_cost.h"
#include "reports/judge/costs/policies.h"

static bool is_of(const struct event_point *p, const char *scenario)
{
	return p->status == RESULT_MEASURED && !strcmp(p->scenario, scenario) &&
	       strcmp(p->variant, "none") != 0;
}

bool policies_point(const struct event_point *p)
{
	return is_of(p, "wakeup");
}

struct effect policies_cpu(const struct event_point *point)
{
	return cpu_cost_sum(point->producer_cpu, point->consumer_cpu);
}

static bool fits(const struct event_point *p, const char *scenario, double rate, double limit_ns)
{
	return is_of(p, scenario) && !p->saturated && cpu_cost_rate_same(p->rate_target, rate) &&
	       p->received == p->produced && p->age_p99 <= limit_ns &&
	       isfinite(policies_cpu(p).value);
}

const struct event_point *policies_cheapest_of(const struct record *rec, const char *scenario,
					       double rate, double limit_ns, size_t *ties)
{
	const struct event_point *best = NULL;
	struct effect cpu = {NAN, NAN, NAN};

	*ties = 0;
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (fits(p, scenario, rate, limit_ns) &&
		    (!best || policies_cpu(p).value < cpu.value)) {
			best = p;
			cpu = policies_cpu(p);
		}
	}
	for (size_t i = 0; best && i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		/* without an interval nothing can be told apart */
		if (p != best && fits(p, scenario, rate, limit_ns) &&
		    !(policies_cpu(p).lo > cpu.hi))
			++*ties;
	}
	return best;
}

const struct event_point *policies_cheapest(const struct record *rec, double rate, double limit_ns,
					    size_t *ties)
{
	return policies_cheapest_of(rec, "wakeup", rate, limit_ns, ties);
}
