/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only place where measured and predicted stand side by side. */
#include <errno.h>
#include <math.h>

#include "reports/answer/answers.h"
#include "reports/answer/suites/answer_prediction.h"
#include "reports/record/wakeup_name.h"

static void put_row(struct answer *a, const struct prediction *p, size_t i)
{
	double says = p->holdout.rows[i].says, spread = p->holdout.spread;

	answer_row(a);
	answer_text(a, "%s", p->results[i]->variant);
	answer_text(a, "%s", wakeup_name(p->results[i]->wakeup).text);
	answer_effect(a, p->results[i]->overhead.typical);
	if (isnan(says))
		answer_absent(a, "not scored");
	else
		answer_predict(a, says * exp(-spread), says * exp(spread));
	answer_number(a, isnan(says) ? NAN : round(100 * (p->measured[i].ns / says - 1)));
}

int answer_of_validation(const struct prediction *p, struct answer **out)
{
	static const struct answer_column columns[] = {
		{"variant", "program", ANSWER_WORDS, false},
		{"wakeup", "wakeup", ANSWER_WORDS, false},
		{"measured", "measured", ANSWER_NS, false},
		{"predicted", "left out", ANSWER_NS, false},
		{"off", "off by", ANSWER_PERCENT, false},
	};
	struct answer *a = answer_open("predict", NULL);

	*out = a;
	if (!a)
		return -ENOMEM;
	answer_head(a, "Question", "how far off are predictions where the hook was measured?");
	answer_head(a, "Answer",
		    "%zu of %zu lie in their range when left out; off by %.0f %% "
		    "(median), %.0f %% at most",
		    p->holdout.inside, p->holdout.scored, 100 * (exp(p->holdout.median) - 1),
		    100 * (exp(p->holdout.largest) - 1));
	prediction_titles(a, p);
	answer_table(a, "validation", NULL, columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < p->n_measured; i++)
		put_row(a, p, i);
	answer_note(a, "≈, in ns: predicted by the other hooks; not scored: its own interval is "
		       "wider than half its value");
	prediction_say_seen(a, p);
	prediction_say_notes(a, p);
	return 0;
}
