/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * features: the instructions that a probe adds to one call, counted by class (struct
 * result_features), for all results of a lab's record.
 *
 * One more guest with the record's kernel attaches the variants one after another; one call with
 * and one without each is single-stepped, and the difference of their counts is kept.
 */
#ifndef BPFTOLL_KIT_LAB_XRAY_FEATURES_H
#define BPFTOLL_KIT_LAB_XRAY_FEATURES_H

#include "calib/error.h"
#include "kit/lab/xray/stepper.h"
#include "kit/lab/xray/symbols.h"
#include "kit/lab/xray/trace.h"
#include "reports/record/record.h"

/* Adds times (1, or -1 for a bare call) the trace's counts to *to. The trace has its code. */
void features_count(const struct trace *trace, const struct symbols *symbols, int times,
		    struct result_features *to);

/*
 * Fills in the features of every measured result of this workload whose program sends nothing, or
 * whose reader nobody wakes. options: kernel, program, append, timeout_s, memory_mib. What could
 * not be stepped becomes a warning of the record. 0 or -errno, why: then none has them.
 */
int features_take(const struct xray_options *options, const char *workload, struct record *rec,
		  struct error *why);

#endif
