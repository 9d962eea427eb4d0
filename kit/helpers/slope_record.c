/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/neighbour.h"
#include "kit/probes/harness.h"
#include "kit/helpers/slope_record.h"
#include "reports/stats/slope.h"
#include "reports/effects/slope_common.h"

#define CACHE "hot"

/*
 * A note on why a row is not on a line, if it can be established from the reader's own count of
 * wakeups with the longest program; else NULL.
 */
static char *explain(const struct slope_row *row)
{
	double most = row->repeats[SLOPE_POINTS - 1];
	double a_call = row->calls ? (double)row->wakeups / (double)row->calls : 0;
	char *note = NULL;

	if (row->wakeup != WAKEUP_CAUGHT_UP || a_call < 0.5 || a_call > most / 2)
		return NULL;
	if (asprintf(&note,
		     "%g events a call woke the reader %.1f times: the first finds it asleep, of "
		     "the others most find it awake",
		     most, a_call) < 0)
		return NULL;
	return note;
}

/* ---- the core alone ---- */

/*
 * Classifies all readings of the run together. told: can a neighbour be detected? Returns 0 or
 * -ENOMEM.
 */
static int classify(const struct slope_rows *rows, double quantum, bool *told)
{
	struct neighbour_reading *all;
	struct neighbour_level level;
	signed char *flags;
	size_t n = 0, at = 0;
	int err = -ENOMEM;

	for (size_t i = 0; i < rows->n; i++)
		n += 2 * rows->rows[i].visits;
	all = calloc(n + 1, sizeof(*all));
	flags = calloc(n + 1, sizeof(*flags));
	for (size_t i = 0; i < rows->n && all; i++)
		for (size_t v = 0; v < rows->rows[i].visits; v++, at += 2)
			memcpy(all + at, rows->rows[i].visit[v].readings, 2 * sizeof(*all));
	if (all && flags)
		err = neighbour_classify(all, n, quantum >= 1 ? quantum : 1, flags, &level);
	at = 0;
	for (size_t i = 0; i < rows->n && !err; i++)
		for (size_t v = 0; v < rows->rows[i].visits; v++, at += 2)
			rows->rows[i].visit[v].alone =
				neighbour_join(flags + at, 2) == NEIGHBOUR_NONE;
	*told = !err && level.told;
	free(flags);
	free(all);
	return err;
}

/* The visits that count, one element each: costs, second timing, round. */
struct counted {
	double *costs, *again;
	size_t *round, n;
	double contended; /* share of the visits with a neighbour; NAN: unknown */
	bool alone;	  /* only visits without a neighbour are included */
};

static void free_counted(struct counted *counted)
{
	free(counted->costs);
	free(counted->again);
	free(counted->round);
}

static size_t rounds_of(const struct counted *counted)
{
	size_t rounds = 0;

	for (size_t i = 0; i < counted->n; i++)
		rounds += !i || counted->round[i] != counted->round[i - 1];
	return rounds;
}

static void select_visits(const struct slope_row *row, bool alone, struct counted *to)
{
	to->n = 0;
	for (size_t v = 0; v < row->visits; v++) {
		const struct slope_visit *visit = &row->visit[v];

		if (alone && !visit->alone)
			continue;
		memcpy(to->costs + to->n * SLOPE_POINTS, visit->costs, sizeof(visit->costs));
		to->again[to->n] = visit->again;
		to->round[to->n++] = visit->round;
	}
}

/* told: a neighbour can be detected. Returns 0 or -ENOMEM; call free_counted in both cases. */
static int count_visits(const struct slope_row *row, bool told, struct counted *to)
{
	*to = (struct counted){.contended = NAN};
	to->costs = calloc(row->visits * SLOPE_POINTS + 1, sizeof(*to->costs));
	to->again = calloc(row->visits + 1, sizeof(*to->again));
	to->round = calloc(row->visits + 1, sizeof(*to->round));
	if (!to->costs || !to->again || !to->round)
		return -ENOMEM;
	if (told) {
		select_visits(row, true, to);
		to->contended = 1 - (double)to->n / (double)row->visits;
	}
	to->alone = told && rounds_of(to) >= HARNESS_ROUNDS_LEAST;
	if (!to->alone)
		select_visits(row, false, to);
	return 0;
}

/*
 * The spread due to placement, for one call, from the two loads of the longest program. NAN: it was
 * never timed twice.
 */
static double placement_of(const struct slope_row *row, const struct counted *counted)
{
	double most = row->repeats[SLOPE_POINTS - 1], sd = NAN;
	double *loads = calloc(2 * counted->n + 1, sizeof(*loads));
	size_t n = 0;

	for (size_t v = 0; v < counted->n && loads; v++) {
		const double *last = counted->costs + v * SLOPE_POINTS + SLOPE_POINTS - 1;

		if (isnan(counted->again[v]))
			continue;
		loads[counted->n + n] = (last[0] - counted->again[v]) / M_SQRT2 / most;
		loads[n++] = (last[0] - last[-1]) / M_SQRT2 / most;
	}
	if (n)
		sd = slope_placement(loads, loads + counted->n, n);
	free(loads);
	return sd;
}

static int fit_row(const struct slope_row *row, bool told, struct slope *to)
{
	struct counted counted;
	int err = count_visits(row, told, &counted);
	struct slope_lines lines = {row->repeats, SLOPE_POINTS, counted.costs, counted.round,
				    counted.n};

	if (!err)
		err = slope_fit(&lines, to);
	if (err == -EINVAL) {
		to->status = RESULT_INVALID;
		to->reason = strdup("a block without a single call that stayed on its CPU");
	} else if (!err) {
		to->copies = row->copies;
		to->contended_share = counted.contended;
		to->alone = counted.alone;
		if (to->unit == UNIT_NS)
			to->placement = placement_of(row, &counted);
		if (to->nonlinear)
			to->note = explain(row);
		if (!to->note && *row->few)
			to->note = strdup(row->few);
	}
	free_counted(&counted);
	return err == -EINVAL ? 0 : err;
}

static int record_row(const struct slope_row *row, bool told, enum unit unit, struct record *record)
{
	struct slope *to = record_add_slope(record);
	const char *name = row->helper ? row->helper->name : row->name;
	char size[32] = "-";

	if (!to)
		return -ENOMEM;
	if (row->helper)
		helper_size_text(row->helper, row->size, size, sizeof(size));
	to->host_program = strdup(host_program_name(row->host_program));
	to->helper = strdup(name);
	to->size = strdup(size);
	to->workload = strdup("munmap_einval");
	to->wakeup = strdup(wakeup_policy_name(row->wakeup));
	to->cache = strdup(CACHE);
	to->unit = unit;
	to->status = row->status;
	if (asprintf(&to->id, "%s/%s/%s/%s/" CACHE, to->host_program, name, size,
		     wakeup_policy_name(row->wakeup)) < 0)
		to->id = NULL;
	if (row->status != RESULT_MEASURED) {
		to->reason = strdup(row->reason);
		return 0;
	}
	return fit_row(row, told, to);
}

/* ---- what rows of a round have in common ---- */

static enum wakeup_policy kind_of(const struct slope_row *row)
{
	return wakeup_policy_needs_cpu(row->wakeup) ? row->wakeup : WAKEUP_OFF;
}

/*
 * The rows of one kind: their indices, and for [row * rounds + round] the cost of one more call and
 * of the first call.
 */
struct alike {
	size_t *index, n, rounds;
	double *slopes, *firsts, *common;
};

/* Writes one row into the next line of the layout; NAN for rounds without a visit that counts. */
static int lay_out(const struct slope_row *row, bool told, struct alike *alike)
{
	double *slopes = alike->slopes + alike->n * alike->rounds;
	double *firsts = alike->firsts + alike->n * alike->rounds;
	struct counted counted;
	int err = count_visits(row, told, &counted);
	struct slope_lines lines = {row->repeats, SLOPE_POINTS, counted.costs, counted.round,
				    counted.n};
	/* values of the lines, one after another; the last loop assigns them to rounds */
	double *found = calloc(2 * counted.n + 1, sizeof(*found));
	size_t n = 0, at = 0;

	if (!err)
		err = found ? slope_by_round(&lines, found, found + counted.n, &n) : -ENOMEM;
	for (size_t r = 0; r < alike->rounds; r++)
		slopes[r] = firsts[r] = NAN;
	for (size_t v = 0; v < counted.n && !err; v++) {
		if (v && counted.round[v] == counted.round[v - 1])
			continue;
		slopes[counted.round[v]] = found[at];
		firsts[counted.round[v]] = found[counted.n + at++];
	}
	free(found);
	free_counted(&counted);
	return err;
}

static int gather(const struct slope_rows *rows, bool told, const struct slope *to,
		  enum wakeup_policy kind, struct alike *alike)
{
	int err = 0;

	for (size_t i = 0; i < rows->n && !err; i++) {
		if (to[i].status != RESULT_MEASURED || kind_of(&rows->rows[i]) != kind)
			continue;
		err = lay_out(&rows->rows[i], told, alike);
		alike->index[alike->n++] = i;
	}
	return err;
}

static int share(const struct slope_rows *rows, bool told, struct slope *to,
		 enum wakeup_policy kind, struct alike *alike)
{
	struct slope_common common;
	int err;

	alike->n = 0;
	err = gather(rows, told, to, kind, alike);
	if (!err)
		err = slope_common_fit(alike->slopes, alike->n, alike->rounds, &common,
				       alike->common);
	if (err || common.kind == COMMON_NONE)
		return err;
	for (size_t i = 0; i < alike->n; i++) {
		struct slope *row = &to[alike->index[i]];
		size_t at = i * alike->rounds;

		row->slope = slope_common_price(&common, alike->common, alike->slopes + at,
						alike->rounds);
		row->first = slope_common_price(&common, alike->common, alike->firsts + at,
						alike->rounds);
		row->common = strdup(slope_common_name(common.kind));
	}
	return 0;
}

/* Subtracts what rows of a kind share. to: one slope for each row, in order. */
static int share_all(const struct slope_rows *rows, bool told, struct slope *to)
{
	struct alike alike = {0};
	int err = -ENOMEM;

	for (size_t i = 0; i < rows->n; i++) {
		size_t visits = rows->rows[i].visits;

		if (visits && rows->rows[i].visit[visits - 1].round >= alike.rounds)
			alike.rounds = rows->rows[i].visit[visits - 1].round + 1;
	}
	alike.index = calloc(rows->n + 1, sizeof(*alike.index));
	alike.slopes = calloc(rows->n * alike.rounds + 1, sizeof(double));
	alike.firsts = calloc(rows->n * alike.rounds + 1, sizeof(double));
	alike.common = calloc(alike.rounds + 1, sizeof(double));
	if (alike.index && alike.slopes && alike.firsts && alike.common)
		err = 0;
	for (int kind = 0; kind < WAKEUP_NAMED_COUNT && !err; kind++)
		err = share(rows, told, to, (enum wakeup_policy)kind, &alike);
	free(alike.index);
	free(alike.slopes);
	free(alike.firsts);
	free(alike.common);
	return err;
}

int slope_rows_record(const struct slope_rows *rows, enum unit unit, struct record *record)
{
	size_t before = record->n_slopes;
	bool told;
	int err = classify(rows, record->host.tsc_quantum, &told);

	for (size_t i = 0; i < rows->n && !err; i++)
		err = record_row(&rows->rows[i], told, unit, record);
	if (!err && unit == UNIT_NS && rows->n)
		err = share_all(rows, told, record->slopes + before);
	return err;
}
