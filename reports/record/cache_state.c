/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "reports/record/cache_state.h"

static const struct record_result *find(const struct record *rec, const char *variant,
					const char *workload, const char *wakeup, const char *cache)
{
	char id[256];

	snprintf(id, sizeof(id), "%s/%s/%s/%s", variant, workload, wakeup, cache);
	return record_find_result(rec, id);
}

const struct record_result *cache_find(const struct record *rec, const char *variant,
				       const char *workload, const char *wakeup)
{
	const struct record_result *result =
		find(rec, variant, workload, wakeup, CACHE_STIRRED_NAME);

	return result ? result : find(rec, variant, workload, wakeup, CACHE_HOT_NAME);
}

bool cache_shown(const struct record *rec, const struct record_result *result)
{
	return cache_find(rec, result->variant, result->workload, result->wakeup) == result;
}

const char *cache_of(const struct record *rec)
{
	for (size_t i = 0; i < rec->n_results; i++)
		if (!strcmp(rec->results[i]->cache, CACHE_STIRRED_NAME))
			return CACHE_STIRRED_NAME;
	return CACHE_HOT_NAME;
}
