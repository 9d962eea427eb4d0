/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/suites/answer_events.h"
#include "reports/answer/answers.h"
#include "reports/answer/missing.h"
#include "reports/answer/sentence.h"
#include "reports/judge/costs/claims.h"
#include "reports/judge/costs/policies.h"
#include "reports/judge/cpu_cost.h"
#include "reports/judge/loss.h"
#include "reports/record/wakeup_name.h"
#include "reports/show/figure.h"
#include "reports/record/text_stream.h"

#define CLAIMS_NAMED 2 /* of each verdict, at most */

/* The design as it stands: a perf buffer whose reader each event wakes. */
static const struct event_point *design(const struct record *rec, const struct events_of *of)
{
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (events_point(p, of->scenario) && !p->saturated && !strcmp(p->body, "perf") &&
		    !strcmp(p->wakeup, "caught_up") &&
		    cpu_cost_rate_same(p->rate_target, of->rate[0]))
			return p;
	}
	return NULL;
}

/* The scenario that has the most policies at the rate. */
static const struct event_point *cheapest(const struct record *rec, const struct events_of *of,
					  size_t *ties)
{
	const struct event_point *p = policies_cheapest(rec, of->rate[0], INFINITY, ties);

	return p ? p : policies_cheapest_of(rec, of->scenario, of->rate[0], INFINITY, ties);
}

static bool resolved(struct effect e)
{
	return fmax(e.value - e.lo, e.hi - e.value) <= fabs(e.value) && !effect_holds_zero(e);
}

static void put_cheapest(FILE *out, const struct record *rec, const struct events_of *of)
{
	size_t ties;
	const struct event_point *p = cheapest(rec, of, &ties);

	if (p && events_withdrawn(p))
		return;
	if (!p) {
		fputs("no policy reached the rate without a loss", out);
		return;
	}
	if (ties && !resolved(policies_cpu(p))) {
		fprintf(out, "which policy is cheapest is not resolved: %zu may be", ties + 1);
		return;
	}
	fputs("cheapest is ", out);
	events_say(out, of, p);
	fputs(": ", out);
	answer_put(out, policies_cpu(p), ANSWER_PERCENT);
	fputs(", age p99 ", out);
	answer_put(out, (struct effect){p->age_p99, NAN, NAN}, ANSWER_NS);
	if (ties)
		fprintf(out, "; %zu other%s may be as cheap", ties, ties == 1 ? "" : "s");
}

static void put_summary(struct answer *a, const struct record *rec, const struct events_of *of)
{
	const struct event_point *p = design(rec, of);
	size_t length;
	char *text = NULL;
	FILE *out = text_stream(&text, &length);

	if (!out)
		return;
	fputs("at ", out);
	figure_rate(out, of->rate[0]);
	fputs("/s ", out);
	if (p) {
		events_say(out, of, p);
		if (resolved(policies_cpu(p))) {
			fputs(" takes ", out);
			answer_put(out, policies_cpu(p), ANSWER_PERCENT);
			fputs(" of a CPU; ", out);
		} else {
			fputs(": its CPU is not resolved; ", out);
		}
	}
	put_cheapest(out, rec, of);
	if (!fclose(out))
		answer_line(a, "Summary", "%s", text);
	free(text);
}

/* How many rows have one of two verdicts, and which, where these are few and not all. */
static void put_rows(FILE *out, const struct claim_row *rows, size_t n, enum claim_verdict a,
		     enum claim_verdict b)
{
	const char *sign = " (";
	size_t of = 0;

	for (size_t i = 0; i < n; i++)
		of += rows[i].verdict == a || rows[i].verdict == b;
	fprintf(out, "%zu", of);
	if (!of || of == n || of > CLAIMS_NAMED)
		return;
	for (size_t i = 0; i < n; i++) {
		if (rows[i].verdict != a && rows[i].verdict != b)
			continue;
		fprintf(out, "%s%s", sign, rows[i].by);
		sign = "; ";
	}
	fputc(')', out);
}

/* What is claimed of the CPU at a rate: how many configurations keep it. */
static void put_claim(struct answer *a, const struct record *rec)
{
	struct claim_row rows[CLAIMS_ROWS_MOST];
	size_t all = claims_collect(rec, rows, CLAIMS_ROWS_MOST), n = 0;
	enum answer_mark mark = ANSWER_GOOD;
	struct sentence s;

	for (size_t i = 0; i < rec->n_event_points; i++)
		if (events_withdrawn(&rec->event_points[i]))
			return; /* it was of these rows as well */
	for (size_t i = 0; i < all; i++) {
		if (!strcmp(rows[i].unit, "ns"))
			continue;
		rows[n++] = rows[i];
		if (rows[i].verdict == CLAIM_DEARER)
			mark = ANSWER_BAD;
		else if (rows[i].verdict == CLAIM_UNDECIDED && mark == ANSWER_GOOD)
			mark = ANSWER_UNSURE;
	}
	if (!n || sentence_open(&s))
		return;
	fprintf(s.out, "\"%s\": %s %s kept by ", rows[0].what, rows[0].claimed, rows[0].unit);
	put_rows(s.out, rows, n, CLAIM_CONFIRMED, CLAIM_CHEAPER);
	fprintf(s.out, " of %zu rows with a perf buffer, broken by ", n);
	put_rows(s.out, rows, n, CLAIM_DEARER, CLAIM_DEARER);
	fputs(", undecided for ", s.out);
	put_rows(s.out, rows, n, CLAIM_UNDECIDED, CLAIM_UNDECIDED);
	sentence_line(&s, a, "Claim");
	answer_mark(a, mark);
}

/* ---- breakpoints ---- */

/* A curve is scenario/variant/syscall/wakeup/policy. */
static void put_curve(FILE *out, const struct breakpoint *k)
{
	char variant[64], wakeup[64];

	if (sscanf(k->curve, "%*[^/]/%63[^/]/%*[^/]/%63[^/]", variant, wakeup) == 2)
		fprintf(out, "%s of %s, %s", k->quantity, variant, wakeup_name(wakeup).text);
	else
		fprintf(out, "%s of %s", k->quantity, k->curve);
}

static void put_found(FILE *out, const struct breakpoint *k)
{
	figure_rate(out, k->rate.value);
	fputs("/s [", out);
	figure_rate(out, k->rate.lo);
	fputs(", ", out);
	figure_rate(out, k->rate.hi);
	fputs("] (", out);
	put_curve(out, k);
	fputc(')', out);
}

static void put_breakpoints(struct answer *a, const struct record *rec)
{
	const struct breakpoint *first = NULL;
	size_t tested = 0, found = 0, length;
	double highest = 0;
	char *text = NULL;
	FILE *out = text_stream(&text, &length);

	if (!out)
		return;
	for (size_t i = 0; i < rec->n_breakpoints; i++) {
		const struct breakpoint *k = &rec->breakpoints[i];

		if (isnan(k->highest))
			continue;
		tested++;
		highest = fmax(highest, k->highest);
		found += k->found;
		if (k->found && (!first || k->rate.value < first->rate.value))
			first = k;
	}
	if (found) {
		fprintf(out, "%zu of %zu curves bend for the worse, the first from ", found,
			tested);
		put_found(out, first);
	} else if (tested) {
		fprintf(out, "none found in %zu curves of cost, CPU and loss up to ", tested);
		figure_rate(out, highest);
		fputs("/s", out);
	}
	/* without any: Next says how to get them */
	if (!fclose(out) && *text)
		answer_line(a, "Breaks", "%s", text);
	free(text);
}

static void put_withdrawn(struct answer *a, const struct record *rec)
{
	bool rows = false, breakpoints = false;

	for (size_t i = 0; i < rec->n_event_points; i++)
		rows |= rec->event_points[i].status == RESULT_MEASURED &&
			events_withdrawn(&rec->event_points[i]);
	for (size_t i = 0; i < rec->n_breakpoints; i++)
		breakpoints |= isnan(rec->breakpoints[i].highest);
	if (rows || breakpoints)
		answer_line(a, "Withdrawn", "of an older version: %s%s%s; measure again",
			    rows ? "its rows of busy-poll and none" : "",
			    rows && breakpoints ? ", " : "", breakpoints ? "its breakpoints" : "");
}

/* ---- overload ---- */

static double load_of(const struct event_point *p)
{
	return p->burst ? (double)p->burst : isfinite(p->stopped_ms) ? p->stopped_ms : 0;
}

static void put_bytes(FILE *out, uint64_t bytes)
{
	if (bytes >= 1 << 20)
		fprintf(out, "%llu MiB", (unsigned long long)bytes >> 20);
	else
		fprintf(out, "%llu KiB", (unsigned long long)bytes >> 10);
}

/* "64 KiB": the smallest buffer from which on nothing was lost under the load; "over 16 MiB". */
static void put_enough(FILE *out, const struct record *rec, const struct event_point *like)
{
	uint64_t lossy = 0, enough = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < rec->n_event_points; i++) {
			const struct event_point *p = &rec->event_points[i];

			if (!events_point(p, like->scenario) ||
			    strcmp(p->variant, like->variant) != 0 ||
			    strcmp(p->wakeup, like->wakeup) != 0 || load_of(p) != load_of(like))
				continue;
			if (!pass && p->received < p->produced && p->buffer_bytes > lossy)
				lossy = p->buffer_bytes;
			if (pass && p->buffer_bytes > lossy &&
			    (!enough || p->buffer_bytes < enough))
				enough = p->buffer_bytes;
		}
	fputs(enough ? "" : "over ", out);
	put_bytes(out, enough ? enough : lossy);
}

static bool is_first_variant(const struct record *rec, size_t at, double load)
{
	const struct event_point *mine = &rec->event_points[at];

	for (size_t i = 0; i < at; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (events_point(p, mine->scenario) && load_of(p) == load &&
		    !strcmp(p->variant, mine->variant))
			return false;
	}
	return true;
}

/* "100,000 calls at once: perf 64 KiB, ringbuf 1 MiB". Returns how many it told. */
static size_t put_load(FILE *out, const struct record *rec, const char *scenario, bool again)
{
	double load = 0;
	size_t told = 0;

	for (size_t i = 0; i < rec->n_event_points; i++)
		if (events_point(&rec->event_points[i], scenario))
			load = fmax(load, load_of(&rec->event_points[i]));
	for (size_t i = 0; load > 0 && i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (!events_point(p, scenario) || load_of(p) != load ||
		    !is_first_variant(rec, i, load))
			continue;
		if (!told++) {
			fputs(again ? "; " : "buffer that loses nothing: ", out);
			if (p->burst) {
				figure_count(out, p->burst);
				fputs(" calls at once: ", out);
			} else {
				fprintf(out, "reader stopped %g ms at ", p->stopped_ms);
				figure_rate(out, p->rate_target);
				fputs("/s: ", out);
			}
		} else {
			fputs(", ", out);
		}
		fprintf(out, "%s ", p->body);
		put_enough(out, rec, p);
	}
	return told;
}

static void put_overload(struct answer *a, const struct record *rec)
{
	size_t told, length;
	char *text = NULL;
	FILE *out = text_stream(&text, &length);

	if (!out)
		return;
	told = put_load(out, rec, "burst", false);
	told += put_load(out, rec, "stopped", told > 0);
	if (!fclose(out) && told)
		answer_line(a, "Overload", "%s", text);
	free(text);
}

/* ---- all ---- */

static void put_missing(struct answer *a, const struct record *rec)
{
	struct missing *rows = calloc(rec->n_event_points + 1, sizeof(*rows));
	size_t n = 0;

	for (size_t i = 0; rows && i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		/* what stands beside no probe is no configuration */
		if (strcmp(p->hook, "none") != 0 || p->status != RESULT_MEASURED)
			rows[n++] = (struct missing){p->hook, p->reason, p->status};
	}
	if (rows)
		missing_say(a, rows, n);
	free(rows);
}

static bool any_bound(const struct record *rec)
{
	struct loss_bound bound;

	for (size_t i = 0; i < rec->n_event_points; i++)
		if (rec->event_points[i].status == RESULT_MEASURED &&
		    loss_bound(&rec->event_points[i], &bound))
			return true;
	return false;
}

void events_lines(struct answer *a, const struct record *rec, const struct events_of *of)
{
	bool bounded = any_bound(rec);

	if (of->n_rates)
		put_summary(a, rec, of);
	put_claim(a, rec);
	if (of->n_rates)
		put_breakpoints(a, rec);
	put_withdrawn(a, rec);
	put_overload(a, rec);
	put_missing(a, rec);
	answer_quality(a, rec);
	if (!record_rows_measured(rec))
		answer_line(a, "Next", "bpftoll doctor (what can be measured here)");
	else if (!bounded)
		answer_line(a, "Next",
			    "bpftoll run --suite events --exposure 10 (bounds the loss)");
	else if (!rec->n_breakpoints)
		answer_line(a, "Next",
			    "bpftoll run --suite events --scenario sweep (six rates: breakpoints)");
	else
		answer_line(a, "Next", "bpftoll run --suite apps (what programs feel)");
}
