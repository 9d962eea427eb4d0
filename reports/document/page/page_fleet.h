/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page_fleet: the page of a fleet, DIR/fleet.html: a matrix of verdicts by machine type, kernel and
 * configuration, with what each rests on. The same template, script and policy as report.html; the
 * document has "fleet" and nothing else of records.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_PAGE_PAGE_FLEET_H
#define BPFTOLL_REPORTS_DOCUMENT_PAGE_PAGE_FLEET_H

#include <jansson.h>

#include "calib/error.h"
#include "reports/judge/fleet/fleet.h"

/* NULL: out of memory. */
json_t *page_fleet_data(const struct fleet *fleet, const char *version);

/* dir exists. 0; -ENOTSUP: this program was built without the page; other -errno; why. */
int page_fleet_write(const struct fleet *fleet, const char *dir, struct error *why);

#endif
