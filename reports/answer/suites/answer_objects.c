/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an object's programs add to a call on each kernel, what its verifier says, and why not. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/answer/answers.h"

#define KERNELS_MAX  32
#define REASONS_TOLD 4

struct kernels {
	const struct record *const *records;
	const char *const *labels;
	size_t n;
};

static bool is_program(const struct record_result *result)
{
	return result->foreign.present && strcmp(result->body, "bb") != 0;
}

static bool is_measured(const struct record_result *result)
{
	return result->status == RESULT_MEASURED;
}

/* The result of a program and operation, or one that says why there is none. */
static const struct record_result *find(const struct record *rec, const struct record_result *like)
{
	const struct record_result *found = record_find_result(rec, like->id);

	for (size_t i = 0; i < rec->n_results && !found; i++)
		if (is_program(rec->results[i]) && !is_measured(rec->results[i]) &&
		    !strcmp(rec->results[i]->variant, like->variant))
			found = rec->results[i];
	return found;
}

static bool measured_later(const struct kernels *k, size_t from, const char *program)
{
	for (size_t r = from; r < k->n; r++)
		for (size_t i = 0; i < k->records[r]->n_results; i++)
			if (is_program(k->records[r]->results[i]) &&
			    is_measured(k->records[r]->results[i]) &&
			    !strcmp(k->records[r]->results[i]->variant, program))
				return true;
	return false;
}

/* Is there a row for it already, or will there be one with figures? */
static bool has_row(const struct kernels *k, size_t record, const struct record_result *result)
{
	for (size_t r = 0; r < record; r++)
		if (record_find_result(k->records[r], result->id))
			return true;
	return !is_measured(result) && measured_later(k, 0, result->variant);
}

static void put_cost(struct answer *a, const struct record_result *result)
{
	if (!result)
		answer_absent(a, "-");
	else if (is_measured(result))
		answer_number(a, result->overhead.p50.value);
	else
		answer_absent(a, result->foreign.refused ? "refused" : "-");
}

static void put_verified(struct answer *a, const struct record_result *result)
{
	if (result && is_measured(result) && result->program.present &&
	    result->program.verified_insns)
		answer_number(a, (double)result->program.verified_insns);
	else
		answer_absent(a, result && result->foreign.refused ? "refused" : "-");
}

static size_t put_table(struct answer *a, const struct kernels *k, const char *key,
			const char *heading,
			void (*put)(struct answer *a, const struct record_result *result))
{
	struct answer_column columns[2 + KERNELS_MAX] = {
		{"program", "program", ANSWER_WORDS, false},
		{"operation", "operation", ANSWER_WORDS, false},
	};
	size_t rows = 0;

	for (size_t r = 0; r < k->n; r++)
		columns[2 + r] = (struct answer_column){k->labels[r], k->labels[r],
							ANSWER_INSTRUCTIONS, r > 0};
	answer_table(a, key, heading, columns, 2 + k->n);
	for (size_t r = 0; r < k->n; r++)
		for (size_t i = 0; i < k->records[r]->n_results; i++) {
			const struct record_result *like = k->records[r]->results[i];

			if (!is_program(like) || has_row(k, r, like))
				continue;
			answer_row(a);
			answer_text(a, "%s",
				    strcmp(like->hook, "together") != 0 ? like->variant
									: "all together");
			answer_text(a, "%s", is_measured(like) ? like->workload : "-");
			for (size_t c = 0; c < k->n; c++)
				put(a, find(k->records[c], like));
			rows++;
		}
	return rows;
}

static bool told_before(const struct kernels *k, size_t record, size_t result)
{
	const char *reason = k->records[record]->results[result]->reason;

	for (size_t r = 0; r <= record; r++)
		for (size_t i = 0; i < (r == record ? result : k->records[r]->n_results); i++)
			if (!is_measured(k->records[r]->results[i]) &&
			    k->records[r]->results[i]->reason &&
			    !strcmp(k->records[r]->results[i]->reason, reason))
				return true;
	return false;
}

/* Other results with the same reason, of this kernel and others. */
static size_t alike(const struct kernels *k, const char *reason)
{
	size_t n = 0;

	for (size_t r = 0; r < k->n; r++)
		for (size_t i = 0; i < k->records[r]->n_results; i++)
			n += !is_measured(k->records[r]->results[i]) &&
			     k->records[r]->results[i]->reason &&
			     !strcmp(k->records[r]->results[i]->reason, reason);
	return n - 1;
}

static void put_reasons(struct answer *a, const struct kernels *k)
{
	size_t told = 0, more = 0;

	for (size_t r = 0; r < k->n; r++)
		for (size_t i = 0; i < k->records[r]->n_results; i++) {
			const struct record_result *result = k->records[r]->results[i];
			size_t others;

			if (is_measured(result) || !result->reason || told_before(k, r, i))
				continue;
			if (told++ >= REASONS_TOLD) {
				more++;
				continue;
			}
			others = alike(k, result->reason);
			if (others)
				answer_line(a, "No figure", "%s on %s, and %zu more: %s",
					    result->variant, k->labels[r], others, result->reason);
			else
				answer_line(a, "No figure", "%s on %s: %s", result->variant,
					    k->labels[r], result->reason);
		}
	if (more)
		answer_line(a, "No figure", "and %zu more reasons: --full", more);
}

static void put_exact(struct answer *a, const struct kernels *k)
{
	size_t measured = 0, exact = 0;

	for (size_t r = 0; r < k->n; r++)
		for (size_t i = 0; i < k->records[r]->n_results; i++) {
			const struct record_result *result = k->records[r]->results[i];

			if (!is_program(result) || !is_measured(result))
				continue;
			measured++;
			exact += result->overhead.p50.lo >= result->overhead.p50.hi;
		}
	if (!measured)
		return;
	answer_line(
		a, "Exact",
		exact == measured
			? "all %zu counts are the same in every round"
			: "%zu of %zu counts are the same in every round; medians of the others",
		exact, measured);
	answer_mark(a, exact == measured ? ANSWER_GOOD : ANSWER_UNSURE);
}

int answer_of_objects(const struct record *const *records, const char *const *labels, size_t n,
		      const char *where, struct answer **out)
{
	const struct kernels k = {records, labels, n < KERNELS_MAX ? n : KERNELS_MAX};
	struct answer *a = answer_open("objects", where);

	*out = a;
	if (!a)
		return -ENOMEM;
	answer_title(a, "Instructions that each program adds to one call (median), by kernel");
	if (!put_table(a, &k, "added", NULL, put_cost))
		answer_note(a, "No program was found.");
	put_table(a, &k, "verified", "Instructions that the verifier processed", put_verified);
	put_reasons(a, &k);
	put_exact(a, &k);
	answer_line(a, "Next", "bpftoll lab --object FILE --xray PROGRAM (where they go)");
	if (where)
		answer_line(a, "Record", "%s%s", where, n > 1 ? ", a folder a kernel" : "");
	return 0;
}
