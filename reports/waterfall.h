/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * waterfall: where a probe's cost comes from: the dispatch (the empty program), and what each step of the ladder adds.
 *
 * Internal to render. A step is the difference of two neighbouring rungs, each measured as a program of its own, so the
 * steps add up to the whole by construction; whether independent prices do is addup.h's question. A rung that was not
 * measured leaves its step unknown (NAN), and the next step holds both.
 */
#ifndef BPFTOLL_WATERFALL_H
#define BPFTOLL_WATERFALL_H

#include <stdbool.h>
#include <stddef.h>
#include "reports/record.h"

enum ladder_step { STEP_DISPATCH, STEP_PID, STEP_LOOKUP, STEP_ARGUMENT, STEP_CLOCK, STEP_OUTPUT };

/* Fewer rungs than these are no ladder: nothing is printed. */
#define WATERFALL_RUNGS_LEAST 4

struct waterfall {
	const char *hook;
	const struct record_cell *rung[STEP_OUTPUT]; /* the program that ends with the step */
	struct effect step[STEP_OUTPUT];	     /* without the output: that has many kinds */
	size_t rungs;
};

/* "dispatch", "pid", … */
const char *waterfall_step_name(enum ladder_step step);

/* Of the cells of one trigger, cache state and unit. */
void waterfall_of(const struct record_cell *const *cells, size_t n, const char *hook,
		  struct waterfall *out);

/* What a probe that sends adds over the highest rung. */
struct effect waterfall_output(const struct waterfall *w, const struct record_cell *whole);

/* Does the cell send events? */
bool waterfall_sends(const struct record_cell *cell);

/* Is its body the mission's own code? It is no step of the ladder. */
bool data_as_written(const struct record_cell *cell);

/* The first cell of that hook, body and drain state (NULL: any); NULL: there is none. */
const struct record_cell *waterfall_find(const struct record_cell *const *cells, size_t n,
					 const char *hook, const char *body, const char *drain);

#endif
