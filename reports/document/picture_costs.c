/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures of what a call costs: its distribution, the costs of all configurations, the steps of
 * the incremental programs. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/show/figure.h"
#include "reports/document/read/readings.h"
#include "reports/show/escape.h"
#include "reports/document/report_parts.h"
#include "reports/document/report_words.h"
#include "reports/show/listing.h"
#include "reports/record/samples.h"
#include "reports/judge/costs/waterfall.h"
#include "reports/record/wakeup_name.h"

#define CURVES_MOST 7 /* line types that differ */
#define POINTS	    160
#define AXIS_LEAST  10.0 /* ns: where the logarithmic axis of costs begins */

struct curve {
	const struct record_result *result;
	const char *label;
};

/* What an expert compares: nothing, empty, a lookup, and the complete probe by buffer and wakeup
 * policy. */
static size_t pick_curves(const struct report *r, struct curve *out)
{
	static const struct {
		const char *body, *wakeup, *label;
	} wanted[] = {
		{"empty", NULL, "empty"},
		{"lookup_hit", NULL, "lookup, hit"},
		{"ringbuf", "idle", "ringbuf, nobody woken"},
		{"perf", "idle", "perf, nobody woken"},
		{"ringbuf", "caught_up", "ringbuf, woken per event"},
		{"perf", "caught_up", "perf, woken per event"},
	};
	const char *hook = r->configs[0]->hook;
	size_t n = 0;

	for (size_t i = 0; i < r->rec->n_results; i++) {
		const struct record_result *result = r->rec->results[i];

		if (n == 0 && result->status == RESULT_MEASURED && result->samples &&
		    strcmp(result->hook, "none") == 0 && strcmp(result->body, "baseline") == 0 &&
		    strcmp(result->workload, r->configs[0]->workload) == 0)
			out[n++] = (struct curve){result, "baseline"};
	}
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted) && n < CURVES_MOST; i++) {
		const struct record_result *result =
			report_result(r, hook, wanted[i].body, wanted[i].wakeup);

		if (result && result->samples)
			out[n++] = (struct curve){result, wanted[i].label};
	}
	return n;
}

/* The share of calls that took longer, at lengths evenly spread over the logarithm of the share. */
static void put_tail(FILE *script, const struct report *r, const struct readings *h)
{
	double n = (double)readings_count(h), ns = 1e9 / r->rec->host.tsc_hz;
	double floor = isnan(r->rec->floor.typical) ? 0 : r->rec->floor.typical;

	for (size_t i = 0; i <= POINTS; i++) {
		double share = exp(-log(n) * (double)i / POINTS);
		uint64_t rank = (uint64_t)fmin((1 - share) * n, n - 1);
		double length = readings_at(h, rank) * ns - floor;

		plot_number(script, fmax(length, 1));
		plot_number(script, share);
		fputc('\n', script);
	}
}

static bool put_curve(FILE *script, struct report *r, const struct curve *c, size_t index)
{
	struct readings *h = readings_open();
	struct error why;
	int err = h ? samples_each(r->dir, c->result->samples, readings_take, h, &why) : -ENOMEM;
	bool good = !err && readings_count(h) > 1;

	/* a record may be without its readings */
	if (h && err && err != -ENOENT)
		report_add_missing(r, "a curve", why.text);

	if (good) {
		fprintf(script, "$c%zu << end\n", index);
		put_tail(script, r, h);
		fputs("end\n", script);
	}
	readings_close(h);
	return good;
}

bool picture_distributions(struct report *r)
{
	struct curve curves[CURVES_MOST];
	bool good[CURVES_MOST] = {false};
	size_t n = r->n_configs ? pick_curves(r, curves) : 0, drawn = 0;
	struct plot *p;
	FILE *out, *line;

	p = n > 1 ? plot_open(780, 400) : NULL;
	if (!p)
		return false;
	out = plot_script(p);
	for (size_t i = 0; i < n; i++) {
		good[i] = put_curve(out, r, &curves[i], i);
		drawn += good[i];
	}
	fputs("set logscale xy\nset format x '%.0s %c'\n"
	      "set ytics ('100 %%' 1, '10 %%' 1e-1, '1 %%, p99' 1e-2, '0.1 %%, p99.9' 1e-3, '0.01 "
	      "%%' 1e-4, '0.001 %%' 1e-5, '0.0001 %%' 1e-6, '0.00001 %%' 1e-7)\n"
	      "set key outside right top\nset xlabel 'length of one call, ns (logarithmic)'\n"
	      "set ylabel 'share of calls that took longer'\nset yrange [:1]\nplot ",
	      out);
	for (size_t i = 0, told = 0; i < n; i++) {
		if (!good[i])
			continue;
		fprintf(out, "%s$c%zu using 1:2 with linespoints lt %zu pn 9 title ",
			told++ ? ", " : "", i, i + 1);
		plot_label(out, curves[i].label);
	}
	fputc('\n', out);
	line = page_line(&r->page);
	fputs("How long one call takes: ", line);
	words_call(line, r->configs[0]->workload);
	fputs(", bare and with probes on ", line);
	escape_part(line, r->configs[0]->hook, RENDER_MARKDOWN);
	fputs("; raw readings less the timer overhead; ", line);
	report_conditions(r, r->rec, r->configs[0]);
	if (drawn < 2) {
		plot_drop(p);
		return false;
	}
	report_place(r, p, "distributions");
	return true;
}

/* One horizontal whisker: value lo hi row. */
static void put_whisker(FILE *out, struct effect e, size_t row, double least)
{
	plot_number(out, fmax(e.value, least));
	plot_number(out, isnan(e.lo) ? fmax(e.value, least) : fmax(e.lo, least));
	plot_number(out, isnan(e.hi) ? fmax(e.value, least) : fmax(e.hi, least));
	fprintf(out, " %zu\n", row);
}

bool picture_overheads(struct report *r)
{
	struct plot *p =
		r->n_configs ? plot_open(780, (unsigned int)(80 + 14 * r->n_configs)) : NULL;
	FILE *out, *line;

	if (!p)
		return false;
	out = plot_script(p);
	fputs("$d << end\n", out);
	for (size_t i = 0; i < r->n_configs; i++)
		put_whisker(out, r->configs[i]->overhead.typical, i, AXIS_LEAST);
	fprintf(out, "end\nset logscale x\nset xrange [%g:*]\nset yrange [%zu:-1]\nset ytics (",
		AXIS_LEAST, r->n_configs);
	for (size_t i = 0; i < r->n_configs; i++) {
		char label[160];

		snprintf(label, sizeof(label), "%s%s%s", r->configs[i]->variant,
			 strcmp(r->configs[i]->wakeup, "-") == 0 ? "" : ", ",
			 strcmp(r->configs[i]->wakeup, "-") == 0
				 ? ""
				 : wakeup_name(r->configs[i]->wakeup).text);
		fputs(i ? ", " : "", out);
		plot_label(out, label);
		fprintf(out, " %zu", i);
	}
	fprintf(out,
		")\nset ytics font ',10'\nunset key\nset ylabel 'configuration'\nset xlabel 'added "
		"to the typical call, ns "
		"(logarithmic), with 95 %% interval'\n"
		"set arrow from %g,graph 0 to %g,graph 1 nohead dt 2 lc rgb '#808080'\n"
		"plot $d using 1:4:2:3 with xerrorbars lt 1 pt 7 ps 0.6\n",
		r->v.budget.p99_ns.green, r->v.budget.p99_ns.green);
	line = page_line(&r->page);
	fprintf(line,
		"What each probe adds to the typical call, with its interval; the dashed line is "
		"%g ns; ",
		r->v.budget.p99_ns.green);
	report_conditions(r, r->rec, r->configs[0]);
	report_place(r, p, "overheads");
	return true;
}

struct bar {
	const struct record_result *whole;
	struct waterfall w;
};

#define BARS_MOST 24

static size_t pick_bars(struct report *r, struct bar *bars)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_configs && n < BARS_MOST; i++) {
		const struct record_result *result = r->configs[i];

		if (!waterfall_sends(result) || strcmp(result->wakeup, "idle") != 0)
			continue;
		bars[n].whole = result;
		waterfall_of(r->configs, r->n_configs, result->hook, &bars[n].w);
		n += bars[n].w.programs >= WATERFALL_PROGRAMS_LEAST;
	}
	return n;
}

/* Boxes of one step: from where the steps before ended. */
static void put_steps(FILE *out, const struct bar *bars, size_t n)
{
	double at[BARS_MOST] = {0};

	for (size_t s = 0; s <= STEP_OUTPUT; s++) {
		fprintf(out, "$s%zu << end\n", s);
		for (size_t i = 0; i < n; i++) {
			struct effect step = s < STEP_OUTPUT
						     ? bars[i].w.step[s]
						     : waterfall_output(&bars[i].w, bars[i].whole);

			if (isnan(step.value))
				continue;
			fprintf(out, "%g %zu %g %g %g %g\n", at[i] + step.value / 2, i, at[i],
				at[i] + step.value, (double)i - 0.32, (double)i + 0.32);
			at[i] += step.value;
		}
		fputs("0 -5 0 0 -5 -5\nend\n", out); /* a block without a line is an error */
	}
}

bool picture_waterfall(struct report *r)
{
	static const char *const greys[] = {"#202020", "#606060", "#2f6fa8",
					    "#a0a0a0", "#c8d8c0", "#e8c090"};
	struct bar bars[BARS_MOST];
	size_t n = pick_bars(r, bars);
	struct plot *p = n ? plot_open(780, (unsigned int)(130 + 24 * n)) : NULL;
	FILE *out, *line;

	if (!p)
		return false;
	out = plot_script(p);
	put_steps(out, bars, n);
	fputs("$t << end\n", out);
	for (size_t i = 0; i < n; i++)
		put_whisker(out, bars[i].whole->overhead.typical, i, -INFINITY);
	fprintf(out, "end\nset yrange [%zu:-1]\nset ytics (", n);
	for (size_t i = 0; i < n; i++) {
		fputs(i ? ", " : "", out);
		plot_label(out, bars[i].whole->variant);
		fprintf(out, " %zu", i);
	}
	fputs(")\nset key outside top center horizontal\nset ylabel 'configuration'\nset xlabel "
	      "'ns added to the typical "
	      "call'\n"
	      "set style fill solid 1 border rgb '#000000'\nplot ",
	      out);
	for (size_t s = 0; s <= STEP_OUTPUT; s++) {
		fprintf(out, "$s%zu using 1:2:3:4:5:6 with boxxyerrorbars lt 1 lc rgb '%s' title ",
			s, greys[s]);
		plot_label(out, waterfall_step_name((enum increments_step)s));
		fputs(", ", out);
	}
	fputs("$t using 1:4:2:3 with xerrorbars lt 1 lc rgb '#000000' lw 1.2 pt 7 ps 0.4 title "
	      "'whole, 95 % interval'\n",
	      out);
	line = page_line(&r->page);
	fputs("Where the complete probe's cost comes from, with nobody woken: each step is the "
	      "difference of two incremental programs. A step back to the left is a negative "
	      "difference, as measured; ",
	      line);
	report_conditions(r, r->rec, bars[0].whole);
	report_place(r, p, "waterfall");
	return true;
}

/* ---- the first page's: a row a hook, what the budget judges ---- */

static const struct {
	const char *body, *wakeup, *label;
} series[] = {
	{"ringbuf", "polled_1ms", "ring buffer, polled-1ms"},
	{"perf", "polled_1ms", "perf buffer, polled-1ms"},
	{"ringbuf", "idle", "ring buffer, no wakeup"},
	{"perf", "idle", "perf buffer, no wakeup"},
	{"ringbuf", "caught_up", "ring buffer, per-event"},
	{"perf", "caught_up", "perf buffer, per-event"},
};
#define SERIES (sizeof(series) / sizeof(*series))

static const struct configuration *find_hook(const struct report *r, const char *hook, size_t s)
{
	for (size_t i = 0; i < r->v.n; i++) {
		const struct configuration *c = &r->v.rows[i];

		if (c->result->status == RESULT_MEASURED && strcmp(c->result->hook, hook) == 0 &&
		    strcmp(c->result->body, series[s].body) == 0 &&
		    strcmp(c->result->wakeup, series[s].wakeup) == 0 &&
		    (r->n_configs ? strcmp(c->result->cache, r->configs[0]->cache) == 0
				  : strcmp(c->result->cache, "cold") != 0))
			return c;
	}
	return NULL;
}

/* typical lo hi row: the bar is what the p99 of the cost lies between. */
static bool put_hook_rows(FILE *out, const struct report *r, const struct axis *hooks, size_t s)
{
	bool any = false;

	fprintf(out, "$h%zu << end\n", s);
	for (size_t h = 0; h < hooks->n; h++) {
		const struct configuration *c = find_hook(r, hooks->name[h], s);
		struct effect p99;

		if (!c)
			continue;
		any = true;
		p99 = c->by[CRITERION_P99].measured;
		p99.value = c->result->overhead.typical.value;
		plot_number(out, fmax(p99.value, AXIS_LEAST));
		plot_number(out, isnan(p99.lo) ? p99.value : fmax(p99.lo, AXIS_LEAST));
		plot_number(out, isnan(p99.hi) ? p99.value : fmax(p99.hi, AXIS_LEAST));
		fprintf(out, " %g\n", (double)h - 0.35 + 0.14 * (double)s);
	}
	fputs("end\n", out);
	return any;
}

static void plot_hooks(FILE *out, const struct report *r, const struct axis *hooks,
		       const bool *there)
{
	fprintf(out, "set logscale x\nset format x '%%.0s%%c'\nset yrange [%g:-0.6]\nset ytics (",
		(double)hooks->n - 0.4);
	for (size_t h = 0; h < hooks->n; h++) {
		fputs(h ? ", " : "", out);
		plot_label(out, hooks->name[h]);
		fprintf(out, " %zu", h);
	}
	fprintf(out,
		")\nset ylabel 'hook'\nset xlabel 'added to one call, ns (logarithmic)'\n"
		"set key outside right center\n"
		"set arrow from %g,graph 0 to %g,graph 1 nohead dt 2 lw 1.5 lc rgb '#b00000'\n"
		"set label 'budget' at %g,graph 1.04 center tc rgb '#b00000'\nplot ",
		r->v.budget.p99_ns.green, r->v.budget.p99_ns.green, r->v.budget.p99_ns.green);
	for (size_t s = 0, told = 0; s < SERIES; s++) {
		if (!there[s])
			continue;
		fprintf(out,
			"%s$h%zu using 1:4:2:3 with xerrorbars lt %zu dt 1 lw 1.6 ps 0.7 title ",
			told++ ? ", " : "", s, s + 1);
		plot_label(out, series[s].label);
	}
	fputc('\n', out);
}

bool picture_hooks(struct report *r)
{
	struct axis hooks = {.n = 0};
	bool there[SERIES], any = false;
	struct plot *p;
	FILE *line;

	for (size_t i = 0; i < r->v.n; i++)
		for (size_t s = 0; s < SERIES; s++)
			if (find_hook(r, r->v.rows[i].result->hook, s))
				axis_add(&hooks, r->v.rows[i].result->hook, AXIS_MOST);
	p = hooks.n ? plot_open(780, (unsigned int)(80 + 44 * hooks.n)) : NULL;
	if (!p)
		return false;
	for (size_t s = 0; s < SERIES; s++)
		any |= there[s] = put_hook_rows(plot_script(p), r, &hooks, s);
	if (!any) {
		plot_drop(p);
		return false;
	}
	plot_hooks(plot_script(p), r, &hooks, there);
	line = page_line(&r->page);
	fprintf(line,
		"Cost by hook. Mark: the typical call; bar: what the p99 of the cost lies between; "
		"dashed: the budget of %g ns; ",
		r->v.budget.p99_ns.green);
	report_conditions(r, r->rec, NULL);
	report_place(r, p, "hooks");
	return true;
}
