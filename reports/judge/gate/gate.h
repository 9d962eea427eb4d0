/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate: programs of an object (bpftoll lab --object) on some kernels before and after a change:
 * does any of them cost more, or work on fewer kernels?
 *
 * Kernels pair by release and architecture, else by series ("6.1"); results by id
 * (program/operation/wakeup/cache). What is compared: the median of the added instructions, the
 * verified instructions, the stack. Counts that agree in every round have no interval, so any
 * difference is one; of others only what the intervals prove.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_GATE_GATE_H
#define BPFTOLL_REPORTS_JUDGE_GATE_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "reports/record/record.h"

/* What a kernel said of one object. */
struct gate_kernel {
	const struct record *record; /* NULL: there is none */
	const char *label;
	const char *reason; /* why there is none */
};

struct gate_side {
	const struct gate_kernel *kernels;
	size_t n;
};

/*
 * A growth beyond this fails. percent: `above` is one of the value before, for all three figures;
 * else it is instructions, executed or verified, and the stack may not grow at all.
 */
struct gate_limit {
	double above;
	bool percent;
};

enum gate_outcome {
	GATE_SAME,
	GATE_LESS,     /* a figure shrank, and none grew */
	GATE_WITHIN,   /* a figure grew, within the limit */
	GATE_NEW,      /* nothing to compare with */
	GATE_GONE,     /* the object has it no more */
	GATE_UNPROVEN, /* rounds differ by as much as the two sides */
	GATE_GROWN,    /* this and what follows fails */
	GATE_LOST,     /* it worked on this kernel, and does no more */
	GATE_OTHER     /* measured with another operation: not comparable */
};

struct gate_figure {
	double before, after; /* NAN: not known */
	bool fails;
};

struct gate_row {
	const char *kernel;		   /* the label of the side after, else before */
	const struct record_result *a, *b; /* before, after; NULL: not measured there */
	struct gate_figure cost, verified, stack;
	enum gate_outcome outcome;
	const char *reason; /* GATE_LOST: the kernel's words; may be NULL */
};

struct gate {
	struct gate_limit limit;
	struct gate_row *rows; /* what fails first, the largest growth before others */
	size_t n, failed;
	size_t kernels;	  /* that were paired */
	size_t unmatched; /* kernels of the side before that have no pair */
	size_t blind;	  /* pairs without a record before: nothing there was compared */
	size_t neither;	  /* programs on kernels that neither side could measure */
	bool other_build; /* a pair is of two builds of a kernel series */
};

/* The sides must outlive out. 0; -EINVAL with why: no kernel in common, or no counts; -ENOMEM. */
int gate_sides(const struct gate_side *before, const struct gate_side *after,
	       struct gate_limit limit, struct gate *out, struct error *why);
void gate_free(struct gate *gate);

static inline bool gate_fails(enum gate_outcome outcome)
{
	return outcome >= GATE_GROWN;
}

/* "same", "less", "more, within the limit", … */
const char *gate_outcome_words(enum gate_outcome outcome);

/* The largest of the row's relative growths; INFINITY where a program is lost. */
double gate_growth(const struct gate_row *row);

#endif
