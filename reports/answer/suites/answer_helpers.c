/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What helpers cost, and what is claimed that they cost: a row a helper and size, a column a wakeup
 * policy. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/missing.h"
#include "reports/judge/costs/claims.h"
#include "reports/judge/costs/prices.h"
#include "reports/record/wakeup_name.h"
#include "reports/record/text_stream.h"

/* The wakeup policies that have a column; what has none, or sends nothing, is in the first. */
static const char *const policies[] = {"idle", "caught_up", "sampled", "busy", "none"};
#define POLICIES (sizeof(policies) / sizeof(*policies))

#define COLUMNS(unit)                                                                           \
	{                                                                                       \
		{"helper", "helper", ANSWER_WORDS, false},                                      \
			{"claimed", "claimed", ANSWER_WORDS, false},                            \
			{"none", "a call", unit, false},                                        \
			{"verdict", "verdict", ANSWER_WORDS, false},                            \
			{"per_event", "per-event", unit, false},                                \
			{"every_64", "every-64", unit, true},                                   \
			{"busy_poll", "busy-poll", unit, true},                                 \
			{"buffer_full", "buffer-full", unit, true},                             \
			{"per_event_verdict", "per-event is", ANSWER_WORDS, true},              \
			{"size", "size", ANSWER_WORDS, true}, {"on", "on", ANSWER_WORDS, true}, \
	}

static const struct answer_column in_ns[] = COLUMNS(ANSWER_NS);
static const struct answer_column in_instructions[] = COLUMNS(ANSWER_INSTRUCTIONS);
#define COLUMN_COUNT (sizeof(in_ns) / sizeof(*in_ns))

struct claims {
	struct claim_row rows[CLAIMS_ROWS_MOST];
	size_t n;
};

static const struct claim_row *claim_of_price(const struct claims *claims,
					      const struct slope *price)
{
	for (size_t i = 0; price && i < claims->n; i++)
		if (claims->rows[i].price == price)
			return &claims->rows[i];
	return NULL;
}

/* wakeup NULL: any. */
static const struct claim_row *claim_of_probe(const struct claims *claims, const char *hook,
					      const char *wakeup)
{
	for (size_t i = 0; i < claims->n; i++) {
		const struct record_result *probe = claims->rows[i].probe;

		if (probe && !strcmp(probe->hook, hook) &&
		    (!wakeup || !strcmp(probe->wakeup, wakeup)))
			return &claims->rows[i];
	}
	return NULL;
}

static void put_verdict(struct answer *a, const struct claim_row *claim)
{
	double ratio = claim ? claims_ratio(claim) : NAN;

	if (!claim) {
		answer_text(a, "%s", "");
		return;
	}
	if (claim->verdict == CLAIM_CONFIRMED || claim->verdict == CLAIM_UNDECIDED)
		answer_text(a, "%s", claims_verdict_name(claim->verdict));
	else
		answer_text(a, "%.*fx", ratio < 1 ? 2 : ratio < 10 ? 1 : 0, ratio);
	answer_mark(a, claim->verdict == CLAIM_CONFIRMED   ? ANSWER_GOOD
		       : claim->verdict == CLAIM_DEARER	   ? ANSWER_BAD
		       : claim->verdict == CLAIM_UNDECIDED ? ANSWER_UNSURE
							   : ANSWER_PLAIN);
}

static void put_claimed(struct answer *a, const struct claim_row *claim,
			const struct claim_row *other)
{
	claim = claim ? claim : other;
	answer_text(a, "%s", claim ? claim->claimed : "");
}

/* ---- complete probes ---- */

static void put_measured(struct answer *a, const struct claim_row *claim)
{
	if (claim)
		answer_effect(a, claim->measured);
	else
		answer_text(a, "%s", "");
}

static void put_probe(struct answer *a, const struct claims *claims, const char *hook)
{
	const struct claim_row *by[POLICIES];

	for (size_t i = 0; i < POLICIES; i++)
		by[i] = claim_of_probe(claims, hook, policies[i]);
	answer_row(a);
	answer_text(a, "probe on %s", hook);
	put_claimed(a, claim_of_probe(claims, hook, NULL), NULL);
	put_measured(a, by[0]);
	put_verdict(a, by[0]);
	for (size_t i = 1; i < POLICIES; i++)
		put_measured(a, by[i]);
	put_verdict(a, by[1]);
}

/* Of the claims' probes each hook once; the first, or all others. */
static void put_probes(struct answer *a, const struct claims *claims, bool first)
{
	const char *before = NULL;

	for (size_t i = 0; i < claims->n; i++) {
		const struct record_result *probe = claims->rows[i].probe;

		if (!probe || claim_of_probe(claims, probe->hook, NULL) != &claims->rows[i])
			continue;
		if (first == !before)
			put_probe(a, claims, probe->hook);
		before = probe->hook;
	}
}

/* Claims that a step between two programs answers, where no helper was priced. */
static void put_steps(struct answer *a, const struct claims *claims)
{
	for (size_t i = 0; i < claims->n; i++) {
		const struct claim_row *claim = &claims->rows[i];

		if (claim->price || claim->probe || strcmp(claim->unit, "ns") != 0)
			continue;
		answer_row(a);
		answer_text(a, "%s", claim->what);
		put_claimed(a, claim, NULL);
		put_measured(a, claim);
		put_verdict(a, claim);
	}
}

/* ---- helpers ---- */

/* Those that something is claimed of come first, then what decides between designs: outputs, and
 * lookups by kind of map. */
static const struct {
	const char *helper, *size;
} important[] = {
	{"perf_event_output", "40 bytes"},
	{"lookup_hit", "1024 entries"},
	{"ktime_get_ns", "-"},
	{"get_current_pid_tgid", "-"},
	{"arg_probe_read", "-"},
	{"ringbuf_submit", "40 bytes"},
	{"array_lookup", "1024 entries"},
	{"percpu_lookup_hit", "1024 entries"},
	{"lookup_miss", "1024 entries"},
	{"ringbuf_output", "40 bytes"},
};
#define IMPORTANT (sizeof(important) / sizeof(*important))

static bool is_price(const struct slope *row)
{
	/* the control is no helper: what it must cost is known */
	return row->status == RESULT_MEASURED && strcmp(row->helper, "control") != 0;
}

static size_t price_rank(const struct slope *row)
{
	size_t rank = 0;

	while (rank < IMPORTANT && (strcmp(row->helper, important[rank].helper) != 0 ||
				    strcmp(row->size, important[rank].size) != 0))
		rank++;
	return rank;
}

static bool has_column(const struct slope *row)
{
	for (size_t i = 0; i < POLICIES; i++)
		if (!strcmp(row->wakeup, policies[i]))
			return true;
	return false;
}

/* A row of the table stands for all policies that have a column, on its first host program. */
static bool same_row(const struct slope *a, const struct slope *b)
{
	return is_price(a) && !strcmp(a->helper, b->helper) && !strcmp(a->size, b->size) &&
	       !strcmp(a->cache, b->cache) &&
	       (has_column(a) ? has_column(b) : !strcmp(a->wakeup, b->wakeup));
}

static bool is_first(const struct record *rec, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (same_row(&rec->slopes[i], &rec->slopes[at]))
			return false;
	return is_price(&rec->slopes[at]);
}

/* The first of the row with that policy. */
static const struct slope *with_policy(const struct record *rec, const struct slope *row,
				       const char *wakeup)
{
	for (size_t i = 0; i < rec->n_slopes; i++)
		if (same_row(&rec->slopes[i], row) && !strcmp(rec->slopes[i].wakeup, wakeup))
			return &rec->slopes[i];
	return NULL;
}

static void put_price(struct answer *a, const struct slope *price)
{
	struct effect first = price ? prices_first_call(price) : (struct effect){NAN, NAN, NAN};

	if (!price)
		answer_text(a, "%s", "");
	else if (price->nonlinear && !isfinite(first.value))
		answer_absent(a, "not linear");
	else
		answer_effect(a, first);
}

/* The sizes of the title go without saying. */
static void put_name(struct answer *a, const struct slope *row, bool policy)
{
	bool sized = strcmp(row->size, "-") != 0 && strcmp(row->size, "40 bytes") != 0 &&
		     strcmp(row->size, "1024 entries") != 0;

	answer_text(a, "%s%s%s%s%s%s", row->helper, sized ? ", " : "", sized ? row->size : "",
		    policy ? ", " : "", policy ? wakeup_name(row->wakeup).text : "",
		    strcmp(row->cache, "hot") ? ", cold" : "");
}

static void put_row(struct answer *a, const struct record *rec, const struct claims *claims,
		    const struct slope *row)
{
	bool pivot = has_column(row), policy = !pivot && strcmp(row->wakeup, "-") != 0;
	const struct slope *by[POLICIES] = {row};

	for (size_t i = 0; i < POLICIES && pivot; i++)
		by[i] = with_policy(rec, row, policies[i]);
	answer_row(a);
	put_name(a, row, policy);
	put_claimed(a, claim_of_price(claims, by[0]), claim_of_price(claims, by[1]));
	put_price(a, by[0]);
	put_verdict(a, claim_of_price(claims, by[0]));
	for (size_t i = 1; i < POLICIES; i++)
		put_price(a, by[i]);
	put_verdict(a, claim_of_price(claims, by[1]));
	answer_text(a, "%s", row->size);
	answer_text(a, "%s", row->host_program);
}

static const struct slope *first_price(const struct record *rec)
{
	for (size_t i = 0; i < rec->n_slopes; i++)
		if (is_price(&rec->slopes[i]))
			return &rec->slopes[i];
	return NULL;
}

/* What is shown is the first call; where the next ones cost something else, that is said. */
static void note_nonlinear(struct answer *a, const struct record *rec)
{
	size_t n = 0;

	for (size_t i = 0; i < rec->n_slopes; i++)
		n += is_price(&rec->slopes[i]) && rec->slopes[i].nonlinear;
	if (n)
		answer_note(a,
			    "a call: the first one; in %zu row%s further ones cost "
			    "another price (--full)",
			    n, n == 1 ? "" : "s");
}

static void put_table(struct answer *a, const struct record *rec, const struct claims *claims)
{
	const struct slope *first = first_price(rec);

	answer_table(a, "prices", NULL,
		     first && first->unit == UNIT_INSTRUCTIONS ? in_instructions : in_ns,
		     COLUMN_COUNT);
	put_probes(a, claims, true);
	put_steps(a, claims);
	for (size_t rank = 0; rank <= IMPORTANT; rank++) {
		for (size_t i = 0; i < rec->n_slopes; i++)
			if (is_first(rec, i) && price_rank(&rec->slopes[i]) == rank)
				put_row(a, rec, claims, &rec->slopes[i]);
		if (rank == IMPORTANT - 1)
			put_probes(a, claims, false);
	}
	if (claims->n)
		answer_note(
			a,
			"0.5x, 2x: claim REFUTED, measured / claimed (in ns, taken for ±%.0f %%)",
			100 * CLAIMS_ABOUT);
	note_nonlinear(a, rec);
}

/* ---- lines ---- */

/* What a wakeup does to the claim about the perf buffer: two figures of one row. */
static void say_wakeup(FILE *out, const struct claims *claims)
{
	const struct claim_row *none = NULL, *wakes = NULL;

	for (size_t i = 0; i < claims->n; i++) {
		const struct claim_row *claim = &claims->rows[i];

		if (claim->price && !strcmp(claim->price->wakeup, "idle"))
			none = claim;
		if (claim->price && !strcmp(claim->price->wakeup, "caught_up"))
			wakes = claim;
	}
	if (!none || !wakes || none->what != wakes->what || none->price->nonlinear ||
	    !isfinite(none->measured.value) || !isfinite(wakes->measured.value))
		return;
	fprintf(out, "; %s: ", none->what);
	answer_put(out, none->measured, ANSWER_NS);
	fputs(" with nobody woken, ", out);
	answer_put(out, wakes->measured, ANSWER_NS);
	fputs(" waking the reader", out);
}

/* Returns how many claims are undecided. */
static size_t put_summary(struct answer *a, const struct claims *claims)
{
	size_t by[CLAIM_UNDECIDED + 1] = {0}, length;
	char *text = NULL;
	FILE *out = text_stream(&text, &length);

	for (size_t i = 0; i < claims->n; i++)
		by[claims->rows[i].verdict]++;
	if (!out)
		return by[CLAIM_UNDECIDED];
	fprintf(out, "of %zu claimed costs: %zu as claimed, %zu cheaper, %zu dearer, %zu undecided",
		claims->n, by[CLAIM_CONFIRMED], by[CLAIM_CHEAPER], by[CLAIM_DEARER],
		by[CLAIM_UNDECIDED]);
	say_wakeup(out, claims);
	if (!fclose(out) && claims->n)
		answer_line(a, "Summary", "%s", text);
	free(text);
	return by[CLAIM_UNDECIDED];
}

static bool was_priced(const struct record *rec, const char *helper)
{
	for (size_t i = 0; i < rec->n_slopes; i++)
		if (is_price(&rec->slopes[i]) && !strcmp(rec->slopes[i].helper, helper))
			return true;
	return false;
}

static void put_missing(struct answer *a, const struct record *rec)
{
	struct missing *rows = calloc(rec->n_slopes + rec->n_results + 1, sizeof(*rows));
	size_t n = 0;

	for (size_t i = 0; rows && i < rec->n_results; i++)
		rows[n++] = (struct missing){rec->results[i]->hook, rec->results[i]->reason,
					     rec->results[i]->status};
	for (size_t i = 0; rows && i < rec->n_slopes; i++)
		if (!was_priced(rec, rec->slopes[i].helper))
			rows[n++] = (struct missing){rec->slopes[i].helper, rec->slopes[i].reason,
						     rec->slopes[i].status};
	if (rows)
		missing_say(a, rows, n);
	free(rows);
}

void answer_helpers(struct answer *a, const struct record *rec)
{
	const struct slope *first = first_price(rec);
	bool exact = first && first->unit == UNIT_INSTRUCTIONS;
	struct claims claims;
	size_t open;

	claims.n = claims_collect(rec, claims.rows, CLAIMS_ROWS_MOST);
	if (first && exact)
		answer_title(a,
			     "Instructions of a helper call on %s (40-byte events, "
			     "1024-entry maps)",
			     first->host_program);
	else if (first)
		answer_title(a, "A helper call on %s, %s (40-byte events, 1024-entry maps)",
			     first->host_program, first->workload);
	put_table(a, rec, &claims);
	open = put_summary(a, &claims);
	if (!first)
		answer_line(a, "Prices", "no helper was measured");
	put_missing(a, rec);
	answer_quality(a, rec);
	answer_line(a, "Next", "%s",
		    !first && !claims.n ? "bpftoll doctor (what can be measured here)"
		    : exact ? "bpftoll run --suite helpers (the same in ns, on this machine)"
		    : open || !first
			    ? "bpftoll run --suite helpers --seconds 300 (narrower intervals)"
			    : "bpftoll run --suite events --rate 10000 (CPU, loss and age)");
}
