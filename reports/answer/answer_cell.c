/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "reports/answer/answer.h"
#include "reports/answer/answer_private.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"
#include "reports/record/text_stream.h"

/* A unit's sizes: the largest that a column's figures reach is shown. */
static const struct scale {
	double divisor;
	const char *name;
} times[] = {{1, " ns"}, {1e3, " us"}, {1e6, " ms"}, {1e9, " s"}};

/* Below ten thousand the smaller unit is read more easily: 9,800 ns, but 14.0 us. */
#define SCALE_FROM 1e4

/* Is there a figure to show, and not the words "not resolved"? */
static bool resolved(struct effect e)
{
	double half = fmax(e.value - e.lo, e.hi - e.value);

	return !(half > 0) || (half <= fabs(e.value) && !effect_holds_zero(e));
}

static double size_of(const struct cell *cell)
{
	double value = cell->kind == CELL_AT_MOST     ? cell->value.hi
		       : cell->kind == CELL_PREDICTED ? NAN /* in ns whatever the others are in */
		       : cell->kind == CELL_RANGE ? fmax(fabs(cell->value.lo), fabs(cell->value.hi))
						  : cell->value.value;

	if (cell->kind == CELL_EFFECT && !resolved(cell->value))
		return 0;
	return isfinite(value) ? fabs(value) : 0;
}

/* The smallest figure still has a digit in the unit: 6 ns beside 12,000 ns, not 0.006 us. */
static const struct scale *scale_for(double smallest, double largest)
{
	const struct scale *scale = times;

	while (scale + 1 < times + sizeof(times) / sizeof(*times) &&
	       largest >= scale->divisor * SCALE_FROM && smallest >= scale[1].divisor / 10)
		scale++;
	return scale;
}

static const struct scale *scale_of(const struct answer_part_table *table, size_t column)
{
	double largest = 0, smallest = INFINITY;

	for (size_t i = column; i < table->n_cells; i += table->n_columns) {
		double size = size_of(&table->cells[i]);

		if (table->cells[i].unit != table->columns[column].unit || !(size > 0))
			continue;
		largest = fmax(largest, size);
		smallest = fmin(smallest, size);
	}
	return scale_for(smallest, largest);
}

static void put_value(FILE *out, double value, int decimals, enum answer_unit unit)
{
	double place = pow(10, -decimals), rounded = round(value / place) * place;

	if (unit == ANSWER_RATE)
		figure_rate(out, value);
	else if (unit == ANSWER_COUNT || decimals <= 0)
		figure_whole(out, rounded);
	else
		/* never "-0" */
		fprintf(out, "%.*f", decimals > 0 ? decimals : 0,
			fabs(rounded) < place / 2 ? 0.0 : rounded);
}

/* Decimals of a value without an interval: three digits. */
static int digits(double value)
{
	double size = fabs(value);

	return !(size < 100) || size == round(size) ? 0 : size < 10 ? 2 : 1;
}

/* Of a bound, which may be tiny: two digits, or one where the second is a zero. */
static int bound_digits(double bound)
{
	int decimals;

	if (!(bound > 0) || bound >= 0.1)
		return digits(bound);
	decimals = 1 - (int)floor(log10(bound));
	return fmod(round(bound * pow(10, decimals)), 10) ? decimals : decimals - 1;
}

static void put_effect_in(FILE *out, struct effect e, enum answer_unit unit)
{
	double half = fmax(e.value - e.lo, e.hi - e.value);
	int decimals = half > 0 ? figure_decimals(half) : digits(e.value);

	put_value(out, e.value, decimals, unit);
	if (half > 0) {
		/* never "±0": that would be exact */
		double places = fmax(ceil(half * pow(10, decimals) - 0.5), 1);

		fputs(" ±", out);
		put_value(out, places * pow(10, -decimals), decimals, unit);
	}
}

static const char *unit_text(enum answer_unit unit, const struct scale *scale)
{
	return unit == ANSWER_NS	? scale->name
	       : unit == ANSWER_PERCENT ? " %"
	       : unit == ANSWER_RATIO	? "x"
					: "";
}

/* Both ends in as many digits as the larger one has; ns are whole. */
static void put_range(FILE *out, struct effect e, enum answer_unit unit, bool whole)
{
	double larger = fmax(fabs(e.lo), fabs(e.hi)); /* fmax leaves out a NAN */
	int decimals = whole ? 0 : digits(larger);

	if (!isfinite(e.lo) || !isfinite(e.hi))
		fputs(isfinite(e.lo) ? "≥ " : "≤ ", out);
	if (isfinite(e.lo))
		put_value(out, e.lo, decimals, unit);
	if (isfinite(e.lo) && isfinite(e.hi))
		fputs(" to ", out);
	if (isfinite(e.hi))
		put_value(out, e.hi, decimals, unit);
}

static bool is_shown(const struct cell *cell)
{
	switch (cell->kind) {
	case CELL_AT_MOST:
		return isfinite(cell->value.hi);
	case CELL_RANGE:
		return isfinite(cell->value.lo) || isfinite(cell->value.hi);
	case CELL_PREDICTED:
		return isfinite(cell->value.lo) && isfinite(cell->value.hi);
	default:
		return isfinite(cell->value.value);
	}
}

void answer_put_predicted(FILE *out, double lo, double hi)
{
	fputs("≈ ", out);
	figure_predicted(out, lo, hi);
	fputs(" ns", out);
}

/* An end of a predicted difference, in ns. */
static void put_signed(FILE *out, double ns)
{
	if (fabs(ns) < 0.5) {
		fputc('0', out);
		return;
	}
	fputc(ns < 0 ? '-' : '+', out);
	figure_plain(out, fabs(ns), fabs(ns) < 9.5 ? 1 : 2);
}

static void put_predicted(FILE *out, const struct cell *cell)
{
	if (cell->plus && fabs(cell->value.lo) < 0.5 && fabs(cell->value.hi) < 0.5) {
		fputs("none", out);
		return;
	}
	/* columns of measured figures have no room for more */
	fputs("≈", out);
	if (!cell->plus) {
		figure_predicted(out, cell->value.lo, cell->value.hi);
		return;
	}
	put_signed(out, cell->value.lo);
	fputs("..", out);
	put_signed(out, cell->value.hi);
}

static void put_cell(FILE *out, const struct cell *cell, const struct scale *scale)
{
	enum answer_unit unit = cell->unit;
	double divisor = unit == ANSWER_NS ? scale->divisor : 1;
	struct effect e = {cell->value.value / divisor, cell->value.lo / divisor,
			   cell->value.hi / divisor};

	if (cell->kind == CELL_TEXT || cell->kind == CELL_ABSENT) {
		if (cell->text)
			escape_print(out, cell->text, RENDER_TEXT);
		return;
	}
	if (!is_shown(cell)) {
		fputc('-', out);
		return;
	}
	if (cell->kind == CELL_PREDICTED) {
		put_predicted(out, cell);
		return;
	}
	if (cell->kind == CELL_RANGE) {
		put_range(out, e, unit, unit == ANSWER_NS && scale == times);
	} else if (cell->kind == CELL_AT_MOST) {
		fputs("< ", out);
		put_value(out, e.hi, bound_digits(e.hi), unit);
	} else if (isfinite(e.lo) && isfinite(e.hi)) {
		if (!resolved(cell->value)) {
			fputs("not resolved", out);
			return;
		}
		if (cell->plus && e.value > 0)
			fputc('+', out);
		put_effect_in(out, e, unit);
	} else {
		if (cell->plus && e.value > 0)
			fputc('+', out);
		put_value(out, e.value, digits(e.value), unit);
	}
	fputs(unit_text(unit, scale), out);
}

void answer_put(FILE *out, struct effect e, enum answer_unit unit)
{
	struct cell cell = {.kind = CELL_EFFECT, .unit = unit, .value = e};

	put_cell(out, &cell, scale_for(INFINITY, size_of(&cell)));
}

char *answer_cell_text(const struct answer_part_table *table, size_t at)
{
	const struct cell *cell = &table->cells[at];
	char *text = NULL;
	size_t length;
	FILE *out = text_stream(&text, &length);

	if (!out)
		return NULL;
	if (at < table->n_cells && cell->unit == table->columns[at % table->n_columns].unit)
		put_cell(out, cell, scale_of(table, at % table->n_columns));
	else if (at < table->n_cells)
		put_cell(out, cell, scale_for(INFINITY, size_of(cell)));
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}
