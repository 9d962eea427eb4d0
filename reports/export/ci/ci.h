/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ci: counts of the lab, and the gate on them, in the formats of continuous integration.
 *
 * Names are "KERNEL/PROGRAM/OPERATION": KERNEL is the series and the architecture ("6.1-x86_64"),
 * which a later build of it keeps, or the release where two records have the same. Text of records
 * is made safe (escape.h) before it is escaped for the format.
 */
#ifndef BPFTOLL_REPORTS_EXPORT_CI_CI_H
#define BPFTOLL_REPORTS_EXPORT_CI_CI_H

#include <stdio.h>

#include "reports/judge/gate/gate.h"

/* A table of what changed and a list of what was lost. 0 or -EIO. */
int ci_markdown(const struct gate *gate, FILE *out);

/*
 * JUnit XML: a testsuite a kernel, a testcase a program and operation; what fails the gate is a
 * failure, what was removed is skipped. 0; -ENOMEM; -EIO.
 */
int ci_junit(const struct gate *gate, FILE *out);

/* Bencher's metric format (BMF, for its adapter "json"): measures instructions,
 * verified-instructions and stack-bytes. 0; -ENOMEM; -EIO. */
int ci_bencher(const struct gate_side *side, FILE *out);

/* The list that github-action-benchmark reads as customSmallerIsBetter. 0; -ENOMEM; -EIO. */
int ci_github(const struct gate_side *side, FILE *out);

#endif
