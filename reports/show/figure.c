/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/judge/loss.h"
#include "reports/show/figure.h"

#define DECIMALS_MOST 3
#define LOPSIDED      4
#define ABSURD	      1e12 /* a quarter of an hour in ns: no window is so long */

int figure_decimals(double half_width)
{
	if (!(half_width > 0))
		return DECIMALS_MOST;
	if (half_width > 1e9)
		return -8;
	/* The small term: 2 / 2 must not come out below 1. */
	return (int)fmin(-floor(log10(half_width / 2) + 1e-9), DECIMALS_MOST);
}

static void put_signed(FILE *out, double value, int decimals)
{
	double place = pow(10, -decimals);
	double rounded = round(value / place) * place;

	if (fabs(value) >= ABSURD) {
		fprintf(out, "%+.3g", value);
		return;
	}
	if (!(fabs(rounded) > 0) || (decimals > 0 && fabs(rounded) < place / 2)) {
		/* Never "-0". */
		fprintf(out, "%.*f", decimals > 0 ? decimals : 0, 0.0);
		return;
	}
	fprintf(out, "%+.*f", decimals > 0 ? decimals : 0, rounded);
}

static bool vanishes(double value, int decimals)
{
	return fabs(value) > 0 && !(fabs(round(value * pow(10, decimals))) > 0);
}

/* An end that is not zero must not be rounded to it: [+3, +160] is news, [0, +160] a riddle. */
static int decimals_of(struct effect e)
{
	int decimals = figure_decimals(fmax(e.value - e.lo, e.hi - e.value));

	for (int more = 0; more < 4 && decimals < DECIMALS_MOST; more++) {
		if (effect_holds_zero(e) ||
		    (!vanishes(e.lo, decimals) && !vanishes(e.hi, decimals)))
			break;
		decimals++;
	}
	return decimals;
}

static void put_plus_minus(FILE *out, struct effect e, int decimals)
{
	double below = e.value - e.lo, above = e.hi - e.value, half = fmax(below, above);

	/* One number for two sides would lie of a lopsided interval, or reach over a zero that it
	 * excludes. */
	if (fmin(below, above) < half / LOPSIDED ||
	    (!effect_holds_zero(e) && half >= fabs(e.value))) {
		put_signed(out, e.lo, decimals);
		fputs("..", out);
		put_signed(out, e.hi, decimals);
		return;
	}
	put_signed(out, e.value, decimals);
	fprintf(out, half >= ABSURD ? " ±%.*e" : " ±%.*f", decimals > 0 ? decimals : 0,
		fmax(ceil(half * pow(10, decimals) - 0.5), half > 0) * pow(10, -decimals));
}

void figure_effect(FILE *out, struct effect e, enum unit unit, enum figure_style style)
{
	bool point = !(e.lo < e.hi) && !isnan(e.lo);
	int decimals = decimals_of(e);

	if (isnan(e.value)) {
		fputc('-', out);
		return;
	}
	if (point || isnan(e.lo)) {
		bool whole = fabs(e.value - round(e.value)) < 1e-6;

		put_signed(out, e.value, unit == UNIT_INSTRUCTIONS && whole ? 0 : 1);
		if (isnan(e.lo))
			fputs(" ?", out);
		return;
	}
	if (effect_holds_zero(e) && style != FIGURE_UNMARKED)
		fputc('~', out);
	if (style == FIGURE_PLUS_MINUS) {
		put_plus_minus(out, e, decimals);
		return;
	}
	put_signed(out, e.value, decimals);
	fputs(" [", out);
	put_signed(out, e.lo, decimals);
	fputs(", ", out);
	put_signed(out, e.hi, decimals);
	fputc(']', out);
}

void figure_length(FILE *out, double value, enum unit unit)
{
	bool whole = unit == UNIT_INSTRUCTIONS && fabs(value - round(value)) < 1e-6;

	if (isnan(value))
		fputc('-', out);
	else if (fabs(value) >= ABSURD)
		fprintf(out, "%.3g", value);
	else
		fprintf(out, "%.*f", whole || fabs(value) >= 100 ? 0 : 1, value);
}

void figure_count(FILE *out, uint64_t count)
{
	if (count >= 1000) {
		figure_count(out, count / 1000);
		fprintf(out, ",%03u", (unsigned int)(count % 1000));
	} else {
		fprintf(out, "%u", (unsigned int)count);
	}
}

void figure_whole(FILE *out, double value)
{
	const double whole = round(value);

	if (!(fabs(whole) < 1e15)) {
		fprintf(out, "%.3g", value);
		return;
	}
	fputs(whole < 0 ? "-" : "", out);
	figure_count(out, (uint64_t)fabs(whole));
}

void figure_things(FILE *out, uint64_t count, const char *thing)
{
	figure_count(out, count);
	fprintf(out, " %s%s", thing, count == 1 ? "" : "s");
}

void figure_plain(FILE *out, double value, int digits)
{
	double place;
	int decimals;

	if (isnan(value)) {
		fputc('-', out);
		return;
	}
	if (!(fabs(value) > 0) || fabs(value) >= ABSURD) {
		fprintf(out, "%.3g", value);
		return;
	}
	place = pow(10, floor(log10(fabs(value))) - digits + 1);
	value = round(value / place) * place;
	/* once more: 9.96 became 10.0 */
	decimals = digits - 1 - (int)floor(log10(fabs(value)) + 1e-9);
	if (fabs(value) >= 10000) {
		figure_whole(out, value);
		return;
	}
	for (; decimals > 0; decimals--) { /* no zeros behind the last digit, as %g has none */
		double scaled = value * pow(10, decimals - 1);

		if (fabs(scaled - round(scaled)) > 1e-6)
			break;
	}
	fprintf(out, "%.*f", decimals > 0 ? decimals : 0, value);
}

void figure_predicted(FILE *out, double lo, double hi)
{
	figure_plain(out, lo, 2);
	fputs("..", out);
	figure_plain(out, hi, 2);
}

/*
 * Its ends are each interval's against the other's far end: wide, but it holds. One figure stands
 * where they are within 5 %.
 */
void figure_ratio(FILE *out, struct effect a, struct effect b)
{
	double ratio = a.value / b.value, lo = a.lo / b.hi, hi = a.hi / b.lo;

	if (!(a.lo > 0) || !(b.lo > 0) || !isfinite(ratio))
		fputc('-', out);
	else if (hi - lo < 0.05 * ratio)
		fprintf(out, "%.*fx", ratio < 10 ? 1 : 0, ratio);
	else
		fprintf(out, "%.*f..%.*fx", hi < 10 ? 1 : 0, lo, hi < 10 ? 1 : 0, hi);
}

void figure_lengths(FILE *out, const struct distribution *d, enum unit unit)
{
	fputs("typical ", out);
	figure_length(out, d->typical, unit);
	fputs(", p50 ", out);
	figure_length(out, d->p50, unit);
	fputs(", p99 ", out);
	figure_length(out, d->p99, unit);
	fputs(", p99.9 ", out);
	figure_length(out, d->p999, unit);
	fputs(", max ", out);
	figure_length(out, d->max, unit);
	fprintf(out, " %s", unit_name(unit));
}

void figure_loss(FILE *out, uint64_t lost, uint64_t produced)
{
	if (produced == 0) {
		fputc('-', out);
		return;
	}
	figure_count(out, lost);
	if (lost) {
		fputs(" (", out);
		figure_plain(out, 100 * (double)lost / (double)produced, 3);
		fputs(" %)", out);
	}
}

static const struct {
	double from, unit;
	const char *name;
} time_units[] = {
	[TIME_MS] = {1e6, 1e6, "ms"}, [TIME_US] = {1e4, 1e3, "µs"}, [TIME_NS] = {-1, 1, "ns"}};

enum time_unit figure_time_unit(double ns)
{
	enum time_unit u = TIME_MS;

	while (u < TIME_NS && !(fabs(ns) >= time_units[u].from))
		u++;
	return u;
}

const char *figure_time_unit_name(enum time_unit unit)
{
	return time_units[unit].name;
}

static void put_shown(FILE *out, double shown)
{
	/* three digits, or the whole number */
	if (fabs(shown) >= 100 && fabs(shown) < 10000)
		fprintf(out, "%.0f", shown);
	else
		figure_plain(out, shown, fabs(shown) < 100 ? 3 : 15);
}

/* named: each figure has its unit behind it, and one of its own where two stand for an interval. */
static void put_time(FILE *out, double ns, enum time_unit u, bool named)
{
	if (named)
		u = figure_time_unit(ns);
	put_shown(out, ns / time_units[u].unit);
	if (named)
		fprintf(out, " %s", time_units[u].name);
}

static void time_in(FILE *out, struct effect ns, enum time_unit u, bool named)
{
	double below = ns.value - ns.lo, above = ns.hi - ns.value, half = fmax(below, above), place;
	int decimals;

	if (isnan(ns.value)) {
		fputc('-', out);
		return;
	}
	if (isnan(below) || isnan(above)) {
		put_time(out, ns.value, u, named);
		return;
	}
	if (half > fabs(ns.value) / 2 || fmin(below, above) < half / LOPSIDED) {
		put_time(out, ns.lo, u, named);
		fputs("..", out);
		put_time(out, ns.hi, u, named);
		return;
	}
	decimals = figure_decimals(half / time_units[u].unit);
	place = pow(10, -decimals);
	decimals = decimals > 0 ? decimals : 0;
	fprintf(out, "%.*f ±%.*f", decimals, round(ns.value / time_units[u].unit / place) * place,
		decimals, ceil(half / time_units[u].unit / place - 0.5) * place);
	if (named)
		fprintf(out, " %s", time_units[u].name);
}

void figure_time(FILE *out, struct effect ns)
{
	time_in(out, ns, figure_time_unit(ns.value), true);
}

void figure_time_in(FILE *out, struct effect ns, enum time_unit unit)
{
	time_in(out, ns, unit, false);
}

void figure_rate(FILE *out, double rate)
{
	if (isnan(rate))
		fputc('-', out);
	else if (rate >= 999500)
		fprintf(out, "%.3g M", rate / 1e6);
	else if (rate >= 999.5)
		fprintf(out, "%.3g K", rate / 1e3);
	else
		fprintf(out, "%.3g", rate);
}

void figure_loss_bound(FILE *out, const struct event_point *p, bool markdown)
{
	struct loss_bound bound;

	if (!loss_bound(p, &bound)) {
		fputs("not shown", out);
	} else {
		if (p->exposure_lost)
			figure_plain(out, bound.percent.lo, 2);
		fputs(p->exposure_lost ? " to " : markdown ? "&lt; " : "< ", out);
		figure_plain(out, bound.percent.hi, 2);
		fputs(" %", out);
	}
}

void figure_exposure(FILE *out, const struct event_point *p, bool markdown)
{
	struct loss_bound bound;

	if (!loss_bound(p, &bound)) {
		fputs(isnan(p->exposure_s) ? "not shown (the window fits into the buffer)"
					   : "not shown (the window is too short)",
		      out);
		return;
	}
	figure_count(out, p->exposure_lost);
	fputs(" of ", out);
	figure_count(out, p->exposure_produced);
	fprintf(out, " in %.0f s, %.0f buffer fills (", p->exposure_s, p->buffer_fills);
	figure_loss_bound(out, p, markdown);
	fputc(')', out);
}

const char *figure_hypervisor(const char *name)
{
	return name && strncmp(name, "KVMKVM", 6) == 0 ? "KVM" : name;
}
