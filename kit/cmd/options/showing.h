/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * showing: how a command shows its answer: options shared by those that print one, and the
 * terminal's width and colour.
 *
 * After options_parse: showing_full, else showing_answer.
 */
#ifndef BPFTOLL_KIT_CMD_SHOWING_H
#define BPFTOLL_KIT_CMD_SHOWING_H

#include <stdbool.h>

#include "kit/cmd/options/options.h"
#include "reports/answer/answer.h"
#include "reports/judge/record_set.h"

/* --full, --json, --color WHEN */
extern const struct option_row showing_rows[];

bool showing_full(void); /* all tables are asked for */
bool showing_json(void);

/* The terminal that stdout is: its width from ANSWER_NARROW to ANSWER_WIDE columns (narrow where it
 * is none), and whether colours are wanted there. */
struct answer_style showing_style(void);

/* Prints the answer as asked and closes it. 0 or -errno. */
int showing_answer(struct answer *a);

/* The same of a record's answer, with what is predicted from the set, which has that record. */
int showing_run(const struct record *record, const char *where, const struct record_set *set);

#endif
