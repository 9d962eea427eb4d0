/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report_words: figures and names as prose has them, in Markdown: "tracepoint, ring buffer,
 * polled-1ms", "munmap()", "367 to 800 ns". Each writes to out; text of a record is escaped.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_REPORT_WORDS_H
#define BPFTOLL_REPORTS_DOCUMENT_REPORT_WORDS_H

#include <stdio.h>

#include "reports/judge/verdict.h"

/* "perf buffer" of "perf"; a program that is not known is shown as the record has it. */
void words_buffer(FILE *out, const char *body);

/* "tracepoint, ring buffer, polled-1ms" */
void words_name(FILE *out, const struct record_result *result);

/* "munmap()" of "munmap_einval" */
void words_call(FILE *out, const char *workload);

/* `code`: what is not plain becomes '?', so that nothing ends the code or is markup elsewhere. */
void words_code(FILE *out, const char *text);

/* "`bpftoll run --variant V --syscall S --wakeup-policy P`", with more behind it ("" or " …"). */
void words_command(FILE *out, const struct record_result *result, const char *more);

/* A cost with its interval and unit: "410 ±60 ns", "14.0 ±1.9 us"; signed where it may be below
 * zero. */
void words_cost(FILE *out, struct effect e, enum unit unit);

/* What lies between the bounds of a p99: "367 to 800 ns", "at least 15.2 us"; "not known". */
void words_p99(FILE *out, struct effect e);

/* A share with its interval: "2.7 ±0.3 %". */
void words_share(FILE *out, struct effect e);

/* Of a configuration: CPU ("at least …" where a part is missing) and loss; "not measured". */
void words_cpu(FILE *out, const struct configuration *c);
void words_loss(FILE *out, const struct configuration *c);

/* "`id` (record A)", of the record that holds the result. */
void words_cite(FILE *out, const struct record_set *e, const struct record_result *result);

/* "record A", "lab record L1" */
void words_record(FILE *out, const struct record_set *e, const struct record *rec);

#endif
