/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wrap: text of any length in the columns and lines that a screen has for it. */
#ifndef BPFTOLL_REPORTS_ANSWER_WRAP_H
#define BPFTOLL_REPORTS_ANSWER_WRAP_H

#include <stddef.h>
#include <stdio.h>

struct wrap {
	size_t indent, width, most; /* columns before all lines but the first; lines */
};

/*
 * Made safe and wrapped at spaces; what is beyond the last line, or a word beyond a line, is cut.
 * Returns its lines; out NULL: counts them alone. first: columns that the first line has already.
 */
size_t wrap_text(const char *text, size_t first, const struct wrap *by, FILE *out);

#endif
