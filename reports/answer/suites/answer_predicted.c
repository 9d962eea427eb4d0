/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/sentence.h"
#include "reports/predict/prediction.h"
#include "reports/show/figure.h"

#define HOOK_ALONE "empty" /* the program that does nothing */

/* "kprobe ≈ 110..210, fentry ≈ 50..94 ns": the hooks alone. False: there is none. */
static bool put_hooks(FILE *out, const struct prediction *p)
{
	const char *comma = "";

	for (size_t i = 0; i < p->n_rows; i++) {
		const struct prediction_row *row = &p->rows[i];

		if (strcmp(row->lab->body, HOOK_ALONE) != 0 || *row->withheld)
			continue;
		fprintf(out, "%s%s ≈ ", comma, row->lab->hook);
		figure_plain(out, row->ns.lo, 2);
		fputs("..", out);
		figure_plain(out, row->ns.hi, 2);
		comma = ", ";
	}
	return *comma;
}

/* The first reason; the hooks that have it are those that stand under Missing. */
static const char *first_reason(const struct prediction *p)
{
	for (size_t i = 0; i < p->n_rows; i++)
		if (!strcmp(p->rows[i].lab->body, HOOK_ALONE) && *p->rows[i].withheld)
			return p->rows[i].withheld;
	return NULL;
}

static int say(struct answer *a, const struct prediction *p)
{
	struct sentence s;
	const char *reason;

	if (sentence_open(&s))
		return -ENOMEM;
	reason = first_reason(p);
	if (put_hooks(s.out, p)) {
		fputs(" ns for the hook alone, not measured (bpftoll predict)", s.out);
		sentence_line(&s, a, "Predicted");
	} else {
		sentence_drop(&s);
		if (reason)
			answer_line(a, "Predicted", "nothing for what is missing: %s", reason);
	}
	return 0;
}

int answer_predicted(struct answer *a, const struct record *run, const struct record *lab)
{
	struct prediction prediction;
	struct error why = {0};
	int err;

	if (!prediction_has_features(lab))
		return 0;
	err = prediction_make(run, NULL, lab, lab, &prediction, &why);
	if (err == -ENOMEM)
		return err;
	if (err) {
		answer_line(a, "Predicted", "nothing: %s", why.text);
		return 0;
	}
	err = say(a, &prediction);
	prediction_free(&prediction);
	return err;
}
