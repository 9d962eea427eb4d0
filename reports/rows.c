/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/prices.h"
#include "reports/quote.h"
#include "reports/rows.h"

int rows_print(struct page *page)
{
	return prices_print(page);
}

static void note(struct page *page, const char *text)
{
	quote_part(page_line(page), text, page->format);
	page_note(page);
}

void rows_print_legend(struct page *page)
{
	if (page->rec->n_slopes)
		note(page, "price: the slope of a line through each round's programs, 20 %-trimmed "
			   "over rounds. \"!\": the points are no line (Yuen's test of the "
			   "residuals at 1 %, all points together), so the price depends on how "
			   "often the helper is called.");
}
