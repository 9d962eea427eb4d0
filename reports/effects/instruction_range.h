/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * instruction_range: what an instruction costs, with all that is known to move it: the interval
 * over the rounds and what one more cost between two lengths of its loop.
 */
#ifndef BPFTOLL_REPORTS_EFFECTS_INSTRUCTION_RANGE_H
#define BPFTOLL_REPORTS_EFFECTS_INSTRUCTION_RANGE_H

#include "reports/record/record_rows.h"

struct effect instruction_range(const struct instruction_price *price);

#endif
