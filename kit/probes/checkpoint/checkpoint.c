/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>

#include "calib/clock.h"
#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "kit/probes/checkpoint/checkpoint.h"

#define KINDS_MOST 16

/* How many rows of each kind a record has. */
struct extent {
	size_t rows[KINDS_MOST];
};

static void extent_note(const struct record *record, struct extent *out)
{
	size_t kind = 0;

	*out = (struct extent){{0}};
	for (const struct field *f = record_top_fields; f->key && kind < KINDS_MOST; f++)
		if (f->type == FIELD_ROWS)
			out->rows[kind++] = field_rows(record, f);
}

static void extent_restore(struct record *record, const struct extent *extent)
{
	size_t kind = 0;

	for (const struct field *f = record_top_fields; f->key && kind < KINDS_MOST; f++)
		if (f->type == FIELD_ROWS)
			field_drop_rows(record, f, extent->rows[kind++]);
}

bool checkpoint_due(const struct checkpoint *checkpoint)
{
	return checkpoint && clock_seconds() - checkpoint->written >= CHECKPOINT_S;
}

void checkpoint_put(struct checkpoint *checkpoint, struct record *record, const char *dir)
{
	struct extent extent;
	struct error why;
	bool partial;
	int err = 0;

	if (!checkpoint)
		return;
	partial = record->partial;
	extent_note(record, &extent);
	record->partial = true;
	if (checkpoint->rows)
		err = checkpoint->rows(checkpoint->ctx, record);
	if (err)
		error_say(&why, "%s", strerror(-err));
	else
		err = record_write(record, dir, &why);
	extent_restore(record, &extent);
	record->partial = partial;
	checkpoint->written = clock_seconds();
	if (!err || checkpoint->failed)
		return;
	checkpoint->failed = true;
	cli_progress_end();
	cli_say("no checkpoint: %s; the run goes on", why.text);
}

void checkpoint_rounds(struct checkpoint *checkpoint, struct record *record, const char *dir,
		       checkpoint_rows *rows, void *ctx)
{
	if (!checkpoint_due(checkpoint))
		return;
	checkpoint->rows = rows;
	checkpoint->ctx = ctx;
	checkpoint_put(checkpoint, record, dir);
	checkpoint->rows = NULL;
}
