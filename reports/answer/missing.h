/* SPDX-License-Identifier: GPL-3.0-or-later */
/* missing: what was not measured, and why, as one labelled line of an answer. */
#ifndef BPFTOLL_REPORTS_ANSWER_MISSING_H
#define BPFTOLL_REPORTS_ANSWER_MISSING_H

#include "reports/answer/answer.h"
#include "reports/record/record.h"

/* A row of any kind, under the name that a reader knows it by: a hook, a helper, a program. */
struct missing {
	const char *name, *reason; /* reason NULL: none was recorded */
	enum result_status status;
};

/*
 * "Missing   kprobe, kretprobe: kernel built without CONFIG_KPROBES; fentry, tp_btf (3) (why:
 * --full)": the first reason, and the names of all. A name of which a row was measured stands with
 * the number of those that were not. Nothing where all were measured.
 */
void missing_say(struct answer *a, const struct missing *rows, size_t n);

#endif
