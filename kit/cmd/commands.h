/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * commands: the table of all subcommands. The file of a command (NAME.c in this folder) has its
 * options and its function.
 *
 * main finds one with commands_find, or calls commands_wrong.
 */
#ifndef BPFTOLL_KIT_COMMANDS_H
#define BPFTOLL_KIT_COMMANDS_H

#include <stdio.h>

#include "kit/cmd/options/options.h"

/* In the order of --help; ends with NULL. */
extern const struct command *const commands[];

extern const struct command cmd_run;
extern const struct command cmd_measure;
extern const struct command cmd_list;
extern const struct command cmd_doctor;
extern const struct command cmd_selfcheck;
extern const struct command cmd_report;
extern const struct command cmd_verdict;
extern const struct command cmd_compare;
extern const struct command cmd_predict;
extern const struct command cmd_export;
extern const struct command cmd_lab;
extern const struct command cmd_fleet;
extern const struct command cmd_restore;
extern const struct command cmd_recover;
extern const struct command cmd_store;
extern const struct command cmd_completions;

/* Returns NULL if there is none of that name. */
const struct command *commands_find(const char *name);

void commands_usage(FILE *out);

/*
 * Prints what is wrong with the first word, and what may have been meant. Returns EXIT_WRONG_USAGE.
 */
int commands_wrong(const char *word);

#endif
