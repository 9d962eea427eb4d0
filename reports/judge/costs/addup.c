/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/costs/addup.h"
#include "reports/stats/combine.h"
#include "reports/stats/equivalence.h"
#include "reports/judge/costs/prices.h"

/* The map's capacity and the size priced that is nearest to the event's 32 bytes. */
#define MAP_SIZE   "1024 entries"
#define EVENT_SIZE "40 bytes"
#define PARTS_MOST 5

struct part {
	const char *helper, *size; /* size NULL: it has none */
	bool sends;		   /* its price depends on the wakeup policy */
};

static const struct part pid = {"get_current_pid_tgid", NULL, false};
static const struct part hit = {"lookup_hit", MAP_SIZE, false};
static const struct part miss = {"lookup_miss", MAP_SIZE, false};
static const struct part clock_read = {"ktime_get_ns", NULL, false};

static const struct {
	const char *body;
	struct part part;
} outputs[] = {
	{"perf", {"perf_event_output", EVENT_SIZE, true}},
	{"ringbuf", {"ringbuf_submit", EVENT_SIZE, true}},
	{"ringbuf_output", {"ringbuf_output", EVENT_SIZE, true}},
};

static struct part argument_of(const char *hook)
{
	const char *helper = prices_argument(hook);

	return (struct part){helper ? helper : "its argument", NULL, false};
}

/* What the program calls, in the order of the incremental programs; 0: nothing that has a price. */
static size_t parts_of(const struct record_result *result, struct part *parts)
{
	static const char *const increments[] = {"pid", "lookup_hit", "args", "clock"};
	size_t steps = 0, n = 0, output = 0;

	while (output < sizeof(outputs) / sizeof(*outputs) &&
	       strcmp(result->body, outputs[output].body) != 0)
		output++;
	if (output < sizeof(outputs) / sizeof(*outputs))
		steps = 4;
	for (size_t i = 0; i < 4 && steps == 0; i++) {
		if (strcmp(result->body, increments[i]) == 0)
			steps = i + 1;
	}
	if (strcmp(result->body, "lookup_miss") == 0) {
		parts[n++] = pid;
		parts[n++] = miss;
	}
	if (steps > 0)
		parts[n++] = pid;
	if (steps > 1)
		parts[n++] = hit;
	if (steps > 2)
		parts[n++] = argument_of(result->hook);
	if (steps > 3)
		parts[n++] = clock_read;
	if (output < sizeof(outputs) / sizeof(*outputs))
		parts[n++] = outputs[output].part;
	return n;
}

static bool fits(const struct slope *price, const struct record_result *result)
{
	return price && price->unit == result->unit &&
	       strcmp(price->workload, result->workload) == 0;
}

static const struct record_result *dispatch_of(const struct record_result *const *results, size_t n,
					       const struct record_result *result)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(results[i]->hook, result->hook) == 0 &&
		    strcmp(results[i]->body, "empty") == 0)
			return results[i];
	}
	return NULL;
}

static enum addup_verdict verdict_of(enum equivalence outcome)
{
	if (outcome == EQUIVALENCE_OPEN)
		return ADDUP_TOO_WIDE;
	return outcome == EQUIVALENCE_WITHIN ? ADDUP_YES : ADDUP_NO;
}

static struct equivalence_test test_of(const struct addup *a)
{
	double most = ADDUP_WIDEST * fabs(a->result->overhead.typical.value);

	return (struct equivalence_test){.e = a->unexplained, .from = -most, .to = most};
}

/* Of one variant alone. */
static enum addup_verdict judge(const struct addup *a)
{
	double whole = fabs(a->result->overhead.typical.value);
	struct equivalence_test test = test_of(a);

	if (a->result->unit == UNIT_INSTRUCTIONS)
		return fabs(a->unexplained.value) <= ADDUP_EXACT * whole ? ADDUP_YES : ADDUP_NO;
	return verdict_of(equivalence_one(test.e, test.from, test.to));
}

void addup_check(const struct record *rec, const struct record_result *const *results, size_t n,
		 const struct record_result *result, struct addup *out)
{
	const struct record_result *dispatch = dispatch_of(results, n, result);
	struct part parts[PARTS_MOST + 1];
	size_t count = parts_of(result, parts);

	*out = (struct addup){.result = result, .verdict = ADDUP_NO_PRICE};
	out->parts = out->unexplained = (struct effect){NAN, NAN, NAN};
	out->missing = dispatch ? "this program" : "the dispatch (no empty program)";
	if (!dispatch || count == 0)
		return;
	out->parts = dispatch->overhead.typical;
	out->missing = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct slope *price =
			prices_find_on(rec, result->hook, parts[i].helper, parts[i].size,
				       parts[i].sends ? result->wakeup : NULL);

		if (!fits(price, result)) {
			out->missing = parts[i].helper;
			out->parts = (struct effect){NAN, NAN, NAN};
			return;
		}
		out->bent |= price->nonlinear;
		out->parts = combine_sum(out->parts, prices_first_call(price));
	}
	out->unexplained = combine_difference(result->overhead.typical, out->parts);
	out->verdict = judge(out);
}

int addup_judge(struct addup *sums, size_t n)
{
	struct equivalence_test *tests = calloc(n + 1, sizeof(*tests));
	int err = tests ? 0 : -ENOMEM;
	size_t count = 0;

	for (size_t i = 0; i < n && !err; i++) {
		if (sums[i].verdict != ADDUP_NO_PRICE && sums[i].result->unit == UNIT_NS)
			tests[count++] = test_of(&sums[i]);
	}
	if (!err)
		err = equivalence_holm(tests, count);
	count = 0;
	for (size_t i = 0; i < n && !err; i++) {
		if (sums[i].verdict != ADDUP_NO_PRICE && sums[i].result->unit == UNIT_NS)
			sums[i].verdict = verdict_of(tests[count++].outcome);
	}
	free(tests);
	return err;
}

const char *addup_verdict_name(enum addup_verdict verdict)
{
	static const char *const names[] = {
		[ADDUP_YES] = "adds up",
		[ADDUP_NO] = "does NOT add up",
		[ADDUP_TOO_WIDE] = "too wide to tell",
		[ADDUP_NO_PRICE] = "not priced",
	};

	return names[verdict];
}

bool addup_priced(const struct record *rec, const struct record_result *result)
{
	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *price = &rec->slopes[i];

		if (price->status == RESULT_MEASURED && fits(price, result))
			return strcmp(result->cache, "hot") == 0;
	}
	return false;
}

struct addup *addup_all(const struct record *rec, const struct record_result *const *results,
			size_t n, size_t *count)
{
	struct addup *sums = calloc(n + 1, sizeof(*sums));

	*count = 0;
	for (size_t i = 0; sums && i < n; i++) {
		if (strcmp(results[i]->body, "empty") != 0)
			addup_check(rec, results, n, results[i], &sums[(*count)++]);
	}
	if (sums && addup_judge(sums, *count)) {
		free(sums);
		return NULL;
	}
	return sums;
}
