/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/sentence.h"
#include "reports/answer/suites/answer_prediction.h"

#define INFLATION_MOST 10 /* of a price's variance, by the others: as in the model's merging */

bool prediction_has_measured(const struct prediction *p, const char *hook)
{
	/* another kernel's probe was not measured, whatever was on the run's */
	if (p->lab != p->fit_lab)
		return false;
	for (size_t i = 0; i < p->n_measured; i++)
		if (!strcmp(p->measured[i].hook, hook))
			return true;
	return false;
}

bool prediction_tried(const struct prediction *p, const char *hook)
{
	for (size_t i = 0; i < p->run->n_results; i++)
		if (!strcmp(p->run->results[i]->hook, hook))
			return true;
	return false;
}

static bool is_first_of_hook(const struct prediction *p, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (!strcmp(p->rows[i].lab->hook, p->rows[at].lab->hook))
			return false;
	return true;
}

/* Is it the row that speaks for its hook, and withheld? */
static bool is_withheld(const struct prediction *p, size_t at, const char *hook, bool tried)
{
	const struct prediction_row *row = &p->rows[at];

	return *row->withheld && is_first_of_hook(p, at) &&
	       !prediction_has_measured(p, row->lab->hook) &&
	       (!hook || !strcmp(hook, row->lab->hook)) &&
	       (!tried || prediction_tried(p, row->lab->hook));
}

/* A run's screen has room for what is the matter, not for its classes. */
static bool same_reason(const struct prediction_row *a, const struct prediction_row *b, bool tried)
{
	return tried ? isnan(a->says) == isnan(b->says) : !strcmp(a->withheld, b->withheld);
}

static int say_reason(struct answer *a, const struct prediction *p, size_t first, const char *hook,
		      bool tried)
{
	const struct prediction_row *row = &p->rows[first];
	struct sentence s;

	if (sentence_open(&s))
		return -ENOMEM;
	for (size_t k = first; k < p->n_rows; k++)
		if (is_withheld(p, k, hook, tried) && same_reason(&p->rows[k], row, tried))
			fprintf(s.out, "%s%s", k == first ? "" : ", ", p->rows[k].lab->hook);
	fprintf(s.out, ": %s",
		tried && isnan(row->says) ? "no price for their code" : row->withheld);
	sentence_line(&s, a, "Withheld");
	return 0;
}

int prediction_say_withheld(struct answer *a, const struct prediction *p, const char *hook,
			    bool tried)
{
	int err = 0;

	for (size_t i = 0; i < p->n_rows && !err; i++) {
		bool told = !is_withheld(p, i, hook, tried);

		for (size_t k = 0; k < i && !told; k++)
			told = is_withheld(p, k, hook, tried) &&
			       same_reason(&p->rows[k], &p->rows[i], tried);
		if (!told)
			err = say_reason(a, p, i, hook, tried);
	}
	return err;
}

void prediction_say_seen(struct answer *a, const struct prediction *p)
{
	const struct holdout *h = &p->holdout;

	answer_line(a, "Seen",
		    "%zu of %zu measured costs lie in their range when left out (%zu "
		    "hooks, %zu mechanisms); off by %.0f %% (median), %.0f %% at most",
		    h->inside, h->scored, h->hooks, h->mechanisms, 100 * (exp(h->median) - 1),
		    100 * (exp(h->largest) - 1));
	answer_line(a, "Range",
		    "%.2f to %.2f times the predicted cost, by %s; it holds 95 %% where "
		    "mechanisms' errors are normal (%zu seen, on %zu machine%s), %zu of %zu where "
		    "they are not",
		    exp(-h->spread), exp(h->spread),
		    !h->own	? "errors on other machines alone"
		    : h->others ? "errors here and on other machines"
				: "these errors",
		    h->freedom, h->others + h->own, h->others + h->own == 1 ? "" : "s", h->freedom,
		    h->freedom + 1);
}

void prediction_say_notes(struct answer *a, const struct prediction *p)
{
	if (p->lab != p->fit_lab)
		answer_line(a, "Note",
			    "that errors on kernel %s are no larger than on the run's own is "
			    "assumed",
			    p->lab->host.kernel);
	for (size_t i = 0; i < p->n_notes; i++)
		answer_line(a, "Note", "%s", p->notes[i]);
}

void prediction_titles(struct answer *a, const struct prediction *p)
{
	char known[64] = "";

	answer_host(a, p->run);
	if (p->n_known)
		snprintf(known, sizeof(known), " and %zu prices in user space", p->n_known);
	answer_title(a, "Prices from %zu results%s; instructions of kernel %s%s%s", p->n_measured,
		     known, p->fit_lab->host.kernel, p->lab != p->fit_lab ? ", predicted for " : "",
		     p->lab != p->fit_lab ? p->lab->host.kernel : "");
}

void prediction_prices(struct answer *a, const struct prediction *p)
{
	static const struct answer_column columns[] = {
		{"instructions", "instructions", ANSWER_WORDS, false},
		{"each", "each", ANSWER_NS, false},
		{"told_apart", "", ANSWER_WORDS, false},
	};

	bool iret = false;

	answer_table(a, "prices", "Prices, fitted here", columns,
		     sizeof(columns) / sizeof(*columns));
	for (size_t k = 0; k < p->model.n_prices; k++) {
		const struct model_price *price = &p->model.prices[k];
		char name[256];

		model_name(price, name, sizeof(name));
		answer_row(a);
		answer_text(a, "%s", name);
		answer_number(a, price->ns);
		answer_text(a, "%s",
			    price->inflation > INFLATION_MOST ? "hard to tell from the others"
							      : "");
		iret |= p->n_known && price->members[CLASS_SERIALISE];
	}
	if (iret)
		answer_note(a,
			    "serialising: the price of iret, taken for fences, swapgs and others "
			    "of the class as well");
}
