/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/shared.h"
#include "kit/slope_rows.h"
#include "reports/record_rows.h"
#include "reports/slope.h"
#include "reports/slope_common.h"

#define ROWS_MOST 2048
#define CACHE	  "hot"

/* What a carrier that only compares is asked for. */
#define SOME_ENTRIES 1024
#define SOME_BYTES   40

/* One call's events leave room for as many again; a record has a header and padding of at most 16 bytes. */
#define CALL_BYTES_MOST	  (RINGBUF_BYTES / 2)
#define RECORD_HEAD_BYTES 16

const unsigned int slope_repeats[SLOPE_POINTS] = {0, 1, 4, 16, 16};
const unsigned int slope_repeats_few[SLOPE_POINTS] = {0, 1, 4, 8, 8};

size_t slope_row_whole_rounds(const struct slope_row *row)
{
	return row->visits / row->copies;
}

bool slope_row_fall_back(struct slope_row *row, const char *why)
{
	if (row->repeats == slope_repeats_few)
		return false;
	row->repeats = slope_repeats_few;
	row->visits = 0;
	row->calls = row->wakeups = 0;
	snprintf(row->few, sizeof(row->few), "%u calls at most in one program: %s",
		 slope_repeats_few[SLOPE_POINTS - 1], why);
	return true;
}

void slope_row_fail(struct slope_row *row, enum cell_status status, const char *fmt, ...)
{
	va_list args;

	row->status = status;
	va_start(args, fmt);
	vsnprintf(row->reason, sizeof(row->reason), fmt, args);
	va_end(args);
}

static bool wants_helper(const struct name_list *wanted, const struct helper *helper)
{
	for (size_t i = 0; i < wanted->n; i++)
		if (!fnmatch(wanted->names[i], helper->name, 0))
			return true;
	return !wanted->n;
}

static bool wants_drain(const struct name_list *wanted, const struct helper *helper,
			enum carrier_share share, enum drain_state state)
{
	if (helper->output == OUTPUT_NONE)
		return state == DRAIN_OFF;
	if (state == DRAIN_OFF || ((helper->discards || share < SHARE_ALL) && state != DRAIN_IDLE))
		return false;
	for (size_t i = 0; i < wanted->n; i++)
		if (!strcmp(wanted->names[i], drain_state_name(state)))
			return true;
	return !wanted->n;
}

static bool wants_size(enum carrier_share share, unsigned int size)
{
	return share != SHARE_SOME || size == SOME_ENTRIES || size == SOME_BYTES;
}

/* Is some carrier that runs everything able to run this one? */
static bool carried_anyway(const struct helper *helper,
			   const enum carrier_share shares[CARRIER_COUNT])
{
	for (int c = 0; c < CARRIER_COUNT; c++)
		if (shares[c] == SHARE_ALL && !helper_refused(helper, c))
			return true;
	return false;
}

static void add_sizes(const struct helper *helper, enum drain_state state, int carrier,
		      enum carrier_share share, struct slope_rows *out)
{
	const char *refused = helper_refused(helper, carrier);

	for (size_t i = 0; i < HELPER_SIZES_MOST && (!i || helper->sizes[i]); i++) {
		struct slope_row *row = &out->rows[out->n];

		if (out->n == ROWS_MOST ||
		    (helper->sizes[i] && !wants_size(share, helper->sizes[i])))
			continue;
		*row = (struct slope_row){.helper = helper,
					  .size = helper->sizes[i],
					  .drain = state,
					  .carrier = carrier,
					  .repeats = slope_repeats,
					  .copies = SLOPE_COPIES};
		if (helper->output != OUTPUT_NONE &&
		    slope_repeats[SLOPE_POINTS - 1] * (helper->sizes[i] + RECORD_HEAD_BYTES) >
			    CALL_BYTES_MOST)
			slope_row_fall_back(row, "more events would not fit into the buffer");
		if (refused)
			slope_row_fail(row, CELL_SKIPPED, "%s", refused);
		out->n++;
	}
}

int slope_rows_make(const struct name_list *helpers_wanted, const struct name_list *drains,
		    const enum carrier_share shares[CARRIER_COUNT], struct slope_rows *out)
{
	*out = (struct slope_rows){.rows = calloc(ROWS_MOST, sizeof(*out->rows))};
	if (!out->rows)
		return -ENOMEM;
	for (size_t h = 0; h < helpers_count; h++) {
		const struct helper *helper = &helpers[h];

		if (!wants_helper(helpers_wanted, helper))
			continue;
		for (int d = 0; d < DRAIN_STATE_COUNT; d++)
			for (int c = 0; c < CARRIER_COUNT; c++) {
				enum carrier_share share = shares[c];
				enum drain_state state = (enum drain_state)d;

				if (share == SHARE_NONE ||
				    !wants_drain(drains, helper, share, state))
					continue;
				if (share == SHARE_LACKING &&
				    (carried_anyway(helper, shares) || helper_refused(helper, c)))
					continue;
				add_sizes(helper, state, c, share, out);
			}
	}
	return 0;
}

void slope_rows_free(struct slope_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		free(rows->rows[i].costs);
		free(rows->rows[i].again);
	}
	free(rows->rows);
	*rows = (struct slope_rows){0};
}

/*
 * What is established about a row that is no line: by the consumer's own count of wake-ups, of the program with the most
 * repetitions.
 */
static char *explain(const struct slope_row *row)
{
	double most = row->repeats[SLOPE_POINTS - 1];
	double a_call = row->calls ? (double)row->wakeups / (double)row->calls : 0;
	char *note = NULL;

	if (row->drain != DRAIN_CAUGHT_UP || a_call < 0.5 || a_call > most / 2)
		return NULL;
	if (asprintf(&note,
		     "%g events a call woke the consumer %.1f times: the first finds it asleep, of "
		     "the others most find it awake",
		     most, a_call) < 0)
		return NULL;
	return note;
}

/* Of the two programs with the most repetitions, for one call. NAN: neither was timed twice. */
static double placement_of(const struct slope_row *row)
{
	double most = row->repeats[SLOPE_POINTS - 1], sd = NAN;
	double *loads = calloc(2 * row->visits + 1, sizeof(*loads));
	size_t n = 0;

	for (size_t v = 0; v < row->visits && loads && row->again; v++) {
		const double *last = row->costs + v * SLOPE_POINTS + SLOPE_POINTS - 1;

		if (isnan(row->again[v]))
			continue;
		loads[row->visits + n] = (last[0] - row->again[v]) / M_SQRT2 / most;
		loads[n++] = (last[0] - last[-1]) / M_SQRT2 / most;
	}
	if (n)
		sd = slope_placement(loads, loads + row->visits, n);
	free(loads);
	return sd;
}

/* [round * SLOPE_POINTS + point], the mean over the copies; NULL: out of memory. To be freed. */
static double *average_copies(const struct slope_row *row)
{
	size_t rounds = slope_row_whole_rounds(row);
	double *mean = calloc(rounds * SLOPE_POINTS + 1, sizeof(*mean));

	for (size_t k = 0; k < rounds * row->copies * SLOPE_POINTS && mean; k++) {
		size_t round = k / SLOPE_POINTS / row->copies, point = k % SLOPE_POINTS;

		mean[round * SLOPE_POINTS + point] += row->costs[k] / row->copies;
	}
	return mean;
}

static int fit_row(const struct slope_row *row, struct slope *to)
{
	double *costs = average_copies(row);
	int err = costs ? slope_fit(row->repeats, SLOPE_POINTS, costs, slope_row_whole_rounds(row),
				    to)
			: -ENOMEM;

	free(costs);
	if (err == -EINVAL) {
		to->status = CELL_INVALID;
		to->reason = strdup("a block without a single call that stayed on its CPU");
		return 0;
	}
	if (err)
		return err;
	to->copies = row->copies;
	if (to->unit == UNIT_NS)
		to->placement = placement_of(row);
	if (to->nonlinear)
		to->note = explain(row);
	if (!to->note && *row->few)
		to->note = strdup(row->few);
	return 0;
}

static int record_row(const struct slope_row *row, enum unit unit, struct record *record)
{
	struct slope *to = record_add_slope(record);
	char size[32];

	if (!to)
		return -ENOMEM;
	helper_size_text(row->helper, row->size, size, sizeof(size));
	to->carrier = strdup(carrier_name(row->carrier));
	to->helper = strdup(row->helper->name);
	to->size = strdup(size);
	to->trigger = strdup("munmap_einval");
	to->drain = strdup(drain_state_name(row->drain));
	to->cache = strdup(CACHE);
	to->unit = unit;
	to->status = row->status;
	if (asprintf(&to->id, "%s/%s/%s/%s/" CACHE, carrier_name(row->carrier), row->helper->name,
		     size, drain_state_name(row->drain)) < 0)
		to->id = NULL;
	if (row->status != CELL_MEASURED) {
		to->reason = strdup(row->reason);
		return 0;
	}
	return fit_row(row, to);
}

/* ---- what rows of a round have in common ------------------------------------------------------- */

static enum drain_state kind_of(const struct slope_row *row)
{
	return drain_needs_cpu(row->drain) ? row->drain : DRAIN_OFF;
}

/* Rows of one kind: their indices, and [row * rounds + round] what one call more costs and what the first does. */
struct alike {
	size_t *index, n, rounds;
	double *slopes, *firsts, *common;
};

static int gather(const struct slope_rows *rows, const struct slope *to, enum drain_state kind,
		  struct alike *alike)
{
	int err = 0;

	for (size_t i = 0; i < rows->n && !err; i++) {
		const struct slope_row *row = &rows->rows[i];
		size_t at = alike->n * alike->rounds;
		double *costs;

		if (to[i].status != CELL_MEASURED || kind_of(row) != kind ||
		    slope_row_whole_rounds(row) != alike->rounds)
			continue;
		costs = average_copies(row);
		err = costs ? slope_by_round(row->repeats, SLOPE_POINTS, costs, alike->rounds,
					     alike->slopes + at, alike->firsts + at)
			    : -ENOMEM;
		free(costs);
		alike->index[alike->n++] = i;
	}
	return err;
}

static int share(const struct slope_rows *rows, struct slope *to, enum drain_state kind,
		 struct alike *alike)
{
	struct slope_common common;
	int err;

	alike->n = 0;
	err = gather(rows, to, kind, alike);
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

/* to: as many as rows, in their order */
static int share_all(const struct slope_rows *rows, struct slope *to)
{
	struct alike alike = {0};
	int err = -ENOMEM;

	for (size_t i = 0; i < rows->n; i++)
		if (to[i].status == CELL_MEASURED && to[i].rounds > alike.rounds)
			alike.rounds = to[i].rounds;
	alike.index = calloc(rows->n + 1, sizeof(*alike.index));
	alike.slopes = calloc(rows->n * alike.rounds + 1, sizeof(double));
	alike.firsts = calloc(rows->n * alike.rounds + 1, sizeof(double));
	alike.common = calloc(alike.rounds + 1, sizeof(double));
	if (alike.index && alike.slopes && alike.firsts && alike.common)
		err = 0;
	for (int kind = 0; kind < DRAIN_STATE_COUNT && !err; kind++)
		err = share(rows, to, (enum drain_state)kind, &alike);
	free(alike.index);
	free(alike.slopes);
	free(alike.firsts);
	free(alike.common);
	return err;
}

int slope_rows_record(const struct slope_rows *rows, enum unit unit, struct record *record)
{
	size_t before = record->n_slopes;
	int err = 0;

	for (size_t i = 0; i < rows->n && !err; i++)
		err = record_row(&rows->rows[i], unit, record);
	if (!err && unit == UNIT_NS && rows->n)
		err = share_all(rows, record->slopes + before);
	return err;
}
