/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "reports/show/costs/result_tables.h"
#include "reports/stats/combine.h"
#include "reports/show/figure.h"
#include "reports/show/listing.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"

#define RESULT(member) offsetof(struct record_result, member)

/* ---- loads ---- */

static void put_one_load(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;

	fprintf(out, "%+.0f..%+.0f", result->spread.p10, result->spread.p90);
}

static void put_modes(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;

	if (result->n_modes < 2)
		fputs(result->n_modes ? "one" : "-", out);
	for (size_t i = 0; result->n_modes > 1 && i < result->n_modes; i++)
		fprintf(out, "%s%+.0f in %.0f %%", i ? ", " : "", result->modes[i].value,
			100 * result->modes[i].share);
}

static void put_loads(FILE *out, const struct entry *e)
{
	fprintf(out, "%zu", ((const struct record_result *)e->row)->spread.loads);
}

int loads_table_print(struct page *page, const struct record_result *const *results, size_t n)
{
	static const struct column columns[] = {
		{"variant", put_text, RESULT(variant), 0},
		{"wakeup", put_wakeup_name, RESULT(wakeup), 0},
		{"mean", put_effect, RESULT(overhead.mean), COLUMN_RIGHT},
		{"one load", put_one_load, 0, COLUMN_RIGHT},
		{"loads", put_loads, 0, COLUMN_RIGHT},
		{"modes", put_modes, 0, 0},
	};
	struct listing l = LISTING(page, columns);

	if (n)
		l.unit = results[0]->unit;
	for (size_t i = 0; i < n; i++)
		if (!isnan(results[i]->spread.p10))
			listing_row(&l, results[i]);
	if (l.rows) {
		page_gap(page);
		page_say(page,
			 "From load to load: a program's cost depends on where it is loaded. \"One "
			 "load\" is the range in which eight loads in ten lie, a block's own noise "
			 "taken off; mean: of all loads; in %s.",
			 unit_name(l.unit));
		page_gap(page);
	}
	return listing_print(&l);
}

/* ---- neighbours ---- */

static bool of_the_uncontended(const struct record_result *result)
{
	return result->stratum && strcmp(result->stratum, "uncontended") == 0;
}

/* Whole percents, but never 0 or 100 for what is neither. */
static double percent(double share)
{
	double whole = round(100 * share);

	if (share > 0 && whole < 1)
		return 1;
	return share < 1 && whole > 99 ? 99 : whole;
}

/* What the costs below are of; left: percent of the rounds that are free of a neighbour. */
static void print_of_what(FILE *line, size_t uncontended, size_t configs, double left)
{
	if (uncontended == configs)
		fprintf(line, "; costs below are of the other %.0f %%", left);
	else if (uncontended == 0)
		fputs("; costs below are of all rounds", line);
	else
		fprintf(line,
			"; the costs of %zu of %zu rows below are of the other %.0f %%, the rest "
			"of all rounds",
			uncontended, configs, left);
}

void neighbour_print_fact(struct page *p, const struct record_result *const *configs, size_t n)
{
	size_t known = 0, asked = 0, uncontended = 0;
	double share = 0;
	FILE *line;

	for (size_t i = 0; i < n; i++) {
		uncontended += of_the_uncontended(configs[i]);
		asked += configs[i]->strata_note != NULL;
		if (isnan(configs[i]->contended_share))
			continue;
		share += configs[i]->contended_share;
		known++;
	}
	if (!known && !asked)
		return;
	line = page_line(p);
	share /= (double)known;
	if (!known) {
		fputs("whether one used the core's other hardware thread cannot be told", line);
	} else if (!(share > 0)) {
		fputs("none was seen on the core's other hardware thread", line);
	} else {
		fprintf(line,
			"a neighbour used the core's other hardware thread in %s%.0f %% of the "
			"rounds",
			share < 0.01 ? "under " : "", percent(share));
		print_of_what(line, uncontended, n, 100 - percent(share));
	}
	page_fact(p, "neighbour");
}

static void put_share(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;

	if (isnan(result->contended_share))
		fputc('-', out);
	else
		fprintf(out, "%.0f %%", percent(result->contended_share));
}

/* Each reason once, with the first row that has it. */
static void print_notes(struct page *p, const struct record_result *const *configs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t before = 0, same = 0;
		FILE *line;

		if (!configs[i]->strata_note)
			continue;
		for (size_t k = 0; k < n; k++) {
			bool is = configs[k]->strata_note &&
				  strcmp(configs[k]->strata_note, configs[i]->strata_note) == 0;

			before += is && k < i;
			same += is;
		}
		if (before)
			continue;
		line = page_line(p);
		escape_part(line, configs[i]->variant, p->format);
		if (same > 1)
			fprintf(line, " and %zu more", same - 1);
		fprintf(line, ": %s", page_quote(p, configs[i]->strata_note));
		page_fact(p, "withheld");
	}
}

int neighbour_print(struct page *p, const struct record_result *const *configs, size_t n)
{
	static const struct column columns[] = {
		{"variant", put_text, RESULT(variant), 0},
		{"wakeup", put_wakeup_name, RESULT(wakeup), COLUMN_NOT_DASH},
		{"contended rounds", put_share, 0, COLUMN_RIGHT},
		{"core alone", put_effect, RESULT(uncontended), COLUMN_RIGHT},
		{"beside one", put_effect, RESULT(contended), COLUMN_RIGHT},
		{"core cycles", put_effect, RESULT(cycles), COLUMN_RIGHT},
	};
	struct listing l = LISTING(p, columns);
	int err;

	if (n)
		l.unit = configs[0]->unit;
	for (size_t i = 0; i < n; i++)
		if (!isnan(configs[i]->contended.value) || !isnan(configs[i]->cycles.value))
			listing_row(&l, configs[i]);
	if (l.rows) {
		page_say(p, "The same, for rounds with the core alone and beside a neighbour "
			    "(another program on the core's other hardware thread): typical over "
			    "processes, in ns, and in core cycles.");
		page_gap(p);
	}
	err = listing_print(&l);
	print_notes(p, configs, n);
	return err;
}

/* ---- cold calls ---- */

static void put_holds(FILE *out, const struct entry *e)
{
	fputs(((const struct eviction *)e->row)->holds ? "yes" : "NO", out);
}

#define EVICTION(member) offsetof(struct eviction, member)

int cold_print_proofs(struct page *page)
{
	static const struct column columns[] = {
		{"what", put_text, EVICTION(what), 0},
		{"in ns", put_text, EVICTION(measure), 0},
		{"hot", put_length, EVICTION(hot), COLUMN_RIGHT},
		{"evicted", put_length, EVICTION(evicted), COLUMN_RIGHT},
		{"from L2", put_length, EVICTION(near), COLUMN_RIGHT},
		{"from memory", put_length, EVICTION(far), COLUMN_RIGHT},
		{"proved", put_holds, 0, 0},
	};
	struct listing l = LISTING(page, columns);
	const struct record *rec = page->rec;
	FILE *line;
	int err;

	if (!rec->n_evictions)
		return 0;
	/* all rows of one run say the same of how */
	line = page_line(page);
	fprintf(line, "between cold calls: %s; it takes ", page_quote(page, rec->evictions[0].how));
	figure_length(line, rec->evictions[0].eviction / 1000, UNIT_NS);
	fputs(" us", line);
	page_fact(page, "evicted");
	page_gap(page);
	for (size_t i = 0; i < rec->n_evictions; i++)
		listing_row(&l, &rec->evictions[i]);
	err = listing_print(&l);
	for (size_t i = 0; i < rec->n_evictions; i++) {
		const struct eviction *row = &rec->evictions[i];

		page_tell(page, row->holds ? "proved" : "NOT PROVED", "%s: %s",
			  page_quote(page, row->what),
			  page_quote(page, row->note ? row->note : "-"));
	}
	return err;
}

/* The same result measured hot; NULL: it was not. */
static const struct record_result *its_hot(const struct record *rec,
					   const struct record_result *cold)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (result->status == RESULT_MEASURED && !strcmp(result->cache, "hot") &&
		    !strcmp(result->variant, cold->variant) &&
		    !strcmp(result->workload, cold->workload) &&
		    !strcmp(result->wakeup, cold->wakeup) && result->unit == cold->unit)
			return result;
	}
	return NULL;
}

struct cold_row {
	const char *workload, *variant, *wakeup;
	double call_hot, call_cold;
	struct effect hot, cold, more;
};

static void put_ratio(FILE *out, const struct entry *e)
{
	const struct cold_row *row = e->row;

	figure_ratio(out, row->cold, row->hot);
}

#define COLD(member) offsetof(struct cold_row, member)

int cold_print_against_hot(struct page *page)
{
	static const struct column columns[] = {
		{"syscall", put_text, COLD(workload), 0},
		{"variant", put_text, COLD(variant), 0},
		{"wakeup", put_wakeup_name, COLD(wakeup), COLUMN_VARIES},
		{"call hot", put_length, COLD(call_hot), COLUMN_RIGHT},
		{"call cold", put_length, COLD(call_cold), COLUMN_RIGHT},
		{"adds hot", put_effect, COLD(hot), COLUMN_RIGHT},
		{"adds cold", put_effect, COLD(cold), COLUMN_RIGHT},
		{"cold - hot", put_effect, COLD(more), COLUMN_RIGHT},
		{"cold / hot", put_ratio, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(page, columns);
	const struct record *rec = page->rec;

	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *cold = rec->results[i], *hot;
		struct cold_row row;

		if (cold->status != RESULT_MEASURED || strcmp(cold->cache, "cold") != 0 ||
		    !strcmp(cold->hook, "none"))
			continue;
		hot = its_hot(rec, cold);
		if (!hot)
			continue;
		row = (struct cold_row){
			cold->workload,
			cold->variant,
			cold->wakeup,
			hot->baseline.typical,
			cold->baseline.typical,
			hot->overhead.typical,
			cold->overhead.typical,
			combine_difference(cold->overhead.typical, hot->overhead.typical)};
		l.unit = cold->unit;
		listing_row(&l, &row);
	}
	if (l.rows) {
		page_head(page, "Cold against hot, typical, in ns");
		page_gap(page);
	}
	return listing_print(&l);
}

/* ---- programs ---- */

static bool same_program(const struct record_result *a, const struct record_result *b)
{
	return strcmp(a->variant, b->variant) == 0 &&
	       a->program.verified_insns == b->program.verified_insns &&
	       a->program.xlated_bytes == b->program.xlated_bytes &&
	       a->program.jited_bytes == b->program.jited_bytes &&
	       a->program.stack_bytes == b->program.stack_bytes;
}

/* One like it stands before: another workload's, cache state's or wakeup policy's. */
static bool told(const struct record *rec, size_t result)
{
	for (size_t i = 0; i < result; i++)
		if (rec->results[i]->program.present &&
		    same_program(rec->results[i], rec->results[result]))
			return true;
	return false;
}

static void put_known(FILE *out, const struct entry *e)
{
	uint64_t value = *(const uint64_t *)entry_member(e);

	if (value)
		fprintf(out, "%" PRIu64, value);
	else if (entry_format(e) != RENDER_CSV)
		fputc('-', out);
}

static void put_stack(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;

	/* 0 is what is not known, unless the time to verify it is: then it uses no stack */
	if (result->program.verify_us && !result->program.stack_bytes)
		fputc('0', out);
	else
		put_known(out, e);
}

int programs_print(const struct record *rec, enum render_format format, FILE *out)
{
	static const struct column columns[] = {
		{"variant", put_text, RESULT(variant), 0},
		{"wakeup", put_wakeup_name, RESULT(wakeup), 0},
		{"verified insns", put_known, RESULT(program.verified_insns), COLUMN_RIGHT},
		{"xlated bytes", put_known, RESULT(program.xlated_bytes), COLUMN_RIGHT},
		{"jited bytes", put_known, RESULT(program.jited_bytes), COLUMN_RIGHT},
		{"stack bytes", put_stack, RESULT(program.stack_bytes), COLUMN_RIGHT},
		{"verifier us", put_known, RESULT(program.verify_us), COLUMN_RIGHT},
		{"load us", put_known, RESULT(program.load_us), COLUMN_RIGHT},
	};
	enum { COLUMNS = sizeof(columns) / sizeof(*columns) };
	static const char *const csv[COLUMNS] = {"variant",	 "drain",	"verified_insns",
						 "xlated_bytes", "jited_bytes", "stack_bytes",
						 "verify_us",	 "load_us"};
	struct column named[COLUMNS];
	struct page page = {.out = out, .format = format, .rec = rec};
	struct listing l = LISTING(&page, named);

	for (size_t c = 0; c < COLUMNS; c++) {
		named[c] = columns[c];
		if (format == RENDER_CSV)
			named[c].header = csv[c];
	}
	for (size_t i = 0; i < rec->n_results; i++)
		if (rec->results[i]->program.present && !told(rec, i))
			listing_row(&l, rec->results[i]);
	return l.rows ? listing_print(&l) : -ENOENT;
}
