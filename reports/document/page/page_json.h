/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page_json: a record's rows, texts and figures as JSON for the page.
 *
 * A row goes whole, by its table of members (field.h): a new member of the record is in the page by
 * itself. Its members have the names that are shown ("drain" is "wakeup", "lo" is "low"), what is
 * not known is left out, and every string went through escape.h: what would act on a terminal does
 * not reorder a page either.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_PAGE_PAGE_JSON_H
#define BPFTOLL_REPORTS_DOCUMENT_PAGE_PAGE_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "reports/record/field.h"
#include "reports/stats/effect.h"

/* All return NULL where memory is out: jansson's functions take that for a failure of their own. */

/* null for NULL. */
json_t *page_json_text(const char *text);

/* null for what is no number. */
json_t *page_json_number(double value);

/* {"value", "low", "high"}; null without a value. */
json_t *page_json_effect(struct effect e);

/* The members that are known. kind: the key of its rows in record_top_fields. */
json_t *page_json_row(const void *row, const char *kind);

/* The known members of a part of the record's top: "host", "placement", "floor". */
json_t *page_json_part(const void *record, const char *key);

/* What say writes, as a text; say gets ctx. */
json_t *page_json_said(void (*say)(FILE *out, const void *ctx), const void *ctx);

/*
 * Writes the document as it stands in a script element: ASCII, no "<", 7 digits. 0 or -errno.
 */
int page_json_write(const json_t *document, FILE *out);

#endif
