/* SPDX-License-Identifier: GPL-3.0-or-later */
/* complete: what may stand at the cursor of a command line, for the shells (cmd_completions.c has
 * their side). */
#ifndef BPFTOLL_KIT_COMPLETE_H
#define BPFTOLL_KIT_COMPLETE_H

#include <stdio.h>

/* What the shell is to complete itself. */
#define COMPLETE_FILES ":files"

/*
 * The words behind "bpftoll", the last being that at the cursor (it may be empty). Prints one
 * candidate a line, with a tab and its summary, or COMPLETE_FILES.
 */
void complete_words(int n, char *const *words, FILE *out);

#endif
