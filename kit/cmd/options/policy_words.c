/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "bpf/read/wakeup_policy.h"
#include "kit/cmd/options/policy_words.h"

static const struct {
	const char *word;
	enum wakeup_policy state;
} policies[] = {
	{"per-event", WAKEUP_CAUGHT_UP},
	{"none", WAKEUP_IDLE},
	{"polled-1ms", WAKEUP_POLLED_1MS},
	{"buffer-full", WAKEUP_NONE},
	{"busy-poll", WAKEUP_BUSY},
	{"every-N", WAKEUP_SAMPLED},
	{"spin", WAKEUP_SPIN},
	{"polled", WAKEUP_IDLE},
};
#define POLICIES (sizeof(policies) / sizeof(policies[0]))
#define SHOWN	 (POLICIES - 1) /* all but "polled", another word for none */

const char *policy_word(size_t i)
{
	return i < SHOWN ? policies[i].word : NULL;
}

const char *policy_summary(size_t i)
{
	return policies[i].state == WAKEUP_SAMPLED
		       ? "one event in N wakes the reader, which sleeps between (--wake-every: N)"
		       : wakeup_policy_summary(policies[i].state);
}

const char *policy_state(const char *word)
{
	enum wakeup_policy state;
	char *end;

	for (size_t i = 0; i < POLICIES; i++)
		if (!strcmp(policies[i].word, word))
			return wakeup_policy_name(policies[i].state);
	if (!strncmp(word, "every-", 6)) {
		unsigned long every = strtoul(word + 6, &end, 10);

		if (end == word + 6 || *end || every > READER_EVERY_MOST ||
		    reader_sampled_every((unsigned int)every))
			return NULL;
		return wakeup_policy_name(WAKEUP_SAMPLED);
	}
	return wakeup_policy_find(word, &state) && state != WAKEUP_OFF ? wakeup_policy_name(state)
								       : NULL;
}

const char *policy_take_every(const char *value)
{
	char *end;
	unsigned long every = strtoul(value, &end, 10);

	if (end == value || *end || every > READER_EVERY_MOST ||
	    reader_sampled_every((unsigned int)every))
		return "must be a power of two from 2 to 1024";
	return NULL;
}
