/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * figure: numbers as a reader may believe them: no digit finer than the interval supports.
 */
#ifndef BPFTOLL_REPORTS_SHOW_FIGURE_H
#define BPFTOLL_REPORTS_SHOW_FIGURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "reports/record/record_rows.h"

enum figure_style {
	FIGURE_BRACKETS,   /* +12.3 [+11.9, +12.7] */
	FIGURE_PLUS_MINUS, /* +12.3 ±0.4; lo..hi where ± would mislead */
	FIGURE_UNMARKED,   /* as brackets, without the "~" of an interval that includes zero */
};

/*
 * Decimals to print a figure of this half-width with; negative: round to tens, hundreds. The last
 * place is at most half of the half-width, so rounding moves no end by more than a quarter of it: 2
 * to 19.9 give 0, 0.04 gives 2, 40 gives -1.
 */
int figure_decimals(double half_width);

/*
 * A signed effect. "~" before it: the interval includes zero. "-" when there is none. Instructions
 * whose interval is a point are printed as an integer alone.
 */
void figure_effect(FILE *out, struct effect e, enum unit unit, enum figure_style style);

/* A length without an interval: whole from 100, one decimal below. "-" for NAN. */
void figure_length(FILE *out, double value, enum unit unit);

/* "typical 262, p50 260, p99 431, p99.9 1208, max 48221 ns" */
void figure_lengths(FILE *out, const struct distribution *d, enum unit unit);

/* Groups of three: 1,000,000. */
void figure_count(FILE *out, uint64_t count);

/* The same of a value, rounded; from 10^15 on three digits. */
void figure_whole(FILE *out, double value);

/* "1 call", "1,024 calls": of things whose plural takes an s. */
void figure_things(FILE *out, uint64_t count, const char *thing);

/* So many significant digits, without an exponent: 0.00003, 75.2, 10,100. "-" for NAN. */
void figure_plain(FILE *out, double value, int digits);

/* "110..210", of what was predicted: two digits are all that such a range knows. */
void figure_predicted(FILE *out, double lo, double hi);

/* "0", "1,000 (10 %)": events lost of those produced; "-" for none produced. A count, no bound:
 * loss.h has that. */
void figure_loss(FILE *out, uint64_t lost, uint64_t produced);

/*
 * A length with its interval, unsigned, in the unit that fits it (ns, µs from 10 µs, ms from 1 ms):
 * "626 ±12 ns"; "290 ns..23 ms" where ± would mislead or is more than half of it; the value alone
 * without ends. "-" for NAN.
 */
void figure_time(FILE *out, struct effect ns);

/*
 * The same in the unit asked for, which the reader finds elsewhere: the columns of a table have one
 * each. figure_time_unit: the one that fits a length.
 */
enum time_unit { TIME_MS, TIME_US, TIME_NS };
enum time_unit figure_time_unit(double ns);
const char *figure_time_unit_name(enum time_unit unit); /* "µs" */
void figure_time_in(FILE *out, struct effect ns, enum time_unit unit);

/* Calls a second, to three digits: 999, 12.5 K, 1 M. */
void figure_rate(FILE *out, double rate);
/* "KVM" of CPUID's "KVMKVMKVM"; other hypervisors' names are words. NULL stays NULL. */
const char *figure_hypervisor(const char *name);

/* How many times b goes into a ("16x", "2.1x"); "-" unless both are surely above zero. */
void figure_ratio(FILE *out, struct effect a, struct effect b);

/* The bound alone: "< 0.003 %", "2.1 to 4.5 %", "not shown". */
void figure_loss_bound(FILE *out, const struct event_point *point, bool markdown);

/* "0 of 100,000 in 10 s, 18 buffer fills (< 0.003 %)", or "not shown (the window fits into the
 * buffer)". */
void figure_exposure(FILE *out, const struct event_point *point, bool markdown);

#endif
