/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of a fleet: which machine types may have the probe, and what their spread is made of. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/judge/fleet/fleet.h"
#include "reports/judge/fleet/fleet_places.h"
#include "reports/record/cache_state.h"
#include "reports/record/wakeup_name.h"

static const struct answer_column columns[] = {
	{"type", "type", ANSWER_WORDS, false},
	{"kernel", "kernel", ANSWER_WORDS, false},
	{"configuration", "configuration", ANSWER_WORDS, false},
	{"machines", "machines", ANSWER_COUNT, false},
	{"boots", "boots", ANSWER_COUNT, false},
	{"runs", "runs", ANSWER_COUNT, true},
	{"p99", "p99", ANSWER_NS, false},
	{"cpu", "CPU", ANSWER_PERCENT, false},
	{"lost", "lost", ANSWER_PERCENT, true},
	{"holds_for", "holds for", ANSWER_WORDS, true},
	{"result", "", ANSWER_WORDS, false},
};

static const struct answer_column spread_columns[] = {
	{"type", "type", ANSWER_WORDS, false},
	{"kernel", "kernel", ANSWER_WORDS, false},
	{"configuration", "configuration", ANSWER_WORDS, true},
	{"mean", "typical", ANSWER_NS, false},
	{"next", "next run", ANSWER_NS, false},
	{"of_machines", "machines", ANSWER_PERCENT, false},
	{"of_boots", "boots", ANSWER_PERCENT, false},
	{"of_runs", "runs", ANSWER_PERCENT, false},
	{"of_rounds", "rounds", ANSWER_PERCENT, true},
};

static const struct answer_column gap_columns[] = {
	{"where", "left out", ANSWER_WORDS, false},
	{"why", "", ANSWER_WORDS, false},
};

#define COUNT(x) (sizeof(x) / sizeof(*(x)))
#define NAME_LEN 192

static enum answer_mark mark_of(enum verdict verdict)
{
	return verdict == VERDICT_GREEN ? ANSWER_GOOD
	       : verdict == VERDICT_RED ? ANSWER_BAD
					: ANSWER_UNSURE;
}

/* Types are long: they are named A, B, … above the tables. */
static size_t type_number(const struct fleet *f, const char *type)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_places && strcmp(f->places[i].type, type) != 0; i++)
		n += i + 1 < f->n_places && strcmp(f->places[i].type, f->places[i + 1].type) != 0;
	return n;
}

static void put_type(struct answer *a, const struct fleet *f, const char *type)
{
	size_t n = type_number(f, type);

	if (n < 26)
		answer_text(a, "%c", (char)('A' + (char)n));
	else
		answer_text(a, "%zu", n + 1);
}

/* NULL: there are several. */
static const char *one_kernel(const struct fleet *f)
{
	for (size_t i = 1; i < f->n_places; i++) {
		if (strcmp(f->places[i].kernel, f->places[0].kernel) != 0)
			return NULL;
	}
	return f->n_places ? f->places[0].kernel : NULL;
}

static void put_types(struct answer *a, const struct fleet *f)
{
	for (size_t i = 0; i < f->n_places; i++) {
		const char *type = f->places[i].type;
		size_t n = type_number(f, type), shown = strcspn(type, "\n");

		if (i && strcmp(type, f->places[i - 1].type) == 0)
			continue;
		if (n < 26)
			answer_title(a, "%c: %.*s", (char)('A' + (char)n), (int)shown, type);
		else
			answer_title(a, "%zu: %.*s", n + 1, (int)shown, type);
	}
	if (one_kernel(f))
		answer_title(a, "Linux %s", one_kernel(f));
}

static void put_name(struct answer *a, const struct fleet_row *row)
{
	bool usual = strcmp(row->cache, CACHE_STIRRED_NAME) == 0 ||
		     strcmp(row->cache, CACHE_HOT_NAME) == 0;

	answer_text(a, "%s, %s%s%s", row->variant, wakeup_name(row->wakeup).text, usual ? "" : ", ",
		    usual ? "" : row->cache);
}

static const char *holds_for(const struct fleet_row *row)
{
	static const char *const words[] = {"the runs", "next boot", "next machine"};

	return words[row->by[CRITERION_P99].covers];
}

static void put_criterion(struct answer *a, const struct fleet_criterion *c)
{
	if (isnan(c->measured.lo) && isnan(c->measured.hi))
		answer_absent(a, c->covers == FLEET_NOTHING ? "withheld" : "unknown");
	else
		answer_range(a, c->measured.lo, c->part ? NAN : c->measured.hi);
	answer_mark(a, mark_of(c->verdict));
}

static void put_row(struct answer *a, const struct fleet *f, const struct fleet_row *row)
{
	const struct effect lost = row->by[CRITERION_LOSS].measured;

	answer_row(a);
	put_type(a, f, row->type);
	answer_text(a, "%s", row->kernel);
	put_name(a, row);
	answer_number(a, (double)row->machines);
	answer_number(a, (double)row->boots);
	answer_number(a, (double)row->runs);
	if (row->reason) {
		answer_absent(a, "not measured");
		answer_absent(a, "not measured");
		answer_absent(a, "not measured");
	} else {
		put_criterion(a, &row->by[CRITERION_P99]);
		put_criterion(a, &row->by[CRITERION_CPU]);
		if (isnan(lost.hi))
			answer_absent(a, "unknown");
		else
			answer_at_most(a, lost.hi);
	}
	answer_text(a, "%s", row->reason ? "-" : holds_for(row));
	answer_text(a, "%s", row->reason ? "skipped" : verdict_name(row->verdict));
	answer_mark(a, mark_of(row->verdict));
}

/* One kernel is in the title; the configuration, where it is the probe under test, in the question.
 */
static void begin(struct answer *a, const struct fleet *f, bool asked)
{
	struct answer_column some[COUNT(columns)];

	memcpy(some, columns, sizeof(some));
	some[1].if_wide = one_kernel(f) != NULL;
	some[2].if_wide = asked && !f->narrowed;
	answer_table(a, asked ? "types" : "others",
		     asked ? NULL : "Other configurations, judged in the same way:", some,
		     COUNT(some));
}

static void put_rows(struct answer *a, const struct fleet *f, bool asked)
{
	bool any = false;

	for (size_t i = 0; i < f->n_rows; i++) {
		if (fleet_asked(f, &f->rows[i]) != asked)
			continue;
		if (!any)
			begin(a, f, asked);
		any = true;
		put_row(a, f, &f->rows[i]);
	}
}

/* ---- what the spread is made of ---- */

static void put_share(struct answer *a, const struct fleet_row *row, enum nested_level level)
{
	const struct nested_shares *s = &row->shares;

	if (isnan(s->share[level].lo))
		answer_absent(a, "withheld");
	else
		answer_range(a, 100 * s->share[level].lo, 100 * s->share[level].hi);
}

static void put_spread_row(struct answer *a, const struct fleet *f, const struct fleet_row *row)
{
	const struct effect next =
		row->typical.next_machine_why ? row->typical.next_boot : row->typical.next_machine;

	answer_row(a);
	put_type(a, f, row->type);
	answer_text(a, "%s", row->kernel);
	put_name(a, row);
	if (isnan(row->typical.mean.lo))
		answer_number(a, row->typical.mean.value);
	else
		answer_effect(a, row->typical.mean);
	if (isnan(next.lo))
		answer_absent(a, "one boot");
	else
		answer_range(a, next.lo, next.hi);
	for (int level = NESTED_MACHINE; level < NESTED_LEVELS; level++)
		put_share(a, row, (enum nested_level)level);
}

static void begin_spread(struct answer *a, const struct fleet *f)
{
	struct answer_column some[COUNT(spread_columns)];

	memcpy(some, spread_columns, sizeof(some));
	some[1].if_wide = one_kernel(f) != NULL;
	some[2].if_wide = !f->narrowed;
	answer_table(a, "spread",
		     "Typical cost, the next run's, and each level's share of the spread:", some,
		     COUNT(some));
}

static void put_spread(struct answer *a, const struct fleet *f)
{
	bool any = false;

	for (size_t i = 0; i < f->n_rows; i++) {
		const struct fleet_row *row = &f->rows[i];

		if (!fleet_asked(f, row) || !row->shares_known)
			continue;
		if (!any)
			begin_spread(a, f);
		any = true;
		put_spread_row(a, f, row);
	}
}

/* ---- lines ---- */

/* Within the folder that was asked about; folder: NULL, there were several. */
static const char *within(const char *folder, const char *path)
{
	size_t length = folder ? strlen(folder) : 0;

	while (length && folder[length - 1] == '/')
		length--;
	return length && !strncmp(path, folder, length) && path[length] == '/' ? path + length + 1
									       : path;
}

static void put_gaps(struct answer *a, const struct fleet *f, const char *folder)
{
	if (f->n_gaps)
		answer_table(a, "gaps", NULL, gap_columns, COUNT(gap_columns));
	for (size_t i = 0; i < f->n_gaps; i++) {
		answer_row(a);
		answer_text(a, "%s", within(folder, f->gaps[i].where));
		answer_text(a, "%s", f->gaps[i].why);
		answer_mark(a, ANSWER_UNSURE);
	}
}

static size_t count(const struct fleet *f, enum verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_rows; i++)
		n += fleet_asked(f, &f->rows[i]) && !f->rows[i].reason &&
		     f->rows[i].verdict == verdict;
	return n;
}

static void decide(struct answer *a, const struct fleet *f)
{
	size_t skipped = 0, asked = 0;
	char more[64] = "";

	for (size_t i = 0; i < f->n_rows; i++) {
		asked += fleet_asked(f, &f->rows[i]);
		skipped += fleet_asked(f, &f->rows[i]) && f->rows[i].reason;
	}
	if (skipped)
		snprintf(more, sizeof(more), ", %zu skipped", skipped);
	answer_head(a, "Question", "is %s within the budget on the next machine of each type?",
		    f->narrowed ? "each configuration asked for" : "the probe under test");
	if (!asked)
		answer_head(a, "Decision", "INCONCLUSIVE: these records do not have %s",
			    f->narrowed ? "a program that sends events, of those asked for" : "it");
	else
		answer_head(a, "Decision", "%zu GREEN, %zu YELLOW, %zu RED, %zu INCONCLUSIVE%s",
			    count(f, VERDICT_GREEN), count(f, VERDICT_YELLOW),
			    count(f, VERDICT_RED), count(f, VERDICT_INCONCLUSIVE), more);
	answer_mark(a, mark_of(f->worst));
}

/* Reasons, each once. */
static void put_reasons(struct answer *a, const struct fleet *f)
{
	for (size_t i = 0; i < f->n_rows; i++) {
		const struct fleet_row *row = &f->rows[i];
		const char *why = row->reason ? row->reason : row->by[CRITERION_P99].why;
		bool before = false;

		if (!fleet_asked(f, row) || !why)
			continue;
		for (size_t k = 0; k < i && !before; k++) {
			const struct fleet_row *other = &f->rows[k];
			const char *said =
				other->reason ? other->reason : other->by[CRITERION_P99].why;

			before = fleet_asked(f, other) && said && strcmp(said, why) == 0;
		}
		if (!before)
			answer_line(a, row->reason ? "Skipped" : "Withheld", "%s", why);
	}
}

/* The cheapest campaign that knows the cost to 5 %. */
static void put_plan(struct answer *a, const struct fleet *f, const struct fleet_row *row)
{
	const struct nested_costs costs = {0, f->boot_costs, 1};
	struct nested_plan plan;
	char machines[48] = "no number of machines";

	nested_plan(&row->components, &costs, 0.05 * fabs(row->typical.mean.value), &plan);
	if (isfinite(plan.machines))
		snprintf(machines, sizeof(machines), "%.0f machines", plan.machines);
	if (row->shares.why[NESTED_RUN])
		answer_line(a, "Plan",
			    "what more runs of a boot would gain is not known: no boot has two");
	else if (plan.runs >= NESTED_EACH_MOST)
		answer_line(a, "Plan",
			    "boots do not differ here by more than runs do: one boot a machine; %s "
			    "would know the cost to ±5 %%",
			    machines);
	else
		answer_line(a, "Plan",
			    "a boot as dear as %g runs: %zu run%s a boot, one boot a machine; %s "
			    "would know the cost to ±5 %%",
			    f->boot_costs, plan.runs, plan.runs == 1 ? "" : "s", machines);
}

/* Machines or boots? For the first row that has components of both. */
static void put_worth(struct answer *a, const struct fleet *f)
{
	for (size_t i = 0; i < f->n_rows; i++) {
		const struct fleet_row *row = &f->rows[i];
		double now, boots, machines;

		if (!fleet_asked(f, row) || !row->shares_known || row->machines < 2 ||
		    row->shares.why[NESTED_BOOT])
			continue;
		now = nested_half_width(&row->components, row->machines, row->boots, row->runs);
		if (!(now > 0))
			continue;
		boots = nested_half_width(&row->components, row->machines, 2 * row->boots,
					  2 * row->runs);
		machines = nested_half_width(&row->components, 2 * row->machines, 2 * row->boots,
					     2 * row->runs);
		answer_line(a, "Worth it",
			    "%s: the type's typical cost is known to ±%.3g ns; with twice the "
			    "boots ±%.3g, with twice the machines ±%.3g",
			    row->variant, now, boots, machines);
		put_plan(a, f, row);
		return;
	}
}

/* What the interval of a type also holds: its machines are not of one microcode. */
static void put_microcodes(struct answer *a, const struct fleet *f)
{
	char list[120];
	size_t n;

	for (size_t first = 0, next; first < f->n_places; first = next) {
		next = fleet_microcodes(f, first, &n, list, sizeof(list));
		if (n < 2)
			continue;
		answer_line(a, "Mixed",
			    "type %.*s has %zu versions of microcode (%s%s): what they change is "
			    "in its machines' spread, and its interval is of that mixture",
			    (int)strcspn(f->places[first].type, "\n"), f->places[first].type, n,
			    list, strlen(list) + 1 < sizeof(list) ? "" : "…");
	}
}

int answer_of_fleet(const struct fleet *f, const char *where, struct answer **out)
{
	struct answer *a = answer_open("fleet", where);

	*out = a;
	if (!a)
		return -ENOMEM;
	decide(a, f);
	put_types(a, f);
	put_rows(a, f, true);
	put_spread(a, f);
	put_gaps(a, f, where);
	put_rows(a, f, false);
	put_reasons(a, f);
	put_microcodes(a, f);
	put_worth(a, f);
	answer_line(a, "Fleet",
		    "%zu machine type%s, %zu machine%s, %zu boot%s, %zu record%s; %zu missing or "
		    "left out",
		    f->types, f->types == 1 ? "" : "s", f->machines, f->machines == 1 ? "" : "s",
		    f->boots, f->boots == 1 ? "" : "s", f->n_places, f->n_places == 1 ? "" : "s",
		    f->n_gaps);
	return 0;
}
