/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page_data: records and their verdict -> the document that the interactive page shows. README.md
 * of this folder says what is in it.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_PAGE_PAGE_DATA_H
#define BPFTOLL_REPORTS_DOCUMENT_PAGE_PAGE_DATA_H

#include <jansson.h>

#include "reports/judge/record_set.h"
#include "reports/judge/verdict.h"

#define PAGE_SCHEMA "bpftoll-page/1"

/* version: of this program, "" where it is not known. NULL: out of memory. The same records give
 * the same document. */
json_t *page_data(const struct record_set *e, const struct verdicts *v, const char *version);

#endif
