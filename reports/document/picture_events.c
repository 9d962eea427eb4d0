/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures over the event rate, and of what programs feel. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/loss.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"
#include "reports/document/report_parts.h"
#include "reports/record/wakeup_name.h"

#define CURVES_MOST 7
#define ROWS_MOST   48

/* The points of one probe with one wakeup policy, over the rates. */
struct sweep {
	const struct record *rec;
	const struct event_point *like;
};

/* One hook, both buffers, and the wakeup policies that ship: more curves than that cannot be told
 * apart. */
static bool in_sweep(const struct event_point *p)
{
	return p->status == RESULT_MEASURED && strcmp(p->scenario, "sweep") == 0 &&
	       (strcmp(p->body, "perf") == 0 || strcmp(p->body, "ringbuf") == 0) &&
	       (strcmp(p->wakeup, "idle") == 0 || strcmp(p->wakeup, "polled_1ms") == 0 ||
		strcmp(p->wakeup, "caught_up") == 0 || strcmp(p->wakeup, "sampled") == 0);
}

static bool alike(const struct event_point *a, const struct event_point *b)
{
	return in_sweep(a) && in_sweep(b) && strcmp(a->variant, b->variant) == 0 &&
	       strcmp(a->wakeup, b->wakeup) == 0 && strcmp(a->policy, b->policy) == 0 &&
	       strcmp(a->workload, b->workload) == 0;
}

static size_t find_sweeps(const struct report *r, struct sweep *out)
{
	size_t n = 0;

	for (size_t i = 0; i < r->e->n_runs; i++) {
		const struct record *rec = r->e->runs[i].record;

		for (size_t k = 0; k < rec->n_event_points && n < CURVES_MOST; k++) {
			bool seen = !in_sweep(&rec->event_points[k]);

			seen |= n && strcmp(out[0].like->hook, rec->event_points[k].hook) != 0;
			for (size_t s = 0; s < n; s++)
				seen |= alike(out[s].like, &rec->event_points[k]);
			if (!seen)
				out[n++] = (struct sweep){rec, &rec->event_points[k]};
		}
	}
	return n;
}

bool picture_in_sweep(const struct report *r, const struct event_point *p)
{
	struct sweep sweeps[CURVES_MOST];
	size_t n = find_sweeps(r, sweeps);

	for (size_t i = 0; i < n; i++)
		if (alike(sweeps[i].like, p))
			return true;
	return false;
}

static void put_effect(FILE *out, struct effect e)
{
	plot_number(out, e.value);
	plot_number(out, isnan(e.lo) ? e.value : e.lo);
	plot_number(out, isnan(e.hi) ? e.value : e.hi);
}

/* What was lost of the sweep's windows; of none lost there is a bound only where the reader was
 * exposed. */
static struct effect loss_of(const struct event_point *p)
{
	struct loss_bound bound;

	if (loss_bound(p, &bound))
		return bound.percent;
	if (p->received < p->produced)
		return loss_share(p->produced - p->received, p->produced);
	return (struct effect){0, NAN, NAN};
}

/* rate, overhead ×3, loss ×3, producer CPU ×3, ages p50, p99, max in µs */
static void put_sweep(FILE *out, const struct sweep *s, size_t index)
{
	fprintf(out, "$s%zu << end\n", index);
	for (size_t k = 0; k < s->rec->n_event_points; k++) {
		const struct event_point *p = &s->rec->event_points[k];
		struct effect loss;

		if (!alike(s->like, p))
			continue;
		loss = loss_of(p);
		plot_number(out, p->rate_achieved);
		put_effect(out, p->overhead);
		put_effect(out, loss);
		put_effect(out, p->producer_cpu);
		plot_number(out, p->age_p50 / 1e3);
		plot_number(out, p->age_p99 / 1e3);
		plot_number(out, p->age_max / 1e3);
		fputc('\n', out);
	}
	fputs("end\n", out);
}

static void put_title(FILE *out, const struct event_point *p)
{
	char label[200];

	snprintf(label, sizeof(label), "%s, %s%s%s", p->variant, wakeup_name(p->wakeup).text,
		 strcmp(p->policy, "-") == 0 ? "" : ", ",
		 strcmp(p->policy, "-") == 0 ? "" : p->policy);
	plot_label(out, label);
}

static void put_experiment(FILE *out, const struct sweep *sweeps, size_t n, const char *ylabel,
			   unsigned int column, bool whiskers)
{
	fputs("set ylabel ", out);
	plot_label(out, ylabel);
	fputs("\nplot ", out);
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%s$s%zu using 1:%u with linespoints lt %zu title ", i ? ", " : "", i,
			column, i + 1);
		put_title(out, sweeps[i].like);
		if (whiskers)
			fprintf(out,
				", $s%zu using 1:%u:%u:%u with yerrorbars lt %zu dt 1 lw 0.8 ps 0 "
				"notitle",
				i, column, column + 1, column + 2, i + 1);
	}
	fputc('\n', out);
}

/* Dashed verticals where a curve of that quantity bends. */
static void put_breakpoints(FILE *out, const struct report *r, const char *quantity)
{
	fputs("unset arrow\n", out);
	for (size_t i = 0; i < r->e->n_runs; i++) {
		const struct record *rec = r->e->runs[i].record;

		for (size_t k = 0; k < rec->n_breakpoints; k++)
			if (rec->breakpoints[k].found && isfinite(rec->breakpoints[k].rate.value) &&
			    strcmp(rec->breakpoints[k].quantity, quantity) == 0)
				fprintf(out,
					"set arrow from %.10g,graph 0 to %.10g,graph 1 nohead dt 3 "
					"lc rgb '#404040'\n",
					rec->breakpoints[k].rate.value,
					rec->breakpoints[k].rate.value);
	}
}

static void put_conditions(struct report *r, const struct sweep *s)
{
	fprintf(r->page.line, "; %.3g s a point; ", s->like->seconds);
	report_conditions(r, s->rec, NULL);
}

/* Where the curves of all plots of a picture are drawn to: their data, and what all have in common.
 */
static FILE *begin(struct plot *p, const struct sweep *sweeps, size_t n, unsigned int plots,
		   const char *logarithmic)
{
	FILE *out = plot_script(p);

	for (size_t i = 0; i < n; i++)
		put_sweep(out, &sweeps[i], i);
	fprintf(out,
		"set multiplot layout %u,1\nset logscale %s\nset lmargin at screen 0.12\nset "
		"format y '%%.0s%%c'\nset "
		"rmargin at screen 0.68\nset format x '%%.0s %%c'\nset key outside right top\nset "
		"xlabel 'events a second, reached (logarithmic)'\n",
		plots, logarithmic);
	return out;
}

static void finish(struct report *r, struct plot *p, const struct sweep *sweeps,
		   const char *caption, const char *name)
{
	fputs("unset multiplot\n", plot_script(p));
	fputs(caption, page_line(&r->page));
	put_conditions(r, &sweeps[0]);
	report_place(r, p, name);
}

bool picture_rates(struct report *r)
{
	struct sweep sweeps[CURVES_MOST];
	size_t n = find_sweeps(r, sweeps);
	struct plot *p = n ? plot_open(780, 820) : NULL;
	FILE *out;

	if (!p)
		return false;
	out = begin(p, sweeps, n, 3, "x");
	put_breakpoints(out, r, "overhead");
	fputs("set logscale y\n", out);
	put_experiment(out, sweeps, n, "CPU ns an event", 2, true);
	fputs("unset logscale y\n", out);
	put_breakpoints(out, r, "loss");
	fputs("unset key\nset format y '%g'\nset yrange [0:100]\n", out);
	put_experiment(out, sweeps, n, "events lost, %", 5, true);
	put_breakpoints(out, r, "cpu");
	fputs("set yrange [*:*]\n", out);
	put_experiment(out, sweeps, n, "producer, % of a CPU", 8, true);
	finish(r, p, sweeps,
	       "Cost, loss and CPU against the event rate, with 95 % intervals; dotted verticals: "
	       "breakpoints",
	       "rates");
	return true;
}

bool picture_ages(struct report *r)
{
	struct sweep sweeps[CURVES_MOST];
	size_t n = find_sweeps(r, sweeps), aged = 0;
	struct plot *p;
	FILE *out;

	for (size_t i = 0; i < n; i++)
		aged += !isnan(sweeps[i].like->age_p50);
	p = aged ? plot_open(780, 520) : NULL;
	if (!p)
		return false;
	out = begin(p, sweeps, n, 2, "xy");
	put_experiment(out, sweeps, n, "age p50, microseconds", 11, false);
	fputs("unset key\n", out);
	put_experiment(out, sweeps, n, "age p99, microseconds", 12, false);
	finish(r, p, sweeps, "Age of an event when it is read, from its timestamp", "ages");
	return true;
}

static size_t find_apps(const struct report *r, const struct app_result **out,
			const struct record **from)
{
	size_t n = 0;

	for (size_t i = 0; i < r->e->n_runs; i++) {
		const struct record *rec = r->e->runs[i].record;

		for (size_t k = 0; k < rec->n_app_results && n < ROWS_MOST; k++) {
			const struct app_result *a = &rec->app_results[k];

			if (a->status == RESULT_MEASURED && strcmp(a->variant, "none") != 0 &&
			    strcmp(a->quantity, "throughput") == 0 && !isnan(a->change.value)) {
				*from = rec;
				out[n++] = a;
			}
		}
	}
	return n;
}

bool picture_apps(struct report *r)
{
	const struct app_result *rows[ROWS_MOST];
	const struct record *from = r->rec;
	size_t n = find_apps(r, rows, &from);
	struct plot *p = n ? plot_open(780, (unsigned int)(110 + 17 * n)) : NULL;
	FILE *out;

	if (!p)
		return false;
	out = plot_script(p);
	fputs("$d << end\n", out);
	for (size_t i = 0; i < n; i++) {
		put_effect(out, rows[i]->change);
		plot_number(out, rows[i]->predicted.value);
		fprintf(out, " %zu\n", i);
	}
	fprintf(out, "end\nset yrange [%zu:-1]\nset ytics (", n);
	for (size_t i = 0; i < n; i++) {
		char label[200];

		snprintf(label, sizeof(label), "%s, %s%s%s", rows[i]->app, rows[i]->variant,
			 strcmp(rows[i]->monitored, "-") == 0 ? "" : ", ",
			 strcmp(rows[i]->monitored, "-") == 0 ? "" : rows[i]->monitored);
		fputs(i ? ", " : "", out);
		plot_label(out, label);
		fprintf(out, " %zu", i);
	}
	fputs(")\nset key outside below horizontal\nset ylabel 'program, probe'\nset xlabel "
	      "'change of throughput, % of the "
	      "program without a "
	      "probe'\nset arrow from 0,graph 0 to 0,graph 1 nohead lc rgb '#808080'\nplot $d "
	      "using 1:5:2:3 with xerrorbars lt 1 pt 7 ps 0.6 title 'measured, 95 % interval', $d "
	      "using 4:5 with points pt 4 ps 0.9 lc rgb '#b04000' title 'predicted: calls x "
	      "price'\n",
	      out);
	fprintf(page_line(&r->page),
		"What programs feel: change of throughput; paired windows, %u of %.3g s; ",
		rows[0]->windows, rows[0]->window_s);
	report_conditions(r, from, NULL);
	report_place(r, p, "applications");
	return true;
}
