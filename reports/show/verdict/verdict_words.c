/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/predict/lean.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/record/cache_state.h"
#include "reports/record/wakeup_name.h"
#include "reports/show/verdict/verdict_words.h"

#define CHANGES_TOLD 4

void verdict_say_name(FILE *out, const struct record_result *result, enum render_format format)
{
	escape_part(out, result->variant, format);
	fputs(", ", out);
	escape_part(out, wakeup_name(result->wakeup).text, format);
	if (strcmp(result->cache, CACHE_STIRRED_NAME) != 0 &&
	    strcmp(result->cache, CACHE_HOT_NAME) != 0) {
		fputs(", ", out);
		escape_part(out, result->cache, format);
	}
}

/* " for its p99: shift …", or what would settle it. */
static void say_reason(FILE *out, const struct configuration *c, enum render_format format)
{
	const struct judgement *j = &c->by[c->decided];
	bool open = c->verdict == VERDICT_INCONCLUSIVE;

	if (c->verdict == VERDICT_GREEN) {
		for (size_t k = 0; k < CRITERIA; k++) {
			fprintf(out, "%s%s: ", k ? "; " : ". ", criterion_name((enum criterion)k));
			escape_part(out, c->by[k].shows, format);
		}
		return;
	}
	fprintf(out, open ? " by its %s" : " for its %s", criterion_name(c->decided));
	if (j->shows[0]) {
		fputs(": ", out);
		escape_part(out, j->shows, format);
	}
	if (open && j->settle[0]) {
		fputs(". What would settle it: ", out);
		escape_part(out, j->settle, format);
	}
}

static void say_under_test(FILE *out, const struct configuration *c, enum render_format format)
{
	fputs("the probe under test (", out);
	verdict_say_name(out, c->result, format);
	fprintf(out, ") is %s",
		c->verdict == VERDICT_INCONCLUSIVE ? "undecided" : verdict_name(c->verdict));
	say_reason(out, c, format);
}

/* The probe under test could not be measured, or was not. */
static bool has_events(const struct record_set *e)
{
	for (size_t r = 0; r < e->n_runs; r++)
		if (e->runs[r].record->n_event_points)
			return true;
	return false;
}

static void say_unmeasured(FILE *out, const struct verdicts *v, enum render_format format)
{
	const struct record_result *result = v->under_test ? v->under_test->result : NULL;

	fputs("the probe under test (kprobe, perf buffer, each event wakes the reader) ", out);
	if (result) {
		fprintf(out, "was %s here: ", result_status_name(result->status));
		escape_part(out, result->reason ? result->reason : "no reason was kept", format);
		fputs(". What would settle it: a kernel that can; its instructions are counted by ",
		      out);
		fprintf(out, "bpftoll lab --variant %s", v->under_test_variant);
	} else {
		fprintf(out,
			"is in none of these records. What would settle it: bpftoll run --variant "
			"%s --wakeup-policy %s --syscall ",
			v->under_test_variant, wakeup_name(VERDICT_UNDER_TEST_WAKEUP).text);
		escape_part(out, v->workload, format);
		if (!v->n && has_events(v->record_set))
			fputs(". These records hold event runs: their CPU and loss are judged "
			      "below, and the p99 of a call's cost was not measured",
			      out);
	}
}

static void say_narrowed(FILE *out, const struct verdicts *v, enum render_format format)
{
	const struct configuration *c = v->worst;

	if (!c) {
		fputs("no configuration that was asked for is in these records", out);
		return;
	}
	if (v->n > 1)
		fprintf(out, "the worst of the %zu configurations asked for: ", v->n);
	verdict_say_name(out, c->result, format);
	if (v->n > 1 || c->verdict != VERDICT_GREEN)
		fprintf(out, " is %s", verdict_name(c->verdict));
	else
		fputs(" is within all three criteria", out);
	say_reason(out, c, format);
	if (c->verdict == VERDICT_GREEN && !v->under_test)
		fputs(". It is not the probe under test: to take it is to proceed with changes",
		      out);
}

static size_t count_others(const struct verdicts *v, enum verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->rows[i].verdict == verdict &&
		     !verdict_is_under_test(v, v->rows[i].result) &&
		     v->rows[i].result->status == RESULT_MEASURED;
	return n;
}

static void say_change(FILE *out, const struct configuration *c, enum render_format format)
{
	verdict_say_name(out, c->result, format);
	if (c->verdict == VERDICT_YELLOW)
		fprintf(out, " (YELLOW itself, for its %s)", criterion_name(c->decided));
}

void verdict_say(FILE *out, const struct verdicts *v, enum render_format format)
{
	fprintf(out, "%s: ", verdict_name(v->run));
	if (v->narrowed) {
		say_narrowed(out, v, format);
		return;
	}
	if (!v->under_test || v->under_test->result->status != RESULT_MEASURED) {
		say_unmeasured(out, v, format);
		return;
	}
	if (v->run == VERDICT_GREEN)
		fputs("proceed with the probe as it is: ", out);
	else if (v->run == VERDICT_RED)
		fputs("redesign: ", out);
	else if (v->run == VERDICT_YELLOW)
		fputs("proceed with changes: ", out);
	if (v->run == VERDICT_YELLOW && v->change) {
		say_change(out, v->change, format);
		fputs("; ", out);
	}
	say_under_test(out, v->under_test, format);
	if (v->run == VERDICT_RED)
		fprintf(out,
			"; of the other measured configurations none passes: %zu are RED, %zu "
			"undecided",
			count_others(v, VERDICT_RED), count_others(v, VERDICT_INCONCLUSIVE));
}

bool verdict_say_changes(FILE *out, const struct verdicts *v, enum render_format format)
{
	const struct configuration *passing[CHANGES_TOLD];
	size_t n = verdict_passing(v, passing, CHANGES_TOLD);
	size_t red = count_others(v, VERDICT_RED), open = count_others(v, VERDICT_INCONCLUSIVE);

	if (n + red + open == 0)
		return false;
	if (n == 0)
		fputs("no other configuration is shown to pass", out);
	for (size_t i = 0; i < n && i < CHANGES_TOLD; i++) {
		double cpu = passing[i]->by[CRITERION_CPU].measured.value;

		fputs(i ? "; " : "pass, the cheapest first: ", out);
		say_change(out, passing[i], format);
		if (!isnan(cpu))
			fprintf(out, " %.2g %% of a CPU", cpu);
	}
	if (n > CHANGES_TOLD)
		fprintf(out, "; and %zu more", n - CHANGES_TOLD);
	fprintf(out, ". %zu are RED, %zu undecided", red, open);
	return true;
}

bool verdict_first_of_hook(const struct verdicts *v, size_t row)
{
	const struct record_result *result = v->rows[row].result;

	if (result->status != RESULT_MEASURED || !other_syscalls_pay(result->hook))
		return false;
	for (size_t i = 0; i < row; i++)
		if (v->rows[i].result->status == RESULT_MEASURED &&
		    strcmp(v->rows[i].result->hook, result->hook) == 0)
			return false;
	return true;
}

void verdict_say_others(FILE *out, const struct verdicts *v, const struct configuration *c,
			enum render_format format)
{
	const struct record_result *control = other_syscalls_result(v->record_set, c->result);

	escape_part(out, c->result->hook, format);
	fputs(": every other syscall of every task pays for it", out);
	if (!control) {
		fputs(", and how much was not measured: bpftoll run --variant '", out);
		escape_part(out, c->result->hook, format);
		escape_part(out, "_*' --syscall " OTHER_SYSCALLS_CONTROL, format);
		fputs(". At ", out);
		other_syscalls_say(out, &v->others, format);
		fprintf(out, " each 10 ns are %.2g %% of a CPU", v->others.rate * 10 * 1e-7);
		return;
	}
	fputs(", ", out);
	figure_effect(out, control->overhead.mean, control->unit, FIGURE_PLUS_MINUS);
	fputs(" ns each on average (measured on " OTHER_SYSCALLS_CONTROL "): at ", out);
	other_syscalls_say(out, &v->others, format);
	fputs(" that is ", out);
	figure_effect(out, c->others_cpu, UNIT_NS, FIGURE_PLUS_MINUS);
	fputs(" % of a CPU, which the CPU criterion counts", out);
}

void other_syscalls_say(FILE *out, const struct other_syscalls *others, enum render_format format)
{
	figure_whole(out, others->rate);
	fputs("/s", out);
	switch (others->source) {
	case OTHER_ASKED:
		fputs(" (stated)", out);
		break;
	case OTHER_MEASURED:
		fputs(" (measured: all of ", out);
		escape_part(out, others->app, format);
		fputs("'s, the highest of the programs that were run)", out);
		break;
	case OTHER_ASSUMED:
		fputs(" (assumed)", out);
		break;
	}
}

int verdict_say_predicted(FILE *out, const struct verdicts *v, const struct configuration *c,
			  enum render_format format)
{
	const struct configuration *like;
	struct predicted predicted;
	struct lean lean;
	int err;

	if (!c || c->result->status == RESULT_MEASURED)
		return -ENODATA;
	if (predicted_open(v->record_set, NULL, false, &predicted))
		return -ENOMEM;
	err = lean_find(&predicted, c->result->variant, &lean);
	predicted_close(&predicted);
	if (err)
		return err;
	if (*lean.withheld) {
		fputs("nothing for ", out);
		escape_part(out, c->result->variant, format);
		fputs(": ", out);
		escape_part(out, lean.withheld, format);
		return 0;
	}
	/* the range and its verdict first: a screen that is full keeps one line of this */
	fputs("≈ ", out);
	figure_predicted(out, lean.ns.lo, lean.ns.hi);
	like = lean_on(v, c, &lean);
	if (like) {
		fprintf(out, " ns, nobody woken; the measured one most alike is %s: ",
			verdict_name(like->verdict));
		verdict_say_name(out, like->result, format);
	} else {
		fputs(" ns, nobody woken; what verdict that would be is open", out);
	}
	fputs(". A typical call, from instructions of kernel ", out);
	escape_part(out, lean.kernel, format);
	fputs("; not measured", out);
	return 0;
}
