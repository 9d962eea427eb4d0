/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "bpf/reader_state.h"
#include "kit/policy_words.h"

static const struct {
	const char *word;
	enum drain_state state;
} policies[] = {
	{"per-event", DRAIN_CAUGHT_UP}, {"none", DRAIN_IDLE},	   {"polled-1ms", DRAIN_POLLED_1MS},
	{"buffer-full", DRAIN_NONE},	{"busy-poll", DRAIN_BUSY}, {"every-N", DRAIN_SAMPLED},
	{"spin", DRAIN_SPIN},		{"polled", DRAIN_IDLE},
};
#define POLICIES (sizeof(policies) / sizeof(policies[0]))
#define SHOWN	 (POLICIES - 1) /* "polled" is another word for none */

const char *policy_word(size_t i)
{
	return i < SHOWN ? policies[i].word : NULL;
}

const char *policy_state(const char *word)
{
	enum drain_state state;
	char *end;

	for (size_t i = 0; i < POLICIES; i++)
		if (!strcmp(policies[i].word, word))
			return drain_state_name(policies[i].state);
	if (!strncmp(word, "every-", 6)) {
		unsigned long every = strtoul(word + 6, &end, 10);

		if (end == word + 6 || *end || every > READER_EVERY_MOST ||
		    reader_sampled_every((unsigned int)every))
			return NULL;
		return drain_state_name(DRAIN_SAMPLED);
	}
	return drain_state_find(word, &state) && state != DRAIN_OFF ? drain_state_name(state)
								    : NULL;
}
