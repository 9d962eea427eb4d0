/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * render: a record -> a table that an expert would believe. One column table drives all formats.
 */
#ifndef BPFTOLL_RENDER_H
#define BPFTOLL_RENDER_H

#include <stdio.h>
#include "reports/record.h"

enum render_format { RENDER_TEXT, RENDER_MARKDOWN, RENDER_CSV };

/* The whole record: conditions, one table a trigger, skipped rows grouped by reason. 0 or -errno. */
int render_record(const struct record *rec, enum render_format format, FILE *out);

#endif
