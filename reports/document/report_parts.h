/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report_parts: what the sections of a report share. Internal to reports/document.
 *
 * A section is a function that writes Markdown to r->page. Prose names configurations in words
 * (report_name); ids of results stand in tables, in `code` and in footnotes, which are a claim's
 * evidence. A sentence has at most 30 words: tests/e2e/test_report.sh reads them.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_REPORT_PARTS_H
#define BPFTOLL_REPORTS_DOCUMENT_REPORT_PARTS_H

#include <limits.h>
#include "reports/judge/record_set.h"
#include "reports/show/page.h"
#include "reports/document/draw/plot.h"
#include "reports/record/record_rows.h"
#include "reports/judge/verdict.h"
#include "reports/predict/predicted.h"

struct fleet; /* judge/fleet/fleet.h */

/* A recommendation, in Markdown; each string is malloc'ed, "" where there is nothing to say. */
struct advice {
	char *title, *text, *when, *command, *evidence;
};
#define ADVICE_MOST 16

struct report {
	const struct record_set *e;
	const struct record *rec; /* the run with the most measured results */
	const char *dir;	  /* of its samples */
	struct verdicts v;
	struct predicted predicted; /* what the lab's instructions say of hooks not measured */
	const struct fleet *fleet;  /* NULL: not asked for */
	/* Of the measured configurations beside the probe under test: the one that passes, or is
	 * nearest to it; the cheapest hook with the same program and wakeup policy. NULL: none */
	const struct configuration *best, *cheapest;
	const struct record_result **configs; /* of the verdict's workload, hot, in table order */
	size_t n_configs;
	struct advice advice[ADVICE_MOST];
	size_t n_advice;
	struct page page;
	const char *work; /* the private folder where all is made */
	char tables[512]; /* names of the CSV files */
	unsigned int figures, sections;
	char *missing;
	size_t missing_len;
};

/* Headings: "# 1. …" and "## …". */
void report_section(struct report *r, const char *title);
void report_heading(struct report *r, const char *title);

/* A paragraph of ours, printf-like; strings of a record must not be among the arguments. */
void report_text(struct report *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The page's line as a bullet. */
void report_bullet(struct report *r);

/*
 * A picture: drawn to plot_script, and placed with its caption, which was written to the page's
 * line. file: its name below pictures/, without ".svg".
 */
void report_place(struct report *r, struct plot *p, const char *file);

/* What the report lacks, and why: the command says it. */
void report_add_missing(struct report *r, const char *what, const char *why);

/* As report_place, for a picture that is already there. */
void report_place_file(struct report *r, const char *file);

/* "n = 10,240 calls a configuration over 10 rounds; record A." to the page's line. */
void report_conditions(struct report *r, const struct record *rec,
		       const struct record_result *result);

/* The measured result of the verdict's workload, hot, with this hook, program and wakeup policy
 * (NULL: any); NULL. */
const struct record_result *report_result(const struct report *r, const char *hook,
					  const char *body, const char *wakeup);

/* Sections. 0 or -errno. */
int report_front(struct report *r);
int report_method(struct report *r);
int report_costs(struct report *r);
int report_helpers(struct report *r);
int report_hooks(struct report *r);
int report_rates(struct report *r);
int report_tools(struct report *r);
int report_apps(struct report *r);
int report_fleet(struct report *r);
int report_advice(struct report *r);
int report_appendix(struct report *r);

/* Fills in best and cheapest, then advice; report_front does. */
void report_choose(struct report *r);
void report_advise(struct report *r);
void report_free_advice(struct report *r);

/* Where the code as written was found to report wrong data: a result of a run, else of a guest,
 * with the record that it is from; NULL: it was not. */
const struct record_result *report_wrong_data(const struct report *r, const struct record **from);

/* What each probe reports; whether a hook's events hold the same data, from this machine or, where
 * it cannot tell, a guest's record. */
int report_data(struct report *r);
void report_data_of_hook(struct report *r, const char *hook, FILE *out);

/* Pictures. Each does nothing when there is nothing to draw, and says so by false. */
bool picture_hooks(struct report *r);
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
