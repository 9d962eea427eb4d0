/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* open_memstream */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"

#define REASONS_SHOWN 3

/* Has any configuration of the hook been measured? */
static bool hook_measured(const struct record *rec, const char *hook)
{
	for (size_t i = 0; i < rec->n_results; i++)
		if (!strcmp(rec->results[i]->hook, hook) &&
		    rec->results[i]->status == RESULT_MEASURED)
			return true;
	return false;
}

static bool same_reason(const struct record_result *a, const struct record_result *b)
{
	return a->status == b->status &&
	       (a->reason && b->reason ? !strcmp(a->reason, b->reason) : a->reason == b->reason);
}

static bool is_open(const struct record_result *result)
{
	return result->status != RESULT_MEASURED;
}

/* Is the i'th the first with its reason? */
static bool first_of_reason(const struct record *rec, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (is_open(rec->results[k]) && same_reason(rec->results[k], rec->results[i]))
			return false;
	return true;
}

static bool hook_seen(const struct record *rec, size_t from, size_t at)
{
	for (size_t k = from; k < at; k++)
		if (is_open(rec->results[k]) && same_reason(rec->results[k], rec->results[at]) &&
		    !strcmp(rec->results[k]->hook, rec->results[at]->hook))
			return true;
	return false;
}

/* "kprobe, kretprobe and 3 configurations": whole hooks by name, the rest by number. */
static void put_names(const struct record *rec, size_t first, FILE *out)
{
	size_t hooks = 0, others = 0;

	for (size_t i = first; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (!is_open(result) || !same_reason(result, rec->results[first]))
			continue;
		if (hook_measured(rec, result->hook))
			others++;
		else if (!hook_seen(rec, first, i))
			fprintf(out, "%s%s", hooks++ ? ", " : "", result->hook);
	}
	if (others)
		fprintf(out, "%s%zu configuration%s", hooks ? " and " : "", others,
			others == 1 ? "" : "s");
}

/* Where a reason was found is of no use on one line. */
static size_t reason_length(const char *reason)
{
	const char *where = strstr(reason, " (/proc/config.gz)");

	return where ? (size_t)(where - reason) : strlen(reason);
}

void answer_unmeasured(struct answer *a, const struct record *rec)
{
	size_t shown = 0, left = 0;

	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];
		const char *reason = result->reason ? result->reason : "no reason was recorded";
		char *names = NULL;
		size_t length;
		FILE *out;

		if (!is_open(result) || !first_of_reason(rec, i))
			continue;
		if (++shown > REASONS_SHOWN) {
			left++;
			continue;
		}
		out = open_memstream(&names, &length);
		if (!out)
			return;
		put_names(rec, i, out);
		if (!fclose(out))
			answer_note(a, "%s: %s: %.*s", names,
				    result->status == RESULT_INVALID ? "invalid" : "not measured",
				    (int)reason_length(reason), reason);
		free(names);
	}
	if (left)
		answer_note(a, "not measured for %zu more reason%s: --full", left,
			    left == 1 ? "" : "s");
}
