/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report_draft: a recommendation that is being written. Internal to report_advice*.c.
 *
 * draft_open -> write to its streams -> draft_close: the report's list has it then.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_REPORT_DRAFT_H
#define BPFTOLL_REPORTS_DOCUMENT_REPORT_DRAFT_H

#include <stdbool.h>
#include <stdio.h>

#include "reports/document/report_parts.h"

struct draft {
	FILE *title, *text, *when, *command, *evidence;
	size_t lens[5];
};

/* false: the list is full, or no memory. */
bool draft_open(struct report *r, struct draft *d);
void draft_close(struct draft *d);

/* The result as evidence, with its record. */
void draft_cite(const struct report *r, struct draft *d, const struct record_result *result);

/* Is the configuration (NULL: no) a measured one? */
bool draft_measured(const struct configuration *c);

/* The configuration that all advice leads to; NULL: none. */
const struct configuration *draft_goal(const struct report *r);

/* In report_advice_parts.c: the design's parts, and where the conclusions hold. */
void advise_parts(struct report *r);
void advise_where(struct report *r);

#endif
