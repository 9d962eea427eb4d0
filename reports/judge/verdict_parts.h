/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdict_parts: the three criteria of one configuration. Internal to reports/verdict*.c.
 *
 * Each fills a judgement that begins as INCONCLUSIVE with nothing known; the result is measured.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_VERDICT_PARTS_H
#define BPFTOLL_REPORTS_JUDGE_VERDICT_PARTS_H

#include "reports/judge/verdict.h"

void verdict_p99(const struct verdicts *v, const struct record_result *result, struct judgement *j);
void verdict_cpu(const struct verdicts *v, const struct configuration *c, struct judgement *j);
void verdict_lost(const struct verdicts *v, const struct record_result *result,
		  struct judgement *j);

/* The loss at the overload rate, the worst of all points. */
struct effect verdict_overload(const struct verdicts *v, const struct record_result *result);

#endif
