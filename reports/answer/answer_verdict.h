/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * answer_verdict: the parts of a verdict's answer. Internal to reports/answer: answer_verdict.c has
 * the decision and the tables, answer_verdict_lines.c the lines below them.
 */
#ifndef BPFTOLL_REPORTS_ANSWER_VERDICT_H
#define BPFTOLL_REPORTS_ANSWER_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "reports/answer/answer.h"
#include "reports/judge/verdict.h"

#define VERDICT_NAME 160

bool verdict_row_measured(const struct configuration *c); /* NULL: no */

/* "kprobe_perf, per-event", with the cache state where it is not the default's; out has
 * VERDICT_NAME bytes. */
const char *verdict_row_name(const struct configuration *c, char *out);

/* What is judged first: the probe under test, or the worst of those asked for. NULL: neither. */
const struct configuration *verdict_judged(const struct verdicts *v);

/* A reason without what stands in brackets, which the full output has. */
const char *verdict_brief(const char *reason, char *out, size_t len);
const char *verdict_count(double count, char *out, size_t len); /* "10,000" */

/* The lines below the tables. 0 or -ENOMEM. */
int verdict_put_elsewhere(struct answer *a, const struct verdicts *v);
int verdict_put_unmeasured(struct answer *a, const struct verdicts *v);
void verdict_put_next(struct answer *a, const struct verdicts *v);
int verdict_put_conditions(struct answer *a, const struct verdicts *v);
int verdict_put_where(struct answer *a, const struct verdicts *v);

#endif
