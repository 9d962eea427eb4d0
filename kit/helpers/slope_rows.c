/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/programs/shared.h"
#include "kit/helpers/slope_rows.h"

#define ROWS_MOST 2048

/* What a host program measures when it is only compared. */
#define SOME_ENTRIES 1024
#define SOME_BYTES   40

/*
 * The events of one call may take half the buffer. A record's header and padding are at most 16
 * bytes.
 */
#define CALL_BYTES_MOST	  (RINGBUF_BYTES / 2)
#define RECORD_HEAD_BYTES 16

#define LATE_ALWAYS 2 /* so many discarded visits do not yet make a row invalid */

const unsigned int slope_repeats[SLOPE_POINTS] = {0, 1, 4, 16, 16};
const unsigned int slope_repeats_few[SLOPE_POINTS] = {0, 1, 4, 8, 8};

void slope_row_late(struct slope_row *row)
{
	row->late++;
	if (row->late > LATE_ALWAYS && 3 * row->late > row->visits)
		slope_row_fail(
			row, RESULT_INVALID,
			"in %zu of %zu loads most calls found the reader still awake after 2 ms",
			row->late, row->visits + row->late);
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

void slope_row_fail(struct slope_row *row, enum result_status status, const char *fmt, ...)
{
	va_list args;

	row->status = status;
	va_start(args, fmt);
	vsnprintf(row->reason, sizeof(row->reason), fmt, args);
	va_end(args);
}

static const char *helper_at(size_t i)
{
	return i < helpers_count ? helpers[i].name : NULL;
}

const struct name_table slope_helpers = {"helper", helper_at, NULL};

static bool wants_wakeup(const struct name_list *wanted, const struct helper *helper,
			 enum host_program_share share, enum wakeup_policy state)
{
	if (helper->output == OUTPUT_NONE)
		return state == WAKEUP_OFF;
	if (state == WAKEUP_OFF ||
	    ((helper->discards || share < SHARE_ALL) && state != WAKEUP_IDLE))
		return false;
	/*
	 * the price of a call is the producer's; policies that differ only in what the reader does
	 * are measured when named
	 */
	return wanted->n ? name_list_has(wanted, &plan_wakeups, wakeup_policy_name(state))
			 : state <= WAKEUP_SAMPLED;
}

static bool wants_size(enum host_program_share share, unsigned int size)
{
	return share != SHARE_SOME || size == SOME_ENTRIES || size == SOME_BYTES;
}

/* Can a host program that is to run all rows run this helper? */
static bool carried_anyway(const struct helper *helper,
			   const enum host_program_share shares[HOST_PROGRAM_COUNT])
{
	for (int c = 0; c < HOST_PROGRAM_COUNT; c++)
		if (shares[c] == SHARE_ALL && !helper_refused(helper, c))
			return true;
	return false;
}

static void add_sizes(const struct helper *helper, enum wakeup_policy state, int host_program,
		      enum host_program_share share, struct slope_rows *out)
{
	const char *refused = helper_refused(helper, host_program);

	for (size_t i = 0; i < HELPER_SIZES_MOST && (!i || helper->sizes[i]); i++) {
		struct slope_row *row = &out->rows[out->n];

		if (out->n == ROWS_MOST ||
		    (helper->sizes[i] && !wants_size(share, helper->sizes[i])))
			continue;
		*row = (struct slope_row){.helper = helper,
					  .size = helper->sizes[i],
					  .wakeup = state,
					  .host_program = host_program,
					  .repeats = slope_repeats,
					  .copies = SLOPE_COPIES};
		if (helper->output != OUTPUT_NONE &&
		    slope_repeats[SLOPE_POINTS - 1] * (helper->sizes[i] + RECORD_HEAD_BYTES) >
			    CALL_BYTES_MOST)
			slope_row_fall_back(row, "more events would not fit into the buffer");
		if (refused)
			slope_row_fail(row, RESULT_SKIPPED, "%s", refused);
		out->n++;
	}
}

int slope_rows_make(const struct name_list *helpers_wanted, const struct name_list *wakeups,
		    const enum host_program_share shares[HOST_PROGRAM_COUNT],
		    struct slope_rows *out)
{
	*out = (struct slope_rows){.rows = calloc(ROWS_MOST, sizeof(*out->rows))};
	if (!out->rows)
		return -ENOMEM;
	for (size_t h = 0; h < helpers_count; h++) {
		const struct helper *helper = &helpers[h];

		if (!name_list_wants(helpers_wanted, &slope_helpers, helper->name))
			continue;
		for (int d = 0; d < WAKEUP_NAMED_COUNT; d++)
			for (int c = 0; c < HOST_PROGRAM_COUNT; c++) {
				enum host_program_share share = shares[c];
				enum wakeup_policy state = (enum wakeup_policy)d;

				if (share == SHARE_NONE ||
				    !wants_wakeup(wakeups, helper, share, state))
					continue;
				if (share == SHARE_LACKING &&
				    (carried_anyway(helper, shares) || helper_refused(helper, c)))
					continue;
				add_sizes(helper, state, c, share, out);
			}
	}
	return 0;
}

struct slope_visit *slope_row_visit(struct slope_row *row, size_t round)
{
	struct slope_visit *grown = reallocarray(row->visit, row->visits + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	row->visit = grown;
	grown[row->visits] = (struct slope_visit){.again = NAN, .round = round};
	return &grown[row->visits];
}

void slope_rows_keep(struct slope_rows *rows, size_t done)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct slope_row *row = &rows->rows[i];

		if (row->status != RESULT_MEASURED)
			continue;
		while (row->visits && row->visit[row->visits - 1].round >= done)
			row->visits--;
		if (!row->visits)
			slope_row_fail(row, RESULT_SKIPPED, "the run was stopped before it");
	}
}

void slope_rows_free(struct slope_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		free(rows->rows[i].visit);
	free(rows->rows);
	*rows = (struct slope_rows){0};
}
