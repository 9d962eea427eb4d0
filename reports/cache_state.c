/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "reports/cache_state.h"

static const struct record_cell *find(const struct record *rec, const char *variant,
				      const char *trigger, const char *drain, const char *cache)
{
	char id[256];

	snprintf(id, sizeof(id), "%s/%s/%s/%s", variant, trigger, drain, cache);
	return record_find_cell(rec, id);
}

const struct record_cell *cache_find(const struct record *rec, const char *variant,
				     const char *trigger, const char *drain)
{
	const struct record_cell *cell = find(rec, variant, trigger, drain, CACHE_STIRRED_NAME);

	return cell ? cell : find(rec, variant, trigger, drain, CACHE_HOT_NAME);
}

bool cache_quoted(const struct record *rec, const struct record_cell *cell)
{
	return cache_find(rec, cell->variant, cell->trigger, cell->drain) == cell;
}

const char *cache_of(const struct record *rec)
{
	for (size_t i = 0; i < rec->n_cells; i++)
		if (!strcmp(rec->cells[i]->cache, CACHE_STIRRED_NAME))
			return CACHE_STIRRED_NAME;
	return CACHE_HOT_NAME;
}
