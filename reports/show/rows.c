/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/show/events/app_table.h"
#include "reports/show/events/budget_tables.h"
#include "reports/show/events/crosschecks.h"
#include "reports/show/events/event_tables.h"
#include "reports/show/costs/claims_table.h"
#include "reports/show/costs/instruction_prices.h"
#include "reports/show/costs/price_tables.h"
#include "reports/show/escape.h"
#include "reports/show/rows.h"
#include "reports/show/events/sweeps.h"

int rows_print(struct page *page)
{
	static int (*const parts[])(struct page * page) = {
		prices_print,		instruction_prices_print,
		claims_print,		crosschecks_print,
		sweeps_print,		sweeps_print_breakpoints,
		sweeps_print_exposure,	sweeps_print_overload,
		contention_print,	policies_print,
		contention_print_flood, sweeps_print_accounting,
		app_table_print,
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !err; i++)
		err = parts[i](page);
	return err;
}

bool rows_have_legend(const struct page *page)
{
	return page->rec->n_slopes || page->rec->n_app_results;
}

static void note(struct page *page, const char *text)
{
	escape_part(page_line(page), text, page->format);
	page_note(page);
}

void rows_print_legend(struct page *page)
{
	if (page->rec->n_slopes)
		note(page, "price: the slope of a line through each round's programs that call the "
			   "helper, 20 %-trimmed over rounds. Not linear: the points are no line "
			   "(Yuen's test of the residuals at 1 %, all points together), so the "
			   "price depends on how often the helper is called.");
	if (page->rec->n_app_results)
		note(page, "programs: windows with and without alternate as ABBA or BAAB; a change "
			   "is paired by window, 20 %-trimmed. predicted: calls a second times the "
			   "price of a call, over the program's CPU time. Where the probe never "
			   "fires (no munmap, no madvise), that is what other syscalls pay. "
			   "all_probes: the windows of every probe that monitors the program.");
}
