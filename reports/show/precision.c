/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record/wakeup_name.h"
#include "reports/show/figure.h"
#include "reports/show/precision.h"
#include "reports/record/text_stream.h"

#define NAMED_MOST 2

/* How far the row is from what was asked; without an interval: farthest. */
static double distance(const struct record_result *row)
{
	double half = (row->overhead.typical.hi - row->overhead.typical.lo) / 2;

	return isfinite(half) && row->precision.target > 0 ? half / row->precision.target
							   : INFINITY;
}

static int farthest_first(const void *a, const void *b)
{
	double x = distance(*(const struct record_result *const *)a);
	double y = distance(*(const struct record_result *const *)b);

	return (x < y) - (x > y);
}

static void put_row(FILE *out, const struct record *rec, const struct record_result *row,
		    bool several)
{
	double half = (row->overhead.typical.hi - row->overhead.typical.lo) / 2;

	fputs(row->variant, out);
	if (strcmp(row->wakeup, "-") != 0)
		fprintf(out, " %s", wakeup_name(row->wakeup).text);
	if (several)
		fprintf(out, " on %s", row->workload);
	fputs(" (", out);
	if (!isfinite(half))
		fputs("no interval", out);
	else if (rec->precision.relative && !(half < fabs(row->overhead.typical.value)))
		fputs("not resolved", out);
	else if (rec->precision.relative)
		fprintf(out, "±%.0f %%", 100 * half / fabs(row->overhead.typical.value));
	else
		fprintf(out, "±%.3g %s", half, unit_name(row->unit));
	fputc(')', out);
}

static bool several_workloads(const struct record *rec)
{
	for (size_t i = 1; i < rec->n_results; i++)
		if (strcmp(rec->results[i]->workload, rec->results[0]->workload) != 0)
			return true;
	return false;
}

/* The rows that were to reach it; late: those that did not. Returns how many of both. */
static size_t gather(const struct record *rec, const struct record_result **late, size_t *n_late)
{
	size_t n = 0;

	*n_late = 0;
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *row = rec->results[i];

		if (!row->precision.present)
			continue;
		n++;
		if (!row->precision.reached)
			late[(*n_late)++] = row;
	}
	qsort(late, *n_late, sizeof(void *), farthest_first);
	return n;
}

char *precision_text(const struct record *rec)
{
	const struct record_result **late;
	size_t n, n_late, len;
	char *text = NULL;
	FILE *out;

	if (!rec->precision.present)
		return NULL;
	late = calloc(rec->n_results + 1, sizeof(void *));
	out = late ? text_stream(&text, &len) : NULL;
	if (!out) {
		free(late);
		return NULL;
	}
	n = gather(rec, late, &n_late);
	fprintf(out, "±%.4g %s asked for, ",
		rec->precision.value * (rec->precision.relative ? 100 : 1),
		rec->precision.relative ? "% of each cost" : "ns");
	if (!n)
		fputs("no row has an interval yet", out);
	else if (!n_late)
		fprintf(out, n == 1 ? "and reached" : "and reached by all %zu rows", n);
	else
		fprintf(out, "reached by %zu of %zu row%s; not by ", n - n_late, n,
			n == 1 ? "" : "s");
	for (size_t i = 0; i < n_late && i < NAMED_MOST; i++) {
		fputs(i ? ", " : "", out);
		put_row(out, rec, late[i], several_workloads(rec));
	}
	if (n_late > NAMED_MOST)
		fprintf(out, " and %zu more", n_late - NAMED_MOST);
	if (fclose(out)) {
		free(text);
		text = NULL;
	}
	free(late);
	return text;
}
