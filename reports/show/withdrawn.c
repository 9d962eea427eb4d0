/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/record/record_rows.h"
#include "reports/record/treatment.h"
#include "reports/show/withdrawn.h"

/* Event rows that don't say how they were read. */
static bool withdrawn_events(const struct record *rec)
{
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (p->status == RESULT_MEASURED && strcmp(p->variant, "none") != 0 &&
		    !treatment_known(&p->reader))
			return true;
	}
	return false;
}

/* Breakpoints without a direction. */
static bool withdrawn_breakpoints(const struct record *rec)
{
	for (size_t i = 0; i < rec->n_breakpoints; i++)
		if (isnan(rec->breakpoints[i].highest))
			return true;
	return false;
}

void withdrawn_print(struct page *page)
{
	bool events = withdrawn_events(page->rec), breakpoints = withdrawn_breakpoints(page->rec);
	FILE *line;

	if (!events && !breakpoints)
		return;
	line = page_line(page);
	fputs("of an older record: ", line);
	if (events)
		fputs("the wakeup policies busy-poll, none and sleeping of its event rows (those "
		      "of its other results stand), its bounds on loss (windows that fit into the "
		      "buffer)",
		      line);
	if (breakpoints)
		fprintf(line, "%sits breakpoints (bends of either direction, each tested alone)",
			events ? " and " : "");
	fputs("; measure them again", line);
	page_fact(page, "withdrawn");
}
