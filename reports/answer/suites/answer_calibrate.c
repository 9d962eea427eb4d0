/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What single instructions cost in user space: a row each. */
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/missing.h"
#include "reports/effects/instruction_range.h"
#include "reports/record/record_rows.h"

static void put_name(struct answer *a, const struct instruction_price *price)
{
	if (strcmp(price->way, "-") != 0)
		answer_text(a, "%s, %s", price->name, price->way);
	else
		answer_text(a, "%s", price->name);
}

static void put_prices(struct answer *a, const struct record *rec)
{
	static const struct answer_column columns[] = {
		{"name", "in user space", ANSWER_WORDS, false},
		{"ns", "each", ANSWER_NS, false},
		{"what", "what", ANSWER_WORDS, true},
	};

	answer_table(a, "prices", NULL, columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < rec->n_instruction_prices; i++) {
		const struct instruction_price *price = &rec->instruction_prices[i];

		if (price->status != RESULT_MEASURED)
			continue;
		answer_row(a);
		put_name(a, price);
		answer_effect(a, instruction_range(price));
		answer_text(a, "%s", price->summary);
	}
	answer_note(a, "±: over rounds and lengths of the loop; predict takes iret's price for all "
		       "serialising instructions");
}

static void put_missing(struct answer *a, const struct record *rec)
{
	struct missing *rows = calloc(rec->n_instruction_prices + 1, sizeof(*rows));
	size_t n = 0;

	for (size_t i = 0; rows && i < rec->n_instruction_prices; i++)
		rows[n++] = (struct missing){rec->instruction_prices[i].name,
					     rec->instruction_prices[i].reason,
					     rec->instruction_prices[i].status};
	if (rows)
		missing_say(a, rows, n);
	free(rows);
}

void answer_calibrate(struct answer *a, const struct record *rec)
{
	answer_title(a, "One instruction more in a loop of many, caches warm and branches learned");
	put_prices(a, rec);
	put_missing(a, rec);
	answer_quality(a, rec);
	answer_line(a, "Next",
		    "bpftoll predict RUN CALIBRATION --lab LAB (what this kernel lacks)");
}
