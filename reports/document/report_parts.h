/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report_parts: what the sections of a report share. Internal to reports/report*.c and
 * reports/picture*.c.
 *
 * A section is a function that writes Markdown to r->page. Each sentence that claims something is
 * made from numbers by a rule and ends with the results that it rests on (report_cite).
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_REPORT_PARTS_H
#define BPFTOLL_REPORTS_DOCUMENT_REPORT_PARTS_H

#include <limits.h>
#include "reports/judge/record_set.h"
#include "reports/show/page.h"
#include "reports/document/draw/plot.h"
#include "reports/record/record_rows.h"
#include "reports/judge/verdict.h"

struct report {
	const struct record_set *e;
	const struct record *rec; /* the run with the most measured results */
	const char *dir;	  /* of its samples */
	struct verdicts v;
	const struct record_result **configs; /* of the verdict's workload, hot, in table order */
	size_t n_configs;
	struct page page;
	char out[PATH_MAX];
	unsigned int figures, sections;
	char *missing;
	size_t missing_len;
};

/* Headings: "# …" and "## …". */
void report_section(struct report *r, const char *title);
void report_heading(struct report *r, const char *title);

/* A paragraph of ours, printf-like; strings of a record must not be among the arguments. */
void report_text(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "Not in this record: WHAT. To have it: `bpftoll COMMAND`." */
void report_absent(struct report *r, const char *what, const char *command);

/* " [id; id]" after a claim; NULLs are left out. */
void report_cite(struct report *r, FILE *line, const struct record_result *const *results,
		 size_t n);

/*
 * A picture: opened with report_picture, drawn to plot_script, and placed with its caption, which
 * was written to the page's line. file: its name below pictures/, without ".svg".
 */
struct plot *report_picture(struct report *r, unsigned int width, unsigned int height);
void report_place(struct report *r, struct plot *p, const char *file);

/* The same for a picture that is already there. */
void report_place_file(struct report *r, const char *file);

/* "n = 10,240 calls a configuration over 10 rounds; kernel …, CPU …; 3 warnings" to the
 * page's line. */
void report_conditions(struct report *r, const struct record *rec,
		       const struct record_result *result);

/* The measured result of the verdict's workload, hot, with this hook, program and wakeup policy
 * (NULL: any); NULL. */
const struct record_result *report_result(const struct report *r, const char *hook,
					  const char *body, const char *wakeup);

/* Sections. 0 or -errno. */
int report_summary(struct report *r);
int report_method(struct report *r);
int report_costs(struct report *r);
int report_waterfall(struct report *r);
int report_maps(struct report *r);
int report_hooks(struct report *r);

/*
 * Parts of sections: what probes report wrongly (to the summary); what each reports; whether a
 * hook's events hold the same data, from this machine or, where it cannot tell, a guest's record.
 */
void report_data_summary(struct report *r);
int report_data(struct report *r);
void report_data_of_hook(struct report *r, const char *hook, FILE *out);

int report_scaling(struct report *r);
int report_apps(struct report *r);
int report_advice(struct report *r);
int report_appendix(struct report *r);

/* Pictures. Each does nothing when there is nothing to draw, and says so by false. */
bool picture_distributions(struct report *r);
bool picture_overheads(struct report *r);
bool picture_waterfall(struct report *r);
bool picture_kernels(struct report *r);
bool picture_flame(struct report *r);
bool picture_rates(struct report *r);
/* Is the point on one of the curves that picture_rates draws? */
bool picture_in_sweep(const struct report *r, const struct event_point *p);
bool picture_ages(struct report *r);
bool picture_apps(struct report *r);

#endif
