/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy_words: the words that --wakeup-policy takes, and the name of each in a record
 * (bpf/read/wakeup_policy.h has the states).
 */
#ifndef BPFTOLL_KIT_POLICY_WORDS_H
#define BPFTOLL_KIT_POLICY_WORDS_H

#include <stddef.h>

/* "per-event", "none", …; NULL past the last. */
const char *policy_word(size_t i);

/* What it means; i: of a policy_word. */
const char *policy_summary(size_t i);

/*
 * The state's name: "caught_up" for per-event. Names of states stand for themselves, but for
 * "none", which means that the kernel wakes nobody (idle); the state of that name is buffer-full.
 * every-N sets N for the run, as --wake-every does. NULL: no such policy.
 */
const char *policy_state(const char *word);

#endif
