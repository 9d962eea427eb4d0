/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/show/figure.h"
#include "reports/show/listing.h"
#include "reports/show/escape.h"
#include "reports/show/table.h"
#include "reports/record/wakeup_name.h"

#define WIDE 20

static void put_header(struct listing *l, size_t c)
{
	const struct column *column = &l->columns[c];
	FILE *out = table_cell(l->table);

	if (!column->header)
		column->put(out, &(struct entry){NULL, column, l});
	else if (column->flags & COLUMN_QUOTED)
		escape_part(out, column->header, l->page->format);
	else
		fputs(column->header, out);
	if (column->flags & COLUMN_RIGHT)
		table_align_right(l->table, c);
	if (column->flags & COLUMN_WIDE)
		table_least_width(l->table, c, WIDE);
}

void listing_open(struct listing *l)
{
	if (l->table || l->failed)
		return;
	l->table = table_open(l->n);
	l->failed = !l->table;
	for (size_t c = 0; c < l->n && l->table; c++)
		put_header(l, c);
}

void listing_gap(struct listing *l)
{
	if (l->table && l->page->format == RENDER_TEXT)
		table_gap(l->table);
}

void listing_row(struct listing *l, const void *row)
{
	listing_open(l);
	if (!l->table)
		return;
	if (l->before && l->parts && l->parts(l->before, row))
		listing_gap(l);
	l->before = row;
	l->rows++;
	for (size_t c = 0; c < l->n; c++)
		l->columns[c].put(table_cell(l->table), &(struct entry){row, &l->columns[c], l});
}

const char *listing_same(struct listing *l, size_t column)
{
	return l->rows && l->table && table_uniform(l->table, column)
		       ? table_at(l->table, 1, column)
		       : NULL;
}

bool listing_too_wide(struct listing *l)
{
	return l->table && l->page->format == RENDER_TEXT && table_width(l->table) > PAGE_WIDTH;
}

void listing_fold(struct listing *l)
{
	for (size_t c = 0; c < l->n && l->page->format != RENDER_CSV; c++) {
		const char *same = listing_same(l, c);
		unsigned int flags = l->columns[c].flags;

		if (same && (flags & COLUMN_COLD) && strcmp(same, "cold") == 0)
			continue;
		if (same && ((flags & COLUMN_VARIES) ||
			     ((flags & COLUMN_NOT_DASH) && strcmp(same, "-") == 0) ||
			     ((flags & COLUMN_NOT_HOT) && strcmp(same, "hot") == 0)))
			table_hide(l->table, c);
	}
	for (size_t c = 0; c < l->n; c++) {
		if (!(l->columns[c].flags & COLUMN_FITS) || !listing_too_wide(l))
			continue;
		table_hide(l->table, c);
		l->hidden_for_width = true;
	}
}

void listing_fit(struct listing *l, const size_t *columns, size_t n)
{
	listing_fold(l);
	for (size_t i = 0; i < n && listing_too_wide(l); i++)
		table_hide(l->table, columns[i]);
}

int listing_print(struct listing *l)
{
	int err = l->failed ? -ENOMEM : 0;

	if (!l->table)
		return err;
	listing_fold(l);
	err = table_print(l->table, l->page->format, l->page->out);
	listing_drop(l);
	return err;
}

void listing_drop(struct listing *l)
{
	table_close(l->table);
	l->table = NULL;
}

const void *entry_member(const struct entry *e)
{
	return (const char *)e->row + e->column->at;
}

enum render_format entry_format(const struct entry *e)
{
	return e->list->page->format;
}

void put_text(FILE *out, const struct entry *e)
{
	const char *text = *(char *const *)entry_member(e);

	escape_print(out, text || entry_format(e) == RENDER_CSV ? text : "-", entry_format(e));
}

void put_wakeup_of(FILE *out, const char *value, enum render_format format)
{
	escape_print(out, format == RENDER_CSV ? value : wakeup_name(value).text, format);
}

void put_wakeup_name(FILE *out, const struct entry *e)
{
	put_wakeup_of(out, *(char *const *)entry_member(e), entry_format(e));
}

void put_effect_of(FILE *out, const struct effect *effect, enum unit unit)
{
	if (effect)
		figure_effect(out, *effect, unit, FIGURE_PLUS_MINUS);
	else
		fputc('-', out);
}

void put_effect(FILE *out, const struct entry *e)
{
	put_effect_of(out, entry_member(e), e->list->unit);
}

void put_length(FILE *out, const struct entry *e)
{
	figure_length(out, *(const double *)entry_member(e), e->list->unit);
}

static void put_time_of(FILE *out, const struct entry *e, struct effect ns)
{
	if (e->list->time_units)
		figure_time_in(out, ns, e->list->time_units[e->column - e->list->columns]);
	else
		figure_time(out, ns);
}

void put_time(FILE *out, const struct entry *e)
{
	put_time_of(out, e, *(const struct effect *)entry_member(e));
}

void put_time_alone(FILE *out, const struct entry *e)
{
	put_time_of(out, e, (struct effect){*(const double *)entry_member(e), NAN, NAN});
}

void put_rate(FILE *out, const struct entry *e)
{
	figure_rate(out, *(const double *)entry_member(e));
}

void put_decimal(FILE *out, const struct entry *e)
{
	double value = *(const double *)entry_member(e);

	if (isnan(value))
		fputc('-', out);
	else
		fprintf(out, "%.1f", value);
}

void put_count(FILE *out, const struct entry *e)
{
	figure_count(out, *(const uint64_t *)entry_member(e));
}

void put_unsigned(FILE *out, const struct entry *e)
{
	figure_count(out, *(const unsigned int *)entry_member(e));
}

void axis_add(struct axis *axis, const char *name, size_t most)
{
	for (size_t i = 0; i < axis->n; i++) {
		if (strcmp(axis->name[i], name) == 0)
			return;
	}
	if (axis->n < most && axis->n < AXIS_MOST)
		axis->name[axis->n++] = name;
}
