/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * escape: text of unknown origin -> text that cannot act on a terminal, a Markdown page or a
 * spreadsheet.
 *
 * A record may come from anywhere. Control characters (C0, DEL, C1), bytes that are not UTF-8, and
 * the characters that reorder text are shown as \xNN; what the format itself would interpret is
 * escaped.
 */
#ifndef BPFTOLL_REPORTS_SHOW_ESCAPE_H
#define BPFTOLL_REPORTS_SHOW_ESCAPE_H

#include <stdio.h>
#include "reports/show/format.h"

/* NULL prints as "unknown" (nothing in CSV). Text and Markdown show the first 1,000 characters. */
void escape_print(FILE *out, const char *text, enum render_format format);

/* The same without CSV's quotation marks, for a field that has several parts: the caller writes the
 * marks. */
void escape_part(FILE *out, const char *text, enum render_format format);

/* Columns that a quoted string takes on a terminal: one per UTF-8 sequence. */
size_t escape_width(const char *text);

/* The first columns of a text that is safe already, and "…" for the rest. */
void escape_clip(FILE *out, const char *text, size_t columns);

#endif
