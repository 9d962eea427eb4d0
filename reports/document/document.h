/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * document: records and DIR/report.md -> report.html, the interactive page (page/), and report.pdf
 * (pandoc, weasyprint). Where this program was built without the page, report.html is pandoc's,
 * with static pictures. Internal to report.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_DOCUMENT_H
#define BPFTOLL_REPORTS_DOCUMENT_DOCUMENT_H

#include <stdbool.h>

#include "reports/judge/record_set.h"
#include "reports/judge/verdict.h"

struct report_done {
	char md[4096], html[4096], pdf[4096]; /* paths; "" where it was not written */
	bool has_html, has_pdf;
	char missing[1024]; /* what was not, and why; "" when all is there */
	char note[256];	    /* what a reader must know of report.html; "" */
};

/*
 * Into the private folder dir. Fills in done->has_html, has_pdf and note; what could not be made is
 * added to done->missing.
 */
void document_make(const struct record_set *e, const struct verdicts *v, const char *dir,
		   struct report_done *done);

#endif
