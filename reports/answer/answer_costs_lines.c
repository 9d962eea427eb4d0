/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answer_costs.h"
#include "reports/answer/answers.h"
#include "reports/judge/verdict.h"
#include "reports/show/costs/data_table.h"
#include "reports/record/text_stream.h"

#define HOOKS_MOST 16

/* How many times one program's cost goes into another's, over all hooks that have both: from the
 * least that the intervals allow to the most. */
struct ratio {
	double least, most;
	size_t n;
};

static void ratio_add(struct ratio *ratio, const struct record_result *a,
		      const struct record_result *b)
{
	struct effect x, y;

	if (!a || !b)
		return;
	x = a->overhead.typical;
	y = b->overhead.typical;
	/* a cost that may be zero goes into another any number of times */
	if (!(y.lo > 0) || !isfinite(x.hi))
		ratio->least = -INFINITY;
	else {
		ratio->least = ratio->n ? fmin(ratio->least, x.lo / y.hi) : x.lo / y.hi;
		ratio->most = fmax(ratio->most, x.hi / y.lo);
	}
	ratio->n++;
}

static void say_ratio(FILE *out, const struct ratio *r, const char *words, const char *than)
{
	if (!r->n || !(r->least > 1))
		return;
	if (ftell(out) > 0)
		fputs("; ", out);
	if (r->least >= 10)
		fprintf(out, "%s %.0f to %.0f times %s", words, floor(r->least), ceil(r->most),
			than);
	else
		fprintf(out, "%s %.1f to %.1f times %s", words, floor(r->least * 10) / 10,
			ceil(r->most * 10) / 10, than);
}

/* What no other is surely cheaper than: it begins below the lowest upper end, or the null test
 * could not tell it from that one. */
struct best {
	struct effect e;
	double apart; /* least difference that the null test tells; NAN: unknown */
};

static bool as_cheap(const struct best *best, struct effect e)
{
	return e.lo <= best->e.hi || e.value - best->e.value < best->apart;
}

/* The hooks that no other is surely cheaper than, for an event that wakes nobody. */
static void say_cheapest(FILE *out, const struct record *rec, const struct costs_of *of,
			 const char *const *hooks, size_t n)
{
	struct best best = {{INFINITY, INFINITY, INFINITY}, answer_null_limit(rec)};
	const char *separator = "";
	size_t near = 0, of_all = 0;

	for (size_t i = 0; i < n; i++) {
		const struct record_result *r = costs_find(rec, of, hooks[i], "ringbuf", "idle");

		if (r && r->overhead.typical.hi < best.e.hi)
			best.e = r->overhead.typical;
	}
	for (size_t i = 0; i < n; i++) {
		const struct record_result *r = costs_find(rec, of, hooks[i], "ringbuf", "idle");

		of_all += r && isfinite(r->overhead.typical.lo);
		near += r && as_cheap(&best, r->overhead.typical);
	}
	if (near == of_all)
		return;
	fputs(ftell(out) > 0 ? "; cheapest for a ring buffer's event: "
			     : "cheapest for a ring buffer's event: ",
	      out);
	for (size_t i = 0; i < n; i++) {
		const struct record_result *r = costs_find(rec, of, hooks[i], "ringbuf", "idle");

		if (r && as_cheap(&best, r->overhead.typical)) {
			fprintf(out, "%s%s", separator, hooks[i]);
			separator = " or ";
		}
	}
}

static void summary(struct answer *a, const struct record *rec, const struct costs_of *of)
{
	struct ratio wakeup = {NAN, 0, 0}, output = {NAN, 0, 0};
	const char *hooks[HOOKS_MOST];
	size_t n = costs_hooks(rec, of, hooks, HOOKS_MOST), length;
	char *text = NULL;
	FILE *out = text_stream(&text, &length);

	if (!out)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct record_result *perf = costs_find(rec, of, hooks[i], "perf", "idle"),
					   *ring = costs_find(rec, of, hooks[i], "ringbuf", "idle");

		ratio_add(&wakeup, costs_find(rec, of, hooks[i], "perf", "caught_up"), perf);
		ratio_add(&wakeup, costs_find(rec, of, hooks[i], "ringbuf", "caught_up"), ring);
		ratio_add(&output, perf, ring);
	}
	say_ratio(out, &wakeup, "an event that wakes its reader costs", "one that wakes nobody");
	say_ratio(out, &output, "the perf buffer costs", "the ring buffer");
	say_cheapest(out, rec, of, hooks, n);
	if (!fclose(out) && *text)
		answer_line(a, "Summary", "%s", text);
	free(text);
}

/* What is wrong in the events comes before what they cost. */
static void data(struct answer *a, const struct record *rec)
{
	size_t length;
	char *text = NULL;
	FILE *out = text_stream(&text, &length);

	if (!out)
		return;
	data_findings(rec, RENDER_TEXT, out);
	if (!fclose(out) && *text) {
		answer_line(a, "Data", "%s", text);
		answer_mark(a, ANSWER_BAD);
	}
	free(text);
}

struct tally {
	size_t by[VERDICT_RED + 1], n;
	bool loss, cpu; /* open for want of a measurement */
};

static void tally(const struct verdicts *v, struct tally *t)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct configuration *c = &v->rows[i];

		if (c->result->status != RESULT_MEASURED)
			continue;
		t->n++;
		t->by[c->verdict]++;
		t->loss |= isnan(c->by[CRITERION_LOSS].measured.value);
		t->cpu |= c->by[CRITERION_CPU].part;
	}
}

static const char *missing(const struct tally *t)
{
	return t->loss && t->cpu ? "loss, reader's CPU not measured"
	       : t->loss	 ? "loss not measured"
	       : t->cpu		 ? "reader's CPU not measured"
				 : "intervals reach over a limit";
}

static void say_budget(struct answer *a, const struct verdicts *v)
{
	struct tally t = {.n = 0};
	enum verdict verdict = v->run;

	tally(v, &t);
	if (!t.n)
		return;
	if (v->under_test && v->under_test->result->status == RESULT_MEASURED)
		answer_line(a, "Budget",
			    "%s for the design (kprobe, perf buffer, woken by each event)%s%s; of "
			    "%zu configurations %zu RED, %zu open (%s)",
			    verdict_name(verdict), verdict == VERDICT_RED ? ": " : "",
			    verdict == VERDICT_RED ? criterion_name(v->under_test->decided) : "",
			    t.n, t.by[VERDICT_RED], t.by[VERDICT_INCONCLUSIVE], missing(&t));
	else
		answer_line(a, "Budget",
			    "UNDECIDED: the design (kprobe, perf buffer, woken by each event) was "
			    "not measured; of %zu others %zu RED, %zu pass, %zu open (%s)",
			    t.n, t.by[VERDICT_RED], t.by[VERDICT_GREEN] + t.by[VERDICT_YELLOW],
			    t.by[VERDICT_INCONCLUSIVE], missing(&t));
	answer_mark(a, verdict == VERDICT_RED	  ? ANSWER_BAD
		       : verdict == VERDICT_GREEN ? ANSWER_GOOD
						  : ANSWER_UNSURE);
}

static void budget(struct answer *a, const struct record *rec)
{
	const struct verdict_scope all = {NULL, NULL, NULL};
	struct record_set set = {.n_runs = 1};
	struct verdicts verdicts;
	struct budget limits;

	if (!rec->n_results || rec->results[0]->unit == UNIT_INSTRUCTIONS)
		return;
	budget_default(&limits);
	set.runs[0].record = (struct record *)rec; /* is only read */
	if (!verdict_judge(&set, &limits, &all, &verdicts))
		say_budget(a, &verdicts);
	verdict_free(&verdicts);
}

void answer_costs_lines(struct answer *a, const struct record *rec, const struct costs_of *of)
{
	summary(a, rec, of);
	data(a, rec);
	answer_quality(a, rec);
	budget(a, rec);
}

void answer_costs_next(struct answer *a, const struct record *rec)
{
	if (rec->results[0]->unit == UNIT_NS)
		answer_line(a, "Next", "bpftoll run --suite events --rate 10000 (CPU and loss)");
}
