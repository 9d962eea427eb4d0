/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures from the exact lab: instructions over kernels. */
#include <math.h>
#include <string.h>

#include "reports/show/escape.h"
#include "reports/document/report_parts.h"
#include "reports/document/report_words.h"
#include "reports/show/listing.h"

#define CURVES_MOST 7

static double instructions(const struct record *rec, const char *hook, const char *body,
			   const char *workload, const char *wakeup)
{
	char id[256];
	const struct record_result *result;

	snprintf(id, sizeof(id), "%s_%s/%s/%s/hot", hook, body, workload, wakeup);
	result = record_find_result(rec, id);
	return result && result->status == RESULT_MEASURED ? result->overhead.p50.value : NAN;
}

/* The records of this machine's architecture are one curve; without any, no curve is drawn. */
static size_t drawn(const struct record_set *e)
{
	size_t n = 0;

	for (size_t k = 0; k < e->n_labs; k++)
		n += record_set_lab_fits(e, k);
	return n;
}

static bool has_data(const struct report *r, const char *hook, const char *body, const char *wakeup)
{
	for (size_t k = 0; k < r->e->n_labs; k++)
		if (record_set_lab_fits(r->e, k) &&
		    !isnan(instructions(r->e->labs[k].record, hook, body, r->v.workload, wakeup)))
			return true;
	return false;
}

static void put_data(FILE *out, const struct report *r, const struct axis *hooks, const char *body,
		     const char *wakeup)
{
	size_t at = 0;

	fprintf(out, "$%s << end\n", body);
	for (size_t k = 0; k < r->e->n_labs; k++) {
		if (!record_set_lab_fits(r->e, k))
			continue;
		fprintf(out, "%zu", at++);
		for (size_t h = 0; h < hooks->n; h++)
			plot_number(out, instructions(r->e->labs[k].record, hooks->name[h], body,
						      r->v.workload, wakeup));
		fputc('\n', out);
	}
	fputs("end\n", out);
}

static void put_experiment(FILE *out, const struct axis *hooks, const char *body, const char *title)
{
	fputs("set title ", out);
	plot_label(out, title);
	fputs("\nplot ", out);
	for (size_t h = 0; h < hooks->n; h++) {
		fprintf(out, "%s$%s using 1:%zu with linespoints lt %zu ps 0.9 title ",
			h ? ", " : "", body, h + 2, h + 1);
		plot_label(out, hooks->name[h]);
	}
	fputc('\n', out);
}

static void put_kernels(FILE *out, const struct record_set *e)
{
	size_t at = 0;

	fputs("set xtics (", out);
	for (size_t k = 0; k < e->n_labs; k++) {
		char name[32];

		if (!record_set_lab_fits(e, k))
			continue;
		snprintf(name, sizeof(name), "%s",
			 e->labs[k].record->host.kernel ? e->labs[k].record->host.kernel
							: "unknown");
		name[strcspn(name, "-+ ")] = '\0';
		fputs(at ? ", " : "", out);
		plot_label(out, name);
		fprintf(out, " %zu", at++);
	}
	fprintf(out, ")\nset xrange [-0.3:%g]\n", (double)at - 0.7);
}

bool picture_kernels(struct report *r)
{
	static const char *const order[] = {"kprobe", "kretprobe", "kprobe_multi", "tracepoint",
					    "raw_tp", "fentry",	   "fexit"};
	struct axis hooks = {.n = 0}, probes = {.n = 0};
	struct plot *p;
	FILE *out, *line;

	for (size_t h = 0; h < sizeof(order) / sizeof(*order); h++) {
		if (has_data(r, order[h], "empty", "-"))
			axis_add(&hooks, order[h], CURVES_MOST);
		if (has_data(r, order[h], "perf", "idle"))
			axis_add(&probes, order[h], CURVES_MOST);
	}
	p = hooks.n ? plot_open(780, 360) : NULL;
	if (!p)
		return false;
	out = plot_script(p);
	put_data(out, r, &hooks, "empty", "-");
	put_data(out, r, &probes, "perf", "idle");
	put_kernels(out, r->e);
	fprintf(out, "set multiplot layout 1,%d\n", probes.n ? 2 : 1);
	fputs("set yrange [0:*]\nset key outside below horizontal\n"
	      "set xlabel 'kernel'\nset ylabel 'instructions added to one call'\n",
	      out);
	put_experiment(out, &hooks, "empty", "empty program");
	/* gnuplot refuses an experiment without a number */
	if (probes.n)
		put_experiment(out, &probes, "perf", "complete probe, perf buffer, nobody woken");
	fputs("unset multiplot\n", out);
	line = page_line(&r->page);
	fputs("Instructions added to one ", line);
	words_call(line, r->v.workload);
	fprintf(line,
		", by kernel; counted exactly in guests (%zu record%s), no statement about time.",
		drawn(r->e), drawn(r->e) == 1 ? "" : "s");
	report_place(r, p, "kernels");
	return true;
}
