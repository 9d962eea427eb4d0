/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab/lab.h"

#define COLUMN 12 /* at least */

/* A cell whose median is the same in every round: its interval has no width. */
static bool is_exact(const struct record_cell *cell)
{
	return cell->overhead.p50.lo == cell->overhead.p50.hi;
}

static bool is_row(const struct record_cell *cell)
{
	return cell->baseline_id || cell->status != CELL_MEASURED;
}

static void put_value(const struct record_cell *cell, int width, FILE *out)
{
	char text[32] = "-";

	if (cell && cell->status == CELL_INVALID)
		snprintf(text, sizeof(text), "invalid");
	else if (cell && cell->status == CELL_MEASURED && isfinite(cell->overhead.p50.value))
		snprintf(text, sizeof(text), "%s%.*f", is_exact(cell) ? "" : "~",
			 cell->overhead.p50.value == round(cell->overhead.p50.value) ? 0 : 1,
			 cell->overhead.p50.value);
	fprintf(out, " %*s", width, text);
}

static bool seen_before(struct record *const *records, size_t record, size_t cell)
{
	const char *id = records[record]->cells[cell]->id;

	for (size_t i = 0; i < record; i++)
		if (record_find_cell(records[i], id))
			return true;
	return false;
}

static void put_row(struct record *const *records, size_t n, const struct record_cell *like,
		    int width, FILE *out)
{
	char name[64];

	if (!strcmp(like->drain, "-"))
		snprintf(name, sizeof(name), "%s", like->variant);
	else
		snprintf(name, sizeof(name), "%s, %s", like->variant, like->drain);
	fprintf(out, "  %-34s", name);
	for (size_t i = 0; i < n; i++)
		put_value(record_find_cell(records[i], like->id), width, out);
	fputc('\n', out);
}

/* Has the trigger been printed already? */
static bool trigger_done(struct record *const *records, size_t record, size_t cell)
{
	for (size_t r = 0; r <= record; r++)
		for (size_t c = 0; c < (r == record ? cell : records[r]->n_cells); c++)
			if (is_row(records[r]->cells[c]) &&
			    !strcmp(records[r]->cells[c]->trigger,
				    records[record]->cells[cell]->trigger))
				return true;
	return false;
}

static void put_trigger(struct record *const *records, const char *const *labels, size_t n,
			const char *trigger, FILE *out)
{
	int width = COLUMN;

	for (size_t i = 0; i < n; i++)
		if ((int)strlen(labels[i]) > width && strlen(labels[i]) < 40)
			width = (int)strlen(labels[i]);
	fprintf(out, "\n%-36s", trigger);
	for (size_t i = 0; i < n; i++)
		fprintf(out, " %*.*s", width, width, labels[i]);
	fputc('\n', out);
	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < records[r]->n_cells; c++) {
			const struct record_cell *cell = records[r]->cells[c];

			if (is_row(cell) && !strcmp(cell->trigger, trigger) &&
			    !seen_before(records, r, c))
				put_row(records, n, cell, width, out);
		}
}

static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* Every reason once, with the hooks and the number of cells that it stands for. */
static void put_reasons(const struct record *rec, const char *label, FILE *out)
{
	for (size_t i = 0; i < rec->n_cells; i++) {
		const struct record_cell *cell = rec->cells[i];
		bool first = true;
		size_t alike = 0;

		if (cell->status == CELL_MEASURED)
			continue;
		for (size_t k = 0; k < rec->n_cells; k++) {
			const struct record_cell *other = rec->cells[k];

			if (other->status != cell->status || !same(other->reason, cell->reason) ||
			    !same(other->hook, cell->hook))
				continue;
			alike++;
			if (k < i)
				first = false;
		}
		if (first)
			fprintf(out, "  %s, %s: %zu cell%s %s: %s\n", label, cell->hook, alike,
				alike == 1 ? "" : "s", cell_status_name(cell->status),
				cell->reason ? cell->reason : "no reason given");
	}
}

void lab_side_by_side(struct record *const *records, const char *const *labels, size_t n, FILE *out)
{
	size_t measured = 0, exact = 0;
	enum unit unit = UNIT_INSTRUCTIONS;

	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < records[r]->n_cells; c++) {
			const struct record_cell *cell = records[r]->cells[c];

			if (cell->status == CELL_MEASURED && cell->baseline_id) {
				measured++;
				exact += is_exact(cell);
				unit = cell->unit;
			}
		}
	fprintf(out, "Added to one call (median), in %s%s.\n",
		unit == UNIT_INSTRUCTIONS ? "instructions" : "ns of a virtual machine",
		unit == UNIT_INSTRUCTIONS ? ": exact counts, no statement about time" : "");
	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < records[r]->n_cells; c++)
			if (is_row(records[r]->cells[c]) && !trigger_done(records, r, c))
				put_trigger(records, labels, n, records[r]->cells[c]->trigger, out);
	fputc('\n', out);
	for (size_t r = 0; r < n; r++)
		put_reasons(records[r], labels[r], out);
	if (unit == UNIT_INSTRUCTIONS)
		fprintf(out,
			"%zu of %zu measured cells agree to the instruction in every round%s\n",
			exact, measured, exact < measured ? " (~ marks the others)" : "");
}
