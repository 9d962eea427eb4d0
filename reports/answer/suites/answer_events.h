/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer_events: the parts of the answer of suite events. Internal to reports/answer. */
#ifndef BPFTOLL_REPORTS_ANSWER_SUITES_ANSWER_EVENTS_H
#define BPFTOLL_REPORTS_ANSWER_SUITES_ANSWER_EVENTS_H

#include <stdbool.h>

#include "reports/answer/answer.h"
#include "reports/record/record_rows.h"

#define EVENTS_RATES_MOST 32

/* What the rows of an answer are taken from. */
struct events_of {
	const char *scenario; /* NULL: no point of a rate was measured */
	const char *hook;     /* the first row's; NULL: none */
	bool one_hook;	      /* no other hook was measured */
	double rate[EVENTS_RATES_MOST];
	size_t n_rates; /* rate[0] is the one that the answer begins with */
};

/* A row of an older record whose wakeup policy meant something else than its name does today. */
bool events_withdrawn(const struct event_point *p);

/* A point of that scenario with a probe that is not withdrawn. */
bool events_point(const struct event_point *p, const char *scenario);

/* "ringbuf, polled-1ms"; of another hook than the first "raw_tp_ringbuf, polled-1ms". */
void events_say(FILE *out, const struct events_of *of, const struct event_point *p);

/* Summary, claim, breakpoints, overload, and what is missing. */
void events_lines(struct answer *a, const struct record *rec, const struct events_of *of);

#endif
