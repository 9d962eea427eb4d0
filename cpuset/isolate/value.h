/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * value: the kinds of value that settings have, to tell one from rubbish before it is written.
 */
#ifndef BPFTOLL_CPUSET_ISOLATE_VALUE_H
#define BPFTOLL_CPUSET_ISOLATE_VALUE_H

#include <stdbool.h>

/* One to ten digits. */
bool value_is_number(const char *value);

/* A governor, a THP mode: 1 to 32 of a-z, 0-9, _ and -. */
bool value_is_word(const char *value);

/* A number of µs, or "n/a": the CPU may take no time at all to wake; 0: as long as it likes. */
bool value_is_latency(const char *value);

bool value_same(const char *a, const char *b);

/*
 * The value within a file's text, in place. whole: all of it; chosen: "always [madvise] never" ->
 * "madvise".
 */
void value_whole(char *text);
void value_chosen(char *text);

#endif
