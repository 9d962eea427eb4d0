/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * export: a record for other programs. The tables of members (field.h) drive it: a new
 * member is exported by itself.
 */
#ifndef BPFTOLL_REPORTS_EXPORT_EXPORT_H
#define BPFTOLL_REPORTS_EXPORT_EXPORT_H

#include <stdio.h>
#include "calib/error.h"
#include "reports/record/record.h"

/*
 * kind: a key of the record that holds rows ("cells", "slopes", "event_points", ...). One line a
 * row, one column a member; an estimate has three (name, name_lo, name_hi); what is not known is
 * empty. 0; -ENOENT: no such kind; -EIO.
 */
int export_csv(const struct record *rec, const char *kind, FILE *out);

/* Rows of a kind in the record. */
size_t export_rows(const struct record *rec, const char *kind);

/*
 * OpenMetrics 1.0 text: a gauge a member, bpftoll_KIND_MEMBER, with the row's names as labels and,
 * for an estimate, bound = value, lo or hi. Measured rows only; what is not known is left out. 0 or
 * -EIO.
 */
int export_openmetrics(const struct record *rec, FILE *out);

/* DIR/hit.folded of an X-ray, each line checked to be "frames count". -ENOENT: none; -EINVAL, why.
 */
int export_folded(const char *dir, FILE *out, struct error *why);

#endif
