/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab/lab.h"
#include "reports/record/wakeup_name.h"

#define COLUMN 12 /* least width of a column */

/* Is the result's median the same in every round? Then its interval has no width. */
static bool is_exact(const struct record_result *result)
{
	return result->overhead.p50.lo == result->overhead.p50.hi;
}

static bool is_row(const struct record_result *result)
{
	return result->baseline_id || result->status != RESULT_MEASURED;
}

static void put_value(const struct record_result *result, int width, FILE *out)
{
	char text[32] = "-";

	if (result && result->status == RESULT_INVALID)
		snprintf(text, sizeof(text), "invalid");
	else if (result && result->status == RESULT_MEASURED &&
		 isfinite(result->overhead.p50.value))
		snprintf(text, sizeof(text), "%s%.*f", is_exact(result) ? "" : "~",
			 result->overhead.p50.value == round(result->overhead.p50.value) ? 0 : 1,
			 result->overhead.p50.value);
	fprintf(out, " %*s", width, text);
}

static bool seen_before(struct record *const *records, size_t record, size_t result)
{
	const char *id = records[record]->results[result]->id;

	for (size_t i = 0; i < record; i++)
		if (record_find_result(records[i], id))
			return true;
	return false;
}

static void put_row(struct record *const *records, size_t n, const struct record_result *like,
		    int width, FILE *out)
{
	char name[128];

	if (!strcmp(like->body, "aa") || !strcmp(like->body, "bb"))
		snprintf(name, sizeof(name), "null test, %s",
			 !strcmp(like->body, "aa") ? "nothing attached twice" : "one probe twice");
	else if (!strcmp(like->wakeup, "-"))
		snprintf(name, sizeof(name), "%s", like->variant);
	else
		snprintf(name, sizeof(name), "%s, %s", like->variant,
			 wakeup_name(like->wakeup).text);
	fprintf(out, "  %-34s", name);
	for (size_t i = 0; i < n; i++)
		put_value(record_find_result(records[i], like->id), width, out);
	fputc('\n', out);
}

/* Has an earlier result printed this workload already? */
static bool workload_done(struct record *const *records, size_t record, size_t result)
{
	for (size_t r = 0; r <= record; r++)
		for (size_t c = 0; c < (r == record ? result : records[r]->n_results); c++)
			if (is_row(records[r]->results[c]) &&
			    !strcmp(records[r]->results[c]->workload,
				    records[record]->results[result]->workload))
				return true;
	return false;
}

static void put_workload(struct record *const *records, const char *const *labels, size_t n,
			 const char *workload, FILE *out)
{
	int width = COLUMN;

	for (size_t i = 0; i < n; i++)
		if ((int)strlen(labels[i]) > width && strlen(labels[i]) < 40)
			width = (int)strlen(labels[i]);
	fprintf(out, "\n%-36s", workload);
	for (size_t i = 0; i < n; i++)
		fprintf(out, " %*.*s", width, width, labels[i]);
	fputc('\n', out);
	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < records[r]->n_results; c++) {
			const struct record_result *result = records[r]->results[c];

			if (is_row(result) && !strcmp(result->workload, workload) &&
			    !seen_before(records, r, c))
				put_row(records, n, result, width, out);
		}
}

static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* Prints each reason once, with the hooks and the number of results that have it. */
static void put_reasons(const struct record *rec, const char *label, FILE *out)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];
		bool first = true;
		size_t alike = 0;

		if (result->status == RESULT_MEASURED)
			continue;
		for (size_t k = 0; k < rec->n_results; k++) {
			const struct record_result *other = rec->results[k];

			if (other->status != result->status ||
			    !same(other->reason, result->reason) ||
			    !same(other->hook, result->hook))
				continue;
			alike++;
			if (k < i)
				first = false;
		}
		if (first)
			fprintf(out, "  %s, %s: %zu result%s %s: %s\n", label, result->hook, alike,
				alike == 1 ? "" : "s", result_status_name(result->status),
				result->reason ? result->reason : "no reason given");
	}
}

void lab_side_by_side(struct record *const *records, const char *const *labels, size_t n, FILE *out)
{
	size_t measured = 0, exact = 0;
	enum unit unit = UNIT_INSTRUCTIONS;

	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < records[r]->n_results; c++) {
			const struct record_result *result = records[r]->results[c];

			if (result->status == RESULT_MEASURED && result->baseline_id) {
				measured++;
				exact += is_exact(result);
				unit = result->unit;
			}
		}
	fprintf(out, "Added to one call (median), in %s%s.\n",
		unit == UNIT_INSTRUCTIONS ? "instructions" : "ns of a virtual machine",
		unit == UNIT_INSTRUCTIONS ? ": exact counts, no statement about time" : "");
	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < records[r]->n_results; c++)
			if (is_row(records[r]->results[c]) && !workload_done(records, r, c))
				put_workload(records, labels, n, records[r]->results[c]->workload,
					     out);
	fputc('\n', out);
	for (size_t r = 0; r < n; r++)
		put_reasons(records[r], labels[r], out);
	for (size_t r = 0; r < n; r++)
		if (!records[r]->host.jit)
			fprintf(out, "  %s: no BPF JIT: counts hold the interpreter's work\n",
				labels[r]);
	if (unit == UNIT_INSTRUCTIONS)
		fprintf(out,
			"%zu of %zu measured results agree to the instruction in every round%s\n",
			exact, measured, exact < measured ? " (~ marks the others)" : "");
}
