/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/gate/gate.h"

static const char *const outcomes[] = {
	[GATE_SAME] = "same",  [GATE_LESS] = "less",	[GATE_WITHIN] = "more, within the limit",
	[GATE_NEW] = "new",    [GATE_GONE] = "removed", [GATE_UNPROVEN] = "differs, not proven",
	[GATE_GROWN] = "grew", [GATE_LOST] = "lost",	[GATE_OTHER] = "other operation",
};

const char *gate_outcome_words(enum gate_outcome outcome)
{
	return outcomes[outcome];
}

/* ---- pairing ---- */

static const char *text(const char *s)
{
	return s ? s : "";
}

static bool same_arch(const struct record *a, const struct record *b)
{
	return !strcmp(text(a->host.arch), text(b->host.arch));
}

static bool same_release(const struct record *a, const struct record *b)
{
	return !strcmp(text(a->host.kernel), text(b->host.kernel)) && same_arch(a, b);
}

/* "6.1" of "6.1.0-56-cloud-amd64": its length */
static size_t series(const char *release)
{
	size_t n = strspn(release, "0123456789");

	if (release[n] == '.')
		n += 1 + strspn(release + n + 1, "0123456789");
	return n;
}

static bool same_series(const struct record *a, const struct record *b)
{
	size_t n = series(text(a->host.kernel));

	return n && n == series(text(b->host.kernel)) && same_arch(a, b) &&
	       !strncmp(a->host.kernel, b->host.kernel, n);
}

/* The label stands for a kernel that brought no record back. */
static const struct gate_kernel *pair_of(const struct gate_kernel *kernel,
					 const struct gate_side *side)
{
	for (size_t i = 0; i < side->n; i++)
		if (kernel->record && side->kernels[i].record
			    ? same_release(kernel->record, side->kernels[i].record)
			    : !strcmp(kernel->label, side->kernels[i].label))
			return &side->kernels[i];
	for (size_t i = 0; kernel->record && i < side->n; i++)
		if (side->kernels[i].record && same_series(kernel->record, side->kernels[i].record))
			return &side->kernels[i];
	return NULL;
}

static bool is_program(const struct record_result *result)
{
	return strcmp(result->hook, "none") != 0 && strcmp(result->body, "bb") != 0;
}

static bool is_measured(const struct record_result *result)
{
	return result && result->status == RESULT_MEASURED && is_program(result);
}

static const struct record_result *measured(const struct record *record, const char *id)
{
	const struct record_result *result = record ? record_find_result(record, id) : NULL;

	return is_measured(result) ? result : NULL;
}

/* A result of the program; one that was measured before others. */
static const struct record_result *any_of(const struct record *record, const char *program)
{
	const struct record_result *found = NULL;

	for (size_t i = 0; record && i < record->n_results; i++) {
		const struct record_result *result = record->results[i];

		if (strcmp(result->variant, program) != 0 || !is_program(result))
			continue;
		if (is_measured(result))
			return result;
		found = result;
	}
	return found;
}

/* ---- one row ---- */

static double known(uint64_t value)
{
	return value ? (double)value : NAN;
}

static double limit_of(const struct gate_limit *limit, double before, bool instructions)
{
	if (limit->percent)
		return fabs(before) * limit->above / 100;
	return instructions ? limit->above : 0;
}

/* 0 is a stack as well, where the verifier's statistics were read. */
static double known_stack(const struct result_program *program)
{
	return program->stack_bytes || program->verify_us ? (double)program->stack_bytes : NAN;
}

static void compare_plain(struct gate_figure *figure, double before, double after, double limit)
{
	*figure = (struct gate_figure){before, after, false};
	figure->fails = figure->after - figure->before > limit;
}

static void compare(struct gate_row *row, const struct gate_limit *limit)
{
	const struct effect *a = &row->a->overhead.p50, *b = &row->b->overhead.p50;
	const struct result_program *p = &row->a->program, *q = &row->b->program;

	row->cost = (struct gate_figure){a->value, b->value, false};
	row->cost.fails = b->lo - a->hi > limit_of(limit, a->value, true);
	compare_plain(&row->verified, known(p->verified_insns), known(q->verified_insns),
		      limit_of(limit, (double)p->verified_insns, true));
	compare_plain(&row->stack, known_stack(p), known_stack(q),
		      limit_of(limit, (double)p->stack_bytes, false));
	if (row->cost.fails || row->verified.fails || row->stack.fails)
		row->outcome = GATE_GROWN;
	else if ((b->value > a->value && !(b->lo > a->hi)) ||
		 (b->value < a->value && !(b->hi < a->lo)))
		row->outcome = GATE_UNPROVEN;
	else if (b->value > a->value || row->verified.after > row->verified.before ||
		 row->stack.after > row->stack.before)
		row->outcome = GATE_WITHIN;
	else if (b->value < a->value || row->verified.after < row->verified.before ||
		 row->stack.after < row->stack.before)
		row->outcome = GATE_LESS;
	else
		row->outcome = GATE_SAME;
}

static double growth(const struct gate_figure *figure)
{
	double more = figure->after - figure->before;

	return more > 0 ? more / fmax(fabs(figure->before), 1) : 0;
}

double gate_growth(const struct gate_row *row)
{
	if (row->outcome == GATE_LOST || row->outcome == GATE_OTHER)
		return INFINITY;
	return fmax(growth(&row->cost), fmax(growth(&row->verified), growth(&row->stack)));
}

static const struct gate_figure nothing = {NAN, NAN, false};

static struct gate_row *add_row(struct gate *g, const char *kernel, const struct record_result *a,
				const struct record_result *b)
{
	struct gate_row *row = &g->rows[g->n++];

	*row = (struct gate_row){.kernel = kernel, .a = a, .b = b};
	row->cost = row->verified = row->stack = nothing;
	if (a)
		row->cost.before = a->overhead.p50.value;
	if (b)
		row->cost.after = b->overhead.p50.value;
	return row;
}

static void settle_missing(struct gate_row *row, const struct gate_kernel *after)
{
	const struct record_result *other = any_of(after->record, row->a->variant);

	if (!after->record) {
		row->outcome = GATE_LOST;
		row->reason = after->reason;
	} else if (!other) {
		row->outcome = GATE_GONE;
	} else if (is_measured(other)) {
		row->outcome = GATE_OTHER;
		row->reason = other->workload;
	} else {
		row->outcome = GATE_LOST;
		row->reason = other->reason;
	}
}

/* Before: loaded, but no operation ran it. After: the kernel refuses it. */
static bool is_refused_now(const struct record_result *a, const struct record_result *b)
{
	return b && !is_measured(a) && !is_measured(b) && a->foreign.present &&
	       b->foreign.present && !a->foreign.refused && b->foreign.refused;
}

static void take_before(struct gate *g, const struct gate_kernel *before,
			const struct gate_kernel *after)
{
	for (size_t i = 0; before->record && i < before->record->n_results; i++) {
		const struct record_result *a = before->record->results[i], *b;
		struct gate_row *row;

		if (!is_program(a))
			continue;
		if (!is_measured(a)) {
			b = any_of(after->record, a->variant);
			if (is_refused_now(a, b)) {
				row = add_row(g, after->label, a, NULL);
				row->outcome = GATE_LOST;
				row->reason = b->reason;
			} else if (!is_measured(b)) {
				g->neither++;
			}
			continue;
		}
		b = measured(after->record, a->id);
		row = add_row(g, after->label, a, b);
		if (b)
			compare(row, &g->limit);
		else
			settle_missing(row, after);
	}
}

static void take_after(struct gate *g, const struct gate_kernel *before,
		       const struct gate_kernel *after)
{
	for (size_t i = 0; after->record && i < after->record->n_results; i++) {
		const struct record_result *b = after->record->results[i];
		const struct record_result *a = any_of(before->record, b->variant);

		/* with another operation before: that row says so already */
		if (is_measured(b) && !measured(before->record, b->id) && !is_measured(a))
			add_row(g, after->label, NULL, b)->outcome = GATE_NEW;
	}
}

/* ---- all of it ---- */

static int by_importance(const void *left, const void *right)
{
	const struct gate_row *a = left, *b = right;
	double x = gate_growth(a), y = gate_growth(b);
	int names;

	if (a->outcome != b->outcome)
		return a->outcome > b->outcome ? -1 : 1;
	if (x > y || x < y)
		return x > y ? -1 : 1;
	/* rows of before and after do not move among themselves from run to run */
	names = strcmp((a->a ? a->a : a->b)->id, (b->a ? b->a : b->b)->id);
	return names ? names : strcmp(a->kernel, b->kernel);
}

static size_t count_results(const struct gate_side *side)
{
	size_t n = 0;

	for (size_t i = 0; i < side->n; i++)
		n += side->kernels[i].record ? side->kernels[i].record->n_results : 0;
	return n;
}

static int check(const struct gate_side *side, const char *which, struct error *why)
{
	for (size_t i = 0; i < side->n; i++)
		for (size_t k = 0;
		     side->kernels[i].record && k < side->kernels[i].record->n_results; k++)
			if (side->kernels[i].record->results[k]->status == RESULT_MEASURED &&
			    side->kernels[i].record->results[k]->unit != UNIT_INSTRUCTIONS)
				return error_set(
					why, -EINVAL,
					"%s is a record of times: the gate is for counts of "
					"the lab (bpftoll compare has one for times)",
					which);
	return 0;
}

int gate_sides(const struct gate_side *before, const struct gate_side *after,
	       struct gate_limit limit, struct gate *out, struct error *why)
{
	int err = check(before, "what is compared with", why);

	*out = (struct gate){.limit = limit};
	if (!err)
		err = check(after, "this", why);
	if (err)
		return err;
	out->rows = calloc(count_results(before) + count_results(after) + 1, sizeof(*out->rows));
	if (!out->rows)
		return error_set(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < before->n; i++)
		out->unmatched += !pair_of(&before->kernels[i], after);
	for (size_t i = 0; i < after->n; i++) {
		const struct gate_kernel *b = &after->kernels[i], *a = pair_of(b, before);

		if (!a)
			continue;
		out->kernels++;
		out->blind += !a->record;
		out->other_build |= a->record && b->record && !same_release(a->record, b->record);
		take_before(out, a, b);
		take_after(out, a, b);
	}
	if (!out->kernels) {
		gate_free(out);
		return error_set(why, -EINVAL,
				 "no kernel is in both: name those of the record to "
				 "compare with (--kernel)");
	}
	for (size_t i = 0; i < out->n; i++)
		out->failed += gate_fails(out->rows[i].outcome);
	qsort(out->rows, out->n, sizeof(*out->rows), by_importance);
	return 0;
}

void gate_free(struct gate *gate)
{
	free(gate->rows);
	gate->rows = NULL;
	gate->n = 0;
}
