/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/slope_rows.h"
#include "reports/record_rows.h"
#include "reports/slope.h"

#define ROWS_MOST 2048
#define CACHE	  "hot"

/* What a carrier that only compares is asked for. */
#define SOME_ENTRIES 1024
#define SOME_BYTES   40

const unsigned int slope_repeats[SLOPE_POINTS] = {0, 1, 2, 4, 8};

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
	enum drain_state named;

	if (helper->output == OUTPUT_NONE)
		return state == DRAIN_OFF;
	if (state == DRAIN_OFF || ((helper->discards || share < SHARE_ALL) && state != DRAIN_IDLE))
		return false;
	for (size_t i = 0; i < wanted->n; i++)
		if (drain_state_find(wanted->names[i], &named) && named == state)
			return true;
	/* the price of a call is that of the producer's side: the readers that only differ on theirs are on request */
	return !wanted->n && state <= DRAIN_SAMPLED;
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
					  .carrier = carrier};
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
	for (size_t i = 0; i < rows->n; i++)
		free(rows->rows[i].costs);
	free(rows->rows);
	*rows = (struct slope_rows){0};
}

/*
 * What is established about a row that is no line: by the consumer's own count of wake-ups, of the program with the most
 * repetitions.
 */
static char *explain(const struct slope_row *row)
{
	double most = slope_repeats[SLOPE_POINTS - 1];
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

static int record_row(const struct slope_row *row, enum unit unit, struct record *record)
{
	struct slope *to = record_add_slope(record);
	char size[32];
	int err = 0;

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
	err = slope_fit(slope_repeats, SLOPE_POINTS, row->costs, row->rounds, to);
	if (err == -EINVAL) {
		to->status = CELL_INVALID;
		to->reason = strdup("a block without a single call that stayed on its CPU");
		err = 0;
	}
	if (!err && to->nonlinear)
		to->note = explain(row);
	return err;
}

int slope_rows_record(const struct slope_rows *rows, enum unit unit, struct record *record)
{
	int err = 0;

	for (size_t i = 0; i < rows->n && !err; i++)
		err = record_row(&rows->rows[i], unit, record);
	return err;
}
