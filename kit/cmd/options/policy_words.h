/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy_words: the words that --wakeup-policy accepts, and the name of each in a record
 * (bpf/read/wakeup_policy.h has the policies).
 */
#ifndef BPFTOLL_KIT_POLICY_WORDS_H
#define BPFTOLL_KIT_POLICY_WORDS_H

#include <stddef.h>

/* The i-th word: "per-event", "none", …; NULL past the last. */
const char *policy_word(size_t i);

/* What it means; i: of a policy_word. */
const char *policy_summary(size_t i);

/*
 * The name in records: "caught_up" for per-event. Names in records are accepted too, except "none":
 * as a word it means that the kernel wakes nobody ("idle" in records); what records call "none" is
 * the word buffer-full. every-N sets N for the run, as --wake-every does. Returns NULL if there is
 * no such policy.
 */
const char *policy_state(const char *word);

/* --wake-every: sets N for the run. NULL, or what it must be. */
const char *policy_take_every(const char *value);

#endif
