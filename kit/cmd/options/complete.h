/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * complete: what can stand at the cursor of a command line, for the completion scripts of shells
 * (kit/cmd/completions.c).
 */
#ifndef BPFTOLL_KIT_COMPLETE_H
#define BPFTOLL_KIT_COMPLETE_H

#include <stdio.h>

/* Printed where the shell is to complete file names. */
#define COMPLETE_FILES ":files"

/*
 * words: those after "bpftoll"; the last is the one at the cursor and may be empty. Prints one
 * candidate a line, with a tab and its summary, or COMPLETE_FILES.
 */
void complete_words(int n, char *const *words, FILE *out);

#endif
