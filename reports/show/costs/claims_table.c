/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/judge/costs/claims.h"
#include "reports/show/costs/claims_table.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"
#include "reports/show/listing.h"

static void put_claimed(FILE *out, const struct entry *e)
{
	const struct claim_row *row = e->row;

	escape_part(out, row->claimed, entry_format(e));
	fprintf(out, " %s", row->unit);
}

static void put_by(FILE *out, const struct entry *e)
{
	escape_part(out, ((const struct claim_row *)e->row)->by, entry_format(e));
}

static void put_measured(FILE *out, const struct entry *e)
{
	figure_effect(out, ((const struct claim_row *)e->row)->measured, UNIT_NS, FIGURE_BRACKETS);
}

static void put_claim_verdict(FILE *out, const struct entry *e)
{
	const struct claim_row *row = e->row;
	double ratio = claims_ratio(row);

	fputs(claims_verdict_name(row->verdict), out);
	if (row->verdict == CLAIM_CHEAPER || row->verdict == CLAIM_DEARER)
		fprintf(out, ": %.*fx", ratio < 1 ? 2 : ratio < 10 ? 1 : 0, ratio);
}

int claims_print(struct page *page)
{
	static const struct column columns[] = {
		{"claim", put_text, offsetof(struct claim_row, what), 0},
		{"claimed", put_claimed, 0, 0},
		{"measured by", put_by, 0, 0},
		{"measured", put_measured, 0, COLUMN_RIGHT},
		{"verdict", put_claim_verdict, 0, 0},
	};
	struct listing l = LISTING(page, columns);
	struct claim_row rows[CLAIMS_ROWS_MOST];
	size_t n = claims_collect(page->rec, rows, CLAIMS_ROWS_MOST);

	if (n == 0)
		return 0;
	page_head(page, "Claims");
	page_say(page,
		 "What is claimed of the probe under test, held against this machine. A single "
		 "number is taken for ±%.0f %%, a range or a bound for what it says. CONFIRMED: "
		 "the whole interval lies within; REFUTED: all of it lies outside (cheaper is the "
		 "safe side); UNDECIDED: it reaches over an edge.%s",
		 100 * CLAIMS_ABOUT,
		 n > 1 ? " Intervals are widened for the claims, which are judged together (Holm)."
		       : "");
	page_gap(page);
	for (size_t i = 0; i < n; i++)
		listing_row(&l, &rows[i]);
	return listing_print(&l);
}
