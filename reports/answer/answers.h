/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * answers: the answer (answer.h) that each kind of record gives, and those of a verdict and of a
 * comparison.
 */
#ifndef BPFTOLL_REPORTS_ANSWERS_H
#define BPFTOLL_REPORTS_ANSWERS_H

#include "reports/answer/answer.h"
#include "reports/record/record.h"

struct prediction;
struct predicted;
struct verdicts;
struct diff;
struct gate;
struct change;
struct fleet;
struct fleet_series;
struct fleet_comparison;

/*
 * By what the record holds: costs, prices of helpers, event runs, programs, other tools, counts of
 * the lab. where: its folder. The caller closes *out. 0 or -ENOMEM.
 */
int answer_of_record(const struct record *rec, const char *where, struct answer **out);
/* The same with what is predicted of what a record of costs lacks. */
int answer_of_run(const struct record *rec, const char *where, const struct predicted *predicted,
		  struct answer **out);

/* The parts that each kind of record has, each in a file of its name: title, tables, lines. */
void answer_costs(struct answer *a, const struct record *rec, const struct predicted *predicted);
void answer_helpers(struct answer *a, const struct record *rec);
void answer_events(struct answer *a, const struct record *rec);
void answer_apps(struct answer *a, const struct record *rec);
void answer_crosscheck(struct answer *a, const struct record *rec);
void answer_calibrate(struct answer *a, const struct record *rec);
void answer_measure(struct answer *a, const struct record *rec);
/* Is it a record of bpftoll measure? Its rows are of kinds that other records have too. */
bool answer_is_measure(const struct record *rec);
void answer_lab(struct answer *a, const struct record *rec);

/* What all kinds have (answer_frame.c): the first line of the title ("Linux 6.18 x86_64 · AMD EPYC,
 * 2 CPUs (KVM) · 30 rounds in 41 s"), and the lines "Quality", "Partial" and "Record". */
void answer_host_title(struct answer *a, const struct record *rec);
void answer_host(struct answer *a, const struct record *rec); /* without the rounds and the time */
void answer_quality(struct answer *a, const struct record *rec);

/* What a program costs is the interpreter's work where the kernel compiles none: which of them. */
void answer_interpreted(struct answer *a, const struct record *const *records,
			const char *const *labels, size_t n);
/* How far apart two rows must be, by the null test that "Quality" quotes; NAN without one. */
double answer_null_limit(const struct record *rec);
/* The line "Precision", where the run was to reach one. */
void answer_precision(struct answer *a, const struct record *rec);
void answer_where(struct answer *a, const char *where);

/* The whole of a prediction. hook: only of this one; NULL: of all; whole: each program as well. */
int answer_of_prediction(const struct prediction *p, const char *hook, bool whole,
			 struct answer **out);
/* What other kernels, and mitigations=off, would change of it. hook: only this one; NULL: all. */
int answer_of_changes(const struct prediction *p, const struct change *changes, size_t n,
		      const char *hook, struct answer **out);
/* What was measured beside what is predicted when its mechanism is left out. */
int answer_of_validation(const struct prediction *p, struct answer **out);

/* Records of the lab side by side, each below its label; where: their folder. */
int answer_of_lab(const struct record *const *records, const char *const *labels, size_t n,
		  const char *where, struct answer **out);
/* The same of a foreign object's programs (bpftoll lab --object): a row a program. */
int answer_of_objects(const struct record *const *records, const char *const *labels, size_t n,
		      const char *where, struct answer **out);
int answer_of_verdict(const struct verdicts *v, struct answer **out);
int answer_of_diff(const struct diff *d, struct answer **out);
int answer_of_fleet_diff(const struct fleet_comparison *c, struct answer **out);
int answer_of_fleet(const struct fleet *f, const char *where, struct answer **out);
int answer_of_series(const struct fleet_series *f, bool kernels, const char *where,
		     struct answer **out);
int answer_of_gate(const struct gate *g, const char *where, struct answer **out);

#endif
