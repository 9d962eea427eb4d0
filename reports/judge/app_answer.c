/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/app_answer.h"
#include "reports/stats/abba.h"

/* Where calls are counted by programs that do nothing else. */
#define COUNTING "counting"

static bool same_program(const struct app_result *a, const struct app_result *b)
{
	return a->status == RESULT_MEASURED && b->status == RESULT_MEASURED &&
	       strcmp(a->app, b->app) == 0 && strcmp(a->scale, b->scale) == 0;
}

static bool is_rate(const char *quantity)
{
	return strcmp(quantity, "munmap_per_s") == 0 || strncmp(quantity, "madvise_", 8) == 0;
}

#define ALL_PROBES "all_probes"

/* Programs on sys_enter run for every syscall, whether or not it is one that they look for; all
 * probes together do where one of them does. */
static bool on_every_syscall(const struct record *rec, const struct app_result *row)
{
	if (strncmp(row->variant, "raw_tp_", 7) == 0 || strncmp(row->variant, "tp_btf_", 7) == 0)
		return true;
	for (size_t i = 0; i < rec->n_app_results && !strcmp(row->variant, ALL_PROBES); i++) {
		const struct app_result *part = &rec->app_results[i];

		if (strcmp(part->variant, ALL_PROBES) != 0 && same_program(part, row) &&
		    on_every_syscall(rec, part))
			return true;
	}
	return false;
}

/* Was each of the calls counted, and never seen? Its own events speak of the windows that count. */
bool app_never_fires(const struct record *rec, const struct app_result *row)
{
	size_t counted = 0;

	if (on_every_syscall(rec, row))
		return false;
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *other = &rec->app_results[i];
		bool own = strcmp(other->variant, row->variant) == 0 &&
			   strcmp(other->monitored, row->monitored) == 0 &&
			   strcmp(other->quantity, "events_per_s") == 0;
		bool rate = strcmp(other->variant, COUNTING) == 0 && is_rate(other->quantity);

		if (!same_program(other, row) || (!own && !rate))
			continue;
		if (other->value.value > 0 || (rate && isnan(other->value.value)))
			return false;
		counted += rate;
	}
	return counted > 0;
}

enum app_answer app_answer(const struct record *rec, const struct app_result *row)
{
	double visible = abba_visible(row->change);

	if (isnan(row->predicted.value))
		return APP_UNKNOWN;
	if (app_never_fires(rec, row))
		return APP_NEVER;
	if (isnan(visible))
		return APP_UNKNOWN;
	if (effect_holds_zero(row->change) && fabs(row->predicted.value) < visible)
		return APP_BELOW;
	if (abba_agree(row->change, row->predicted))
		return APP_ALIKE;
	return fabs(row->change.value) > fabs(row->predicted.value) ? APP_MORE : APP_LESS;
}

const char *app_answer_name(enum app_answer answer)
{
	static const char *const names[] = {
		[APP_UNKNOWN] = "-",
		[APP_NEVER] = "the probe never fires here",
		[APP_BELOW] = "below the detection limit",
		[APP_ALIKE] = "not told apart",
		[APP_MORE] = "more than predicted",
		[APP_LESS] = "less than predicted",
	};

	return names[answer];
}

int app_null_test(const struct record *rec, const struct app_result *again,
		  enum null_verdict *verdict, double *bound)
{
	double *visible = calloc(rec->n_app_results + 1, sizeof(*visible));
	size_t n = 0;

	if (!visible)
		return -ENOMEM;
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *row = &rec->app_results[i];

		if (same_program(row, again) && strcmp(row->quantity, again->quantity) == 0 &&
		    strcmp(row->variant, APP_ALONE) != 0 && strcmp(row->variant, APP_AGAIN) != 0)
			visible[n++] = abba_visible(row->change);
	}
	*bound = null_test_bound(visible, n, 0);
	*verdict =
		null_test_judge(again->change, *bound, again->windows > 1 ? again->windows - 1 : 1);
	free(visible);
	return 0;
}
