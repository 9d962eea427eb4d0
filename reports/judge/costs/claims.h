/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * claims: what is claimed that the probe under test costs, against what was measured.
 *
 * A claimed cost is "about X": it is taken for X ± 20 %; a range ("200 to 400") and a bound ("< 1
 * %") for what they say. The rule compares the whole 95 % interval with that band (three-way, as in
 * an equivalence test; Schuirmann 1987):
 *
 *	CONFIRMED          the interval lies within the band
 *	REFUTED, cheaper   all of it lies below: the claim is wrong, and on the safe side
 *	REFUTED, dearer    all of it lies above: the claim is wrong, and the probe costs more than
 *was planned UNDECIDED          it reaches over an edge, or there is no interval
 *
 * The rows of a record are judged together (Holm, equivalence.h): one of twenty records has a false
 * verdict, not one of twenty rows.
 *
 * Helpers are judged by their price (prices.h: the slope, or what the first call adds where the row
 * is no line; the row says which), else by a step of the incremental programs (waterfall.h). The
 * complete probe and the perf buffer are judged in every wakeup policy: the claims name none, and a
 * perf buffer at its default wakes on every event. Where no kprobe could be measured the other
 * hooks stand in, and the row names them.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_COSTS_CLAIMS_H
#define BPFTOLL_REPORTS_JUDGE_COSTS_CLAIMS_H

#include <stddef.h>
#include "reports/record/record.h"

struct slope;

#define CLAIMS_ROWS_MOST 96
#define CLAIMS_ABOUT	 0.20

enum claim_verdict { CLAIM_CONFIRMED, CLAIM_CHEAPER, CLAIM_DEARER, CLAIM_UNDECIDED };

struct claim_row {
	const char *what, *claimed, *unit; /* "hash lookup", "50", "ns" */
	double from, to;		   /* the band; from -INFINITY: a bound */
	char by[128];			   /* what measured it; not quoted */
	const struct slope *price;	   /* what measured it; NULL: it is no price */
	const struct record_result *probe; /* the same of a complete probe */
	struct effect measured;
	enum claim_verdict verdict;
};

const char *claims_verdict_name(enum claim_verdict verdict);

/* Measured over claimed: over the bound, or over the middle of a range. */
double claims_ratio(const struct claim_row *row);

/* The rows that the record can speak to (ns only: counts of instructions cannot). Returns how many,
 * at most `most`. */
size_t claims_collect(const struct record *rec, struct claim_row *rows, size_t most);

#endif
