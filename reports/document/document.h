/* SPDX-License-Identifier: GPL-3.0-or-later */
/* document: DIR/report.md -> report.html (pandoc, one self-contained file) -> report.pdf
 * (weasyprint). Internal to report. */
#ifndef BPFTOLL_REPORTS_DOCUMENT_DOCUMENT_H
#define BPFTOLL_REPORTS_DOCUMENT_DOCUMENT_H

struct report_done {
	char md[4096], html[4096], pdf[4096]; /* paths; "" where it was not written */
	char missing[1024];		      /* what was not, and why; "" when all is there */
};

/* Fills in done->html and done->pdf; what could not be made is added to done->missing. */
void document_make(const char *dir, struct report_done *done);

#endif
