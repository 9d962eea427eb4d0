/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * waterfall: where a probe's cost comes from: the dispatch (the empty program), and what each step
 * of the incremental programs adds.
 *
 * Internal to render. A step is the difference of two incremental programs, each measured as a
 * program of its own, so the steps add up to the whole by construction; whether independent prices
 * do is addup.h's question. A program that was not measured leaves its step unknown (NAN), and the
 * next step holds both.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_COSTS_WATERFALL_H
#define BPFTOLL_REPORTS_JUDGE_COSTS_WATERFALL_H

#include <stdbool.h>
#include <stddef.h>
#include "reports/record/record.h"

enum increments_step {
	STEP_DISPATCH,
	STEP_PID,
	STEP_LOOKUP,
	STEP_ARGUMENT,
	STEP_CLOCK,
	STEP_OUTPUT
};

/* With fewer incremental programs than these nothing is printed. */
#define WATERFALL_PROGRAMS_LEAST 4

struct waterfall {
	const char *hook;
	const struct record_result *program[STEP_OUTPUT]; /* the program that ends with the step */
	struct effect step[STEP_OUTPUT]; /* without the output: that has many kinds */
	size_t programs;
};

/* "dispatch", "pid", … */
const char *waterfall_step_name(enum increments_step step);

/* Of the results of one workload, cache state and unit. */
void waterfall_of(const struct record_result *const *results, size_t n, const char *hook,
		  struct waterfall *out);

/* What a probe that sends adds over the last incremental program. */
struct effect waterfall_output(const struct waterfall *w, const struct record_result *whole);

/* Does the result send events? */
bool waterfall_sends(const struct record_result *result);

/* Is its program the unchanged code of the probe under test? It is no incremental program. */
bool data_as_written(const struct record_result *result);

/* The first result of that hook, program and wakeup policy (NULL: any); NULL: there is none. */
const struct record_result *waterfall_find(const struct record_result *const *results, size_t n,
					   const char *hook, const char *body, const char *wakeup);

#endif
