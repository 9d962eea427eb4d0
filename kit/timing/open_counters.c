/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/counter_sets.h"
#include "kit/timing/open_counters.h"

int open_counters(const char *events, const char *set, int cpu, struct counters **out,
		  struct error *why)
{
	struct counter_request *list;
	size_t n;
	int err;

	*out = NULL;
	if (events && *events)
		return counters_open(events, cpu, out, why);
	if (!set || !*set)
		return 0;
	err = counter_set_requests(set, &list, &n);
	if (!err) {
		err = counters_open_list(list, n, cpu, out, why);
		counter_set_free(list, n);
	}
	return err;
}
