/* SPDX-License-Identifier: GPL-3.0-or-later */
/* instruction_prices: what single instructions cost in user space (suite calibrate), as a table. */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_INSTRUCTION_PRICES_H
#define BPFTOLL_REPORTS_SHOW_COSTS_INSTRUCTION_PRICES_H

#include "reports/show/page.h"

/* Nothing for a record without any. 0 or -errno. */
int instruction_prices_print(struct page *page);

#endif
