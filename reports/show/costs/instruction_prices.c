/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>

#include "reports/record/record_rows.h"
#include "reports/show/costs/instruction_prices.h"
#include "reports/show/listing.h"

#define PRICE(member) offsetof(struct instruction_price, member)

static void put_between(FILE *out, const struct entry *e)
{
	const struct instruction_price *price = e->row;

	fprintf(out, "%.3f..%.3f%s", price->between.lo, price->between.hi, price->bent ? " *" : "");
}

int instruction_prices_print(struct page *page)
{
	static const struct column columns[] = {
		{"instructions", put_text, PRICE(name), 0},
		{"this kernel's", put_text, PRICE(way), 0},
		{"ns each", put_effect, PRICE(ns), COLUMN_RIGHT},
		{"between lengths", put_between, 0, COLUMN_RIGHT},
		{"what", put_text, PRICE(summary), 0},
	};
	struct listing l = LISTING(page, columns);
	const struct record *rec = page->rec;

	for (size_t i = 0; i < rec->n_instruction_prices; i++)
		if (rec->instruction_prices[i].status == RESULT_MEASURED)
			listing_row(&l, &rec->instruction_prices[i]);
	if (!l.rows)
		return 0;
	page_head(page, "Instructions in user space");
	page_say(page,
		 "What one more costs in a loop of 16, 32, 48 and 64 of them: the slope of the "
		 "line over the rounds, and the least and the greatest difference between "
		 "neighbouring lengths (*: apart by more than chance). Caches are warm and "
		 "branches learned: between other code, as in the kernel, it is another price.");
	page_gap(page);
	return listing_print(&l);
}
