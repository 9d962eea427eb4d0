/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What helpers cost: claims first, then a price a helper. */
#include <string.h>

#include "reports/document/report_parts.h"
#include "reports/document/report_words.h"
#include "reports/judge/costs/claims.h"
#include "reports/judge/costs/prices.h"
#include "reports/record/cache_state.h"
#include "reports/record/record_rows.h"
#include "reports/show/escape.h"
#include "reports/show/listing.h"

static void put_claim_by(FILE *out, const struct entry *e)
{
	escape_part(out, ((const struct claim_row *)e->row)->by, entry_format(e));
}

static void put_claim_verdict(FILE *out, const struct entry *e)
{
	fputs(claims_verdict_name(((const struct claim_row *)e->row)->verdict), out);
}

#define CLAIM(member) offsetof(struct claim_row, member)

/* What was claimed, first. */
static int put_claims(struct report *r)
{
	static const struct column columns[] = {
		{"claim", put_text, CLAIM(what), 0},
		{"claimed", put_text, CLAIM(claimed), 0},
		{"unit", put_text, CLAIM(unit), 0},
		{"measured by", put_claim_by, 0, 0},
		{"measured", put_effect, CLAIM(measured), COLUMN_RIGHT},
		{"verdict", put_claim_verdict, 0, 0},
	};
	struct listing l = LISTING(&r->page, columns);
	struct claim_row rows[CLAIMS_ROWS_MOST];
	size_t n = claims_collect(r->page.rec, rows, CLAIMS_ROWS_MOST);
	FILE *line;

	for (size_t i = 0; i < n; i++)
		listing_row(&l, &rows[i]);
	if (!n)
		return 0;
	line = page_line(&r->page);
	fputs("What is claimed of the probe, against ", line);
	words_record(line, r->e, r->page.rec);
	fprintf(line,
		". A single number is taken for ±%.0f %%. CONFIRMED: the whole interval lies "
		"within. REFUTED: all of it lies outside. The %zu claims are judged together "
		"(Holm).",
		100 * CLAIMS_ABOUT, n);
	if (r->page.rec->n_slopes && strcmp(r->page.rec->slopes[0].cache, CACHE_HOT_NAME) == 0)
		fputs(" Its calls follow one another in hot caches.", line);
	page_note(&r->page);
	page_gap(&r->page);
	return listing_print(&l);
}

/* One size and host program of each helper; all others are in slopes.csv. */
static bool is_reference(const struct record *rec, const struct slope *row)
{
	const struct slope *probes = prices_find(rec, row->helper, "40 bytes", row->wakeup);

	if (row->status != RESULT_MEASURED || row->nonlinear || !(row->slope.lo > 0) ||
	    strcmp(row->cache, "hot") != 0 ||
	    (strcmp(row->wakeup, "-") != 0 && strcmp(row->wakeup, "idle") != 0))
		return false;
	/* 40 bytes: the event of the probe under test */
	return row == (probes ? probes : prices_find(rec, row->helper, NULL, row->wakeup));
}

#define SLOPE(member) offsetof(struct slope, member)

static int put_prices(struct report *r)
{
	static const struct column columns[] = {
		{"helper", put_text, SLOPE(helper), 0},
		{"size", put_text, SLOPE(size), 0},
		{"wakeup", put_wakeup_name, SLOPE(wakeup), 0},
		{"on", put_text, SLOPE(host_program), 0},
		{"one call more, ns", put_effect, SLOPE(slope), COLUMN_RIGHT},
	};
	struct listing l = LISTING(&r->page, columns);
	const struct record *rec = r->page.rec;

	for (size_t i = 0; i < rec->n_slopes; i++)
		if (rec->slopes[i].unit == UNIT_NS && is_reference(rec, &rec->slopes[i]))
			listing_row(&l, &rec->slopes[i]);
	if (!l.rows)
		return 0;
	report_text(r,
		    "The price is what one call more costs, from 0, 1, 4 and 16 calls in one "
		    "program. Shown: one size of each helper, without a wakeup, where the points "
		    "are a line and the price is surely above zero. The rest is in `slopes.csv`.");
	page_gap(&r->page);
	return listing_print(&l);
}

int report_helpers(struct report *r)
{
	bool told = false;
	int err = 0;

	for (size_t i = 0; i < r->e->n_runs && !err; i++) {
		const struct record *rec = r->e->runs[i].record;

		if (!rec->n_slopes)
			continue;
		if (!told) {
			report_heading(r, "Helpers");
			picture_waterfall(r);
		}
		told = true;
		r->page.rec = rec;
		err = put_claims(r);
		if (!err)
			err = put_prices(r);
		r->page.rec = r->rec;
	}
	return err;
}
