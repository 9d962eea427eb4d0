/* SPDX-License-Identifier: GPL-3.0-or-later */
/* precision_word: the value of --precision, "2ns", "0.5us" or "5%". */
#ifndef BPFTOLL_KIT_PRECISION_WORD_H
#define BPFTOLL_KIT_PRECISION_WORD_H

#include "reports/stats/sequential/stopping.h"

/* Returns NULL, or what the value must be. */
const char *precision_word(const char *word, struct precision *out);

/* The option's own: takes the value, and what was taken (value 0: nothing). */
const char *precision_take(const char *value);
struct precision precision_asked(void);

#endif
