/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page_file: the interactive page, one file that needs no other: template, style, script, and the
 * records' data.
 *
 * The page may run what was built into this program and nothing else: its Content-Security-Policy
 * names script and style by their hashes, and the data is JSON in which no "<" is left.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_PAGE_PAGE_FILE_H
#define BPFTOLL_REPORTS_DOCUMENT_PAGE_PAGE_FILE_H

#include <jansson.h>
#include <stdio.h>

#include "calib/error.h"
#include "reports/document/page/bundle.h"
#include "reports/judge/record_set.h"
#include "reports/judge/verdict.h"

/*
 * The template with its marks replaced: {{title}}, {{script_hash}}, {{style_hash}}, {{style}},
 * {{script}}, {{data}}. What is put in is not looked at again. 0; -EINVAL: the template has another
 * mark; -EIO; -ENOMEM.
 */
int page_file_put(const struct bundle *bundle, const char *title, const json_t *data, FILE *out);

/* The same as a file: a new one beside path, then renamed. 0 or -errno, why. */
int page_file_write_data(const struct bundle *bundle, const char *title, const json_t *data,
			 const char *path, struct error *why);

/* DIR/report.html. 0; -ENOTSUP: this program was built without the page; other -errno, why. */
int page_file_write(const struct record_set *e, const struct verdicts *v, const char *dir,
		    struct error *why);

#endif
