/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run: what commands share that measure into a record. */
#ifndef BPFTOLL_KIT_CMD_RUN_H
#define BPFTOLL_KIT_CMD_RUN_H

#include "kit/cmd/suite.h"

/* --rounds, --calls, --seconds; --isolate, --strict; counters, --unit, --output */
extern const struct option_row run_how_long[], run_where[], run_beside[];

/* Sets up, runs the suite (NULL: the one that the options name), shows its record. The exit code.
 */
int run_suite(const struct suite *suite);

#endif
