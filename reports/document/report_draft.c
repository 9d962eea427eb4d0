/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <stdlib.h>

#include "reports/document/report_draft.h"
#include "reports/document/report_words.h"
#include "reports/record/text_stream.h"

static void free_texts(struct advice *a)
{
	free(a->title);
	free(a->text);
	free(a->when);
	free(a->command);
	free(a->evidence);
}

bool draft_open(struct report *r, struct draft *d)
{
	struct advice *a = &r->advice[r->n_advice];

	if (r->n_advice == ADVICE_MOST)
		return false;
	*d = (struct draft){.title = NULL};
	d->title = text_stream(&a->title, &d->lens[0]);
	d->text = text_stream(&a->text, &d->lens[1]);
	d->when = text_stream(&a->when, &d->lens[2]);
	d->command = text_stream(&a->command, &d->lens[3]);
	d->evidence = text_stream(&a->evidence, &d->lens[4]);
	if (d->title && d->text && d->when && d->command && d->evidence) {
		r->n_advice++;
		return true;
	}
	draft_close(d);
	free_texts(a);
	return false;
}

void draft_close(struct draft *d)
{
	if (d->title)
		fclose(d->title);
	if (d->text)
		fclose(d->text);
	if (d->when)
		fclose(d->when);
	if (d->command)
		fclose(d->command);
	if (d->evidence)
		fclose(d->evidence);
}

void report_free_advice(struct report *r)
{
	for (size_t i = 0; i < r->n_advice; i++)
		free_texts(&r->advice[i]);
	r->n_advice = 0;
}

void draft_cite(const struct report *r, struct draft *d, const struct record_result *result)
{
	if (ftell(d->evidence) > 0)
		fputs(", ", d->evidence);
	words_cite(d->evidence, r->e, result);
}

bool draft_measured(const struct configuration *c)
{
	return c && c->result->status == RESULT_MEASURED;
}

const struct configuration *draft_goal(const struct report *r)
{
	return r->v.run == VERDICT_GREEN ? r->v.under_test : r->best;
}
