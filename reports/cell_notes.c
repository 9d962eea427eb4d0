/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "reports/cell_notes.h"
#include "reports/censor.h"
#include "reports/figure.h"
#include "reports/quote.h"
#include "reports/treatment.h"

static FILE *begin(struct page *page, const struct record_cell *cell, uint64_t calls)
{
	FILE *line = page_line(page);

	quote_part(line, cell->id, page->format);
	fputs(": ", line);
	figure_count(line, calls);
	return line;
}

static void print_withheld(const struct record_cell *cell, FILE *line)
{
	bool p99 = censor_withheld(cell, CENSOR_P99_MOST);

	if (!censor_withheld(cell, CENSOR_P999_MOST))
		return;
	/* older records kept the figures */
	fprintf(line, "; they are %.2g %% of its calls, %s %s %s", 100 * censor_share(cell),
		treatment_known(&cell->reader) ? "so" : "too many for",
		p99 ? "p99 and p99.9" : "p99.9",
		!treatment_known(&cell->reader) ? "to mean much"
		: p99				? "are withheld"
						: "is withheld");
}

static void print_left_out(struct page *page, const struct record_cell *cell)
{
	FILE *line;

	if (cell->migrated) {
		line = begin(page, cell, cell->migrated);
		/* one mark stood for both then */
		fputs(strcmp(cell->drain, "caught_up") == 0 && !treatment_known(&cell->reader)
			      ? " calls are left out: the consumer was still awake after 2 ms, or "
				"they "
				"changed CPU inside the window (this record does not tell)"
			      : " calls changed CPU inside the window and are left out",
		      line);
		if (!cell->censored)
			print_withheld(cell, line);
		page_fact(page, "left out");
	}
	if (cell->censored) {
		line = begin(page, cell, cell->censored);
		fputs(" calls found the consumer still awake after 2 ms and are left out", line);
		print_withheld(cell, line);
		page_fact(page, "left out");
	}
}

static void print_realised(struct page *page, const struct record_cell *cell)
{
	double realised;
	FILE *line;

	if (!cell->events.present || treatment_realised(&cell->reader, cell->events.wakeups,
							cell->events.received, &realised))
		return;
	line = page_line(page);
	quote_part(line, cell->id, page->format);
	fprintf(line,
		": woken %.4f times an event, where 1 in %u is %.4f: another state than its name "
		"says (the reader was awake when it was called)",
		realised, cell->reader.every, 1.0 / cell->reader.every);
	page_fact(page, "wake-ups");
}

void cell_notes_sampled(struct page *page, unsigned int every)
{
	if (every < 2)
		return;
	fprintf(page_line(page),
		every < 100
			? "1 call in %u wakes the reader, more than one in a hundred: the p99 of "
			  "these rows is the price of a wake-up. With --wake-every above 100 it "
			  "would vanish from p99, and the wake-ups be there all the same."
			: "1 call in %u wakes the reader, fewer than one in a hundred: the p99 of "
			  "these rows does not see the wake-up, which with --wake-every below 100 "
			  "it would be.",
		every);
	page_fact(page, "sampled");
}

void cell_notes_print(struct page *page, const struct record_cell *const *cells, size_t n)
{
	unsigned int every = 0;

	for (size_t i = 0; i < n; i++) {
		print_left_out(page, cells[i]);
		print_realised(page, cells[i]);
		if (cells[i]->reader.every)
			every = cells[i]->reader.every;
		else if (!every && !treatment_known(&cells[i]->reader) &&
			 strcmp(cells[i]->drain, "sampled") == 0)
			every = 64; /* a constant then */
	}
	cell_notes_sampled(page, every);
}
