/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/show/escape.h"
#include "reports/show/listing.h"
#include "reports/show/page.h"
#include "reports/show/predict/change_print.h"

/* The programs that lab shows first: the hook alone, and a complete probe with either buffer. */
static const char *const programs[] = {"empty", "perf", "ringbuf"};
#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))

struct line {
	const struct change *change;
	const char *hook;
	const struct change_row *rows[PROGRAMS]; /* NULL: one of the two kernels has none */
};

#define LINE(e) ((const struct line *)(e)->row)

static void put_kernel(FILE *out, const struct entry *e)
{
	char series[32];

	prediction_series(LINE(e)->change->lab->host.kernel, series, sizeof(series));
	fprintf(out, "%s%s", *series ? series : "unknown", LINE(e)->change->off ? " off" : "");
}

static void put_hook(FILE *out, const struct entry *e)
{
	escape_print(out, LINE(e)->hook, entry_format(e));
}

static void put_instructions(FILE *out, const struct entry *e)
{
	const struct change_row *row = LINE(e)->rows[e->column->at];

	if (!row)
		fputc('-', out);
	else
		fprintf(out, row->instructions == 0 ? "0" : "%+.0f", row->instructions);
}

static void put_end(FILE *out, double ns)
{
	if (fabs(ns) < 0.5) {
		fputc('0', out);
		return;
	}
	fputc(ns < 0 ? '-' : '+', out);
	figure_plain(out, fabs(ns), fabs(ns) < 9.5 ? 1 : 2);
}

static void put_ns(FILE *out, const struct entry *e)
{
	const struct change_row *row = LINE(e)->rows[e->column->at];

	if (!row || *row->withheld) {
		fputc('-', out);
	} else if (fabs(row->ns.lo) < 0.5 && fabs(row->ns.hi) < 0.5) {
		fputs("none", out);
	} else {
		fputs("≈", out);
		put_end(out, row->ns.lo);
		fputs("..", out);
		put_end(out, row->ns.hi);
	}
}

static const struct column columns[] = {
	{"kernel", put_kernel, 0, 0},
	{"hook", put_hook, 0, 0},
	{"", put_instructions, 0, COLUMN_RIGHT},
	{"empty, ns", put_ns, 0, COLUMN_RIGHT},
	{"", put_instructions, 1, COLUMN_RIGHT},
	{"perf, ns", put_ns, 1, COLUMN_RIGHT},
	{"", put_instructions, 2, COLUMN_RIGHT},
	{"ringbuf, ns", put_ns, 2, COLUMN_RIGHT},
};

static bool another_kernel(const void *before, const void *row)
{
	return ((const struct line *)before)->change != ((const struct line *)row)->change;
}

/* Which of the programs, by its number; PROGRAMS: another one, or of a hook that is not asked for.
 */
static size_t program_of(const struct change_row *row, const char *hook)
{
	size_t k = 0;

	if (hook && strcmp(row->to->hook, hook) != 0)
		return PROGRAMS;
	while (k < PROGRAMS && strcmp(programs[k], row->to->body) != 0)
		k++;
	return k;
}

static void list_change(struct listing *l, const struct change *change, const char *hook)
{
	for (size_t i = 0; i < change->n; i++) {
		struct line line = {change, change->rows[i].to->hook, {NULL}};
		size_t first = PROGRAMS;

		for (size_t k = 0; k < change->n; k++) {
			size_t program = program_of(&change->rows[k], hook);

			if (program == PROGRAMS || strcmp(change->rows[k].to->hook, line.hook) != 0)
				continue;
			if (first == PROGRAMS)
				first = k;
			line.rows[program] = &change->rows[k];
		}
		if (first == i)
			listing_row(l, &line);
	}
}

static void print_withheld(struct page *page, const struct change *change, const char *hook)
{
	for (size_t i = 0; i < change->n; i++) {
		const struct change_row *row = &change->rows[i];
		bool told = false;

		if (!*row->withheld || program_of(row, hook) == PROGRAMS)
			continue;
		for (size_t k = 0; k < i; k++)
			told |= program_of(&change->rows[k], hook) < PROGRAMS &&
				!strcmp(change->rows[k].withheld, row->withheld);
		if (!told)
			page_tell(page, "Withheld", "%s on %s%s: %s",
				  page_quote(page, row->to->variant),
				  page_quote(page, change->lab->host.kernel),
				  change->off ? " (off)" : "", row->withheld);
	}
}

static int print_facts(struct page *page, const struct prediction *p, bool off)
{
	struct change_seen seen;
	int err = change_check(p, &seen);

	if (err)
		return err;
	page_tell(page, "Range",
		  "what is added and what is removed is each off by %.2f to %.2f times, as a cost "
		  "is (bpftoll predict); what both kernels execute cancels",
		  exp(-p->holdout.spread), exp(p->holdout.spread));
	page_tell(page, "Seen",
		  "%zu of %zu differences between measured hooks with one program lie in such a "
		  "range, with their own intervals, when either one's mechanism is left out",
		  seen.inside, seen.pairs);
	page_tell(page, "Assumed",
		  "as many instructions of a class are the same ones, and cost alike in another "
		  "kernel's layout");
	if (off)
		page_tell(page, "Off",
			  "mitigations=off: bounds; a branch costs between straight code and what "
			  "it costs here now");
	return 0;
}

int change_print(const struct prediction *p, const struct change *changes, size_t n,
		 const char *hook, FILE *out)
{
	struct page page;
	struct listing l = LISTING(&page, columns);
	bool off = false;
	int err = page_open(&page, p->run, RENDER_TEXT, out);

	if (err)
		return err;
	page_head(&page, "What other kernels would change, predicted on this machine's prices");
	page_tell(&page, "Machine", "%s", page_quote(&page, p->run->host.cpu));
	page_tell(&page, "From", "kernel %s, counted as %s", page_quote(&page, p->run->host.kernel),
		  page_quote(&page, p->fit_lab->host.kernel));
	page_tell(&page, "Table",
		  "instructions, and ns, more than now, for each of three programs");
	l.parts = another_kernel;
	for (size_t c = 0; c < n; c++) {
		off |= changes[c].off;
		list_change(&l, &changes[c], hook);
	}
	page_gap(&page);
	err = listing_print(&l);
	page_gap(&page);
	for (size_t c = 0; c < n; c++)
		print_withheld(&page, &changes[c], hook);
	if (!err)
		err = print_facts(&page, p, off);
	page_close(&page);
	return err;
}
