/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "reports/record/field.h"
#include "reports/record/record_rows.h"

const enum result_status *record_row_status(const void *row, const struct field *fields)
{
	while (fields->key && fields->type != FIELD_STATUS)
		fields++;
	return fields->key ? (const void *)((const char *)row + fields->offset) : NULL;
}

/* NOLINTBEGIN(bugprone-macro-parentheses): a type and a function's name cannot stand in parentheses
 */
#define ADD(type, member)                                                         \
	struct type *record_add_##type(struct record *to)                         \
	{                                                                         \
		return field_add_row(to, field_find(record_top_fields, #member)); \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

ADD(slope, slopes)
ADD(event_point, event_points)
ADD(breakpoint, knees)
ADD(app_result, app_results)
ADD(eviction, evictions)
ADD(crosscheck, crosschecks)
ADD(instruction_price, instruction_prices)
ADD(round_conditions, conditions)

struct slope_point *slope_add_point(struct slope *to)
{
	const struct field *slopes = field_find(record_top_fields, "slopes");

	return field_add_row(to, field_find(slopes->sub, "points"));
}

size_t record_rows_measured(const struct record *rec)
{
	size_t measured = 0;

	for (const struct field *rows = record_top_fields; rows->key; rows++) {
		size_t n = rows->type == FIELD_ROWS ? field_rows(rec, rows) : 0;

		for (size_t i = 0; i < n && !rows->pointers; i++) {
			const enum result_status *status =
				record_row_status(field_row(rec, rows, i), rows->sub);

			measured += status && *status == RESULT_MEASURED;
		}
	}
	return measured;
}

bool record_has_figures(const struct record *rec)
{
	size_t measured = record_rows_measured(rec);

	for (size_t i = 0; i < rec->n_results; i++)
		measured += rec->results[i]->status == RESULT_MEASURED &&
			    strcmp(rec->results[i]->hook, "none") != 0;
	return measured;
}
