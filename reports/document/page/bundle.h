/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bundle: what the interactive page is made of besides its data: the template
 * (reports/document/web/page.html), script and style (make web), and their hashes.
 *
 * The Makefile links them in where they were built (build/web.o), so that an installed bpftoll
 * needs no files beside it. A program that was built without them has none.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_PAGE_BUNDLE_H
#define BPFTOLL_REPORTS_DOCUMENT_PAGE_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

struct bundle_text {
	const char *text;
	size_t len;
};

struct bundle {
	struct bundle_text template, script, style;
	const char *script_hash, *style_hash; /* "sha256-…", as a Content-Security-Policy has it */
	const char *version;		      /* of the program */
};

/* false: it was built without. */
bool bundle_get(struct bundle *out);

#endif
