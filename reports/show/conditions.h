/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conditions: what a reader must know of the run before the first figure. Internal to render. */
#ifndef BPFTOLL_REPORTS_SHOW_CONDITIONS_H
#define BPFTOLL_REPORTS_SHOW_CONDITIONS_H

#include "reports/show/page.h"

/* Kernel, CPU, clock, placement, timer overhead; then each warning, and whether the run is partial.
 */
void conditions_print(struct page *p);

/* The same without the title, for a page that has its own. */
void conditions_facts(struct page *p);

/* What else happened on the measuring CPU while that workload's rounds ran; nothing where it was
 * not recorded. */
void conditions_during_run(struct page *p, const char *workload, const char *cache);

#endif
