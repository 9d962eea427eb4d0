/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * value: the kinds of value that settings have: number, word, latency limit. A value from a journal
 * is checked with these before it is written; value_whole and value_chosen extract it from a file's
 * text.
 */
#ifndef BPFTOLL_CPUSET_ISOLATE_VALUE_H
#define BPFTOLL_CPUSET_ISOLATE_VALUE_H

#include <stdbool.h>

/* A number of one to ten digits. */
bool value_is_number(const char *value);

/* A word, as for a governor or a THP mode: 1 to 32 of a-z, 0-9, _ and -. */
bool value_is_word(const char *value);

/* A latency limit: a number of us, or "n/a": none allowed; 0: no limit. */
bool value_is_latency(const char *value);

bool value_same(const char *a, const char *b);

/*
 * Finds the value in a file's text, in place. whole: all of it; chosen: "always [madvise] never" ->
 * "madvise".
 */
void value_whole(char *text);
void value_chosen(char *text);

#endif
