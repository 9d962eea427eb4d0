/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * change: what another kernel, or this one without its mitigations, would make of a probe's cost:
 * the difference of two predictions for the same hook and program.
 *
 * Its range is narrower than that of either: instructions that both kernels execute cost the same,
 * and are off by the same. With A and R the predicted costs of what is added and what is removed,
 * class by class, and each of them off by at most exp(spread) (holdout.h), the difference is
 * between A / exp(spread) - R * exp(spread) and A * exp(spread) - R / exp(spread). What is equal
 * cancels even where it has no price, as an int3's exception. Two assumptions: as many instructions
 * of a class are the same instructions, and they cost alike in another kernel's layout.
 *
 * Without mitigations a return and an indirect branch cost something between straight code and what
 * they cost with them: of that only the bound is known.
 *
 * change_check tells how often such ranges hold: of two measured hooks with the same program, the
 * difference is predicted by a model without the one's mechanism.
 */
#ifndef BPFTOLL_REPORTS_PREDICT_CHANGE_H
#define BPFTOLL_REPORTS_PREDICT_CHANGE_H

#include "reports/predict/prediction.h"

struct change_row {
	const struct record_result *from,
		*to;	       /* of the run's own kernel series, and of the other */
	double instructions;   /* more than now */
	double added, removed; /* ns */
	struct effect ns;      /* NAN: withheld */
	char withheld[128];    /* why; empty: it is not */
};

struct change {
	const struct record *lab;
	bool off; /* booted with mitigations=off: value is NAN, the ends are bounds */
	struct change_row *rows;
	size_t n;
};

struct change_seen {
	size_t pairs, inside;
};

/*
 * Of the lab's variants that the run's own series has too. 0; -EINVAL, why: the lab's record does
 * not fit (prediction_check_lab), or has other mitigations; -ENOMEM. The prediction and the record
 * must outlive it.
 */
int change_make(const struct prediction *prediction, const struct record *lab, struct change *out,
		struct error *why);
void change_free(struct change *change);

/* 0 or -ENOMEM; pairs is 0 where nothing can be told. */
int change_check(const struct prediction *prediction, struct change_seen *out);

/* The range of a difference, from what is added and removed. */
struct effect change_range(double added, double removed, double spread);

/*
 * What goes from one kind of count to another, in ns. False, class in *missing: a class without a
 * price differs. Serialising instructions have none: fences and returns from exceptions, of which
 * one kernel has these more and another those, are not of one price.
 */
bool change_price(const struct model *model, const double *from, const double *to, double *added,
		  double *removed, enum instruction_class *missing);

#endif
