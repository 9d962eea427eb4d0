/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report: record set -> report.md, report.html and report.pdf: a decision with all that it rests
 * on.
 *
 * The Markdown is written here, from the records and nothing else: the same records give the same
 * bytes. Pictures are gnuplot's (plot.h), HTML is pandoc's and PDF weasyprint's; one that is
 * missing costs its own output only.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_REPORT_H
#define BPFTOLL_REPORTS_DOCUMENT_REPORT_H

#include <signal.h>
#include <stddef.h>
#include "calib/error.h"
#include "reports/document/document.h"
#include "reports/judge/budget.h"
#include "reports/judge/record_set.h"

struct fleet; /* reports/judge/fleet/fleet.h */

struct report_place {
	const char *dir;  /* made when it is missing; links in it are not followed */
	const char *work; /* empty and private: all is made here first; the caller removes it */
	const volatile sig_atomic_t *stop;
	const struct fleet *fleet; /* many machines, judged, for a section of their own; or NULL */
};

/*
 * 0 or -errno with why: dir is as it was, if it was not the writing there that failed. -EINTR:
 * *stop is not 0. What only costs a picture or a format is told in done->missing.
 */
int report_write(const struct record_set *e, const struct budget *budget,
		 const struct report_place *at, struct report_done *done, struct error *why);

#endif
