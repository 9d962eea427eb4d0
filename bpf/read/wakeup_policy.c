/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bpf/load/probe.h"
#include "bpf/read/wakeup_policy.h"
#include "bpf/programs/shared.h"

static char sampled_name[24] = "sampled", sampled_summary[64] = "one event in 64 wakes the reader";

/*
 * name, summary, the kernel's wakeups: policy, N, bytes; the reader's wait and its interval in ms
 */
static struct wakeup_policy_row states[] = {
	[WAKEUP_OFF] = {"-", "the program sends nothing", WAKE_DEFAULT, 0, 0, WAIT_CALLER, -1},
	[WAKEUP_NONE] = {"none", "nobody reads: the buffer is full, every event is lost",
			 WAKE_DEFAULT, 0, 0, WAIT_CALLER, -1},
	[WAKEUP_IDLE] = {"idle", "nobody is woken; the caller reads between blocks of calls",
			 WAKE_NEVER, 0, 0, WAIT_CALLER, -1},
	[WAKEUP_CAUGHT_UP] =
		{"caught_up",
		 "the kernel's default: each event that finds the reader asleep wakes it",
		 WAKE_DEFAULT, 0, 0, WAIT_EDGE, -1},
	[WAKEUP_BUSY] = {"busy", "the kernel's default, and the reader spins on the buffer",
			 WAKE_DEFAULT, 0, 0, WAIT_SPIN, -1},
	[WAKEUP_SAMPLED] = {sampled_name, sampled_summary, WAKE_SAMPLED, WAKE_SAMPLE_EVERY, 0,
			    WAIT_EDGE, -1},
	[WAKEUP_POLLED_1MS] = {"polled_1ms", "nobody is woken; the reader looks every 1 ms",
			       WAKE_NEVER, 0, 0, WAIT_EDGE, 1},
	[WAKEUP_SPIN] = {"spin", "nobody is woken; the reader spins on the buffer", WAKE_NEVER, 0,
			 0, WAIT_SPIN, -1},
	/* policies of single scenarios have no summary; wakeup_policy.h says what they are */
	[WAKEUP_LEVEL] = {"level", NULL, WAKE_DEFAULT, 0, 0, WAIT_LEVEL, -1},
	[WAKEUP_POLL] = {"poll", NULL, WAKE_DEFAULT, 0, 0, WAIT_POLL, -1},
	[WAKEUP_FORCED] = {"forced", NULL, WAKE_ALWAYS, 0, 0, WAIT_LEVEL, -1},
	[WAKEUP_POLLED_10MS] = {"polled_10ms", NULL, WAKE_NEVER, 0, 0, WAIT_EDGE, 10},
	[WAKEUP_SAMPLED_16_10MS] = {"sampled_16_10ms", NULL, WAKE_SAMPLED, 16, 0, WAIT_EDGE, 10},
	[WAKEUP_SAMPLED_256_10MS] = {"sampled_256_10ms", NULL, WAKE_SAMPLED, 256, 0, WAIT_EDGE, 10},
	[WAKEUP_SAMPLED_512] = {"sampled_512", NULL, WAKE_SAMPLED, 512, 0, WAIT_EDGE, -1},
	[WAKEUP_WATERMARK_16K_10MS] = {"watermark_16K_10ms", NULL, WAKE_SAMPLED, 0, 16384,
				       WAIT_EDGE, 10},
	[WAKEUP_BACKLOG] = {"backlog", NULL, WAKE_NEVER, 0, 0, WAIT_EDGE, -1},
};
static_assert(sizeof(states) / sizeof(states[0]) == WAKEUP_COUNT, "a row for each state");

const struct wakeup_policy_row *wakeup_policy_row(enum wakeup_policy state)
{
	return &states[state];
}

int reader_sampled_every(unsigned int every)
{
	if (every < 2 || every > READER_EVERY_MOST || (every & (every - 1)))
		return -EINVAL;
	states[WAKEUP_SAMPLED].every = every;
	probe_wake_every(every);
	if (every == WAKE_SAMPLE_EVERY)
		snprintf(sampled_name, sizeof(sampled_name), "sampled");
	else
		snprintf(sampled_name, sizeof(sampled_name), "sampled_%u", every);
	snprintf(sampled_summary, sizeof(sampled_summary), "one event in %u wakes the reader",
		 every);
	return 0;
}

static bool nobody(const struct wakeup_policy_row *state)
{
	return state->wait == WAIT_CALLER && state->wake == WAKE_DEFAULT;
}

const char *reader_wake_name(const struct wakeup_policy_row *state)
{
	static const char *const names[] = {[WAKE_DEFAULT] = "default",
					    [WAKE_NEVER] = "never",
					    [WAKE_SAMPLED] = "every",
					    [WAKE_ALWAYS] = "force"};

	return names[state->wake];
}

const char *reader_wait_name(const struct wakeup_policy_row *state)
{
	static const char *const names[] = {[WAIT_CALLER] = "caller",
					    [WAIT_EDGE] = "edge",
					    [WAIT_LEVEL] = "level",
					    [WAIT_POLL] = "poll",
					    [WAIT_SPIN] = "spin"};

	return nobody(state) ? "none" : names[state->wait];
}

struct consumer_options reader_options(enum wakeup_policy state, int cpu, int perf_cpu)
{
	const struct wakeup_policy_row *s = &states[state];
	struct consumer_options options = {
		.wait = cpu >= 0 ? s->wait : WAIT_CALLER,
		.cpu = cpu,
		.timeout_ms = s->interval_ms,
		.perf_cpu = perf_cpu,
		.perf_wakeup_events = s->every ? s->every : 1,
		.perf_watermark = s->every_bytes,
	};

	/*
	 * the kernel treats so high a mark as the whole buffer, so the reader is woken once per
	 * buffer (ring_buffer_init)
	 */
	if (s->wake == WAKE_NEVER || s->wait == WAIT_CALLER)
		options.perf_watermark = UINT32_MAX;
	return options;
}

const char *wakeup_policy_name(enum wakeup_policy state)
{
	return states[state].name;
}

const char *wakeup_policy_summary(enum wakeup_policy state)
{
	return states[state].summary;
}

bool wakeup_policy_find(const char *name, enum wakeup_policy *out)
{
	for (int i = 0; i < WAKEUP_NAMED_COUNT; i++)
		if (!strcmp(states[i].name, name) ||
		    (i == WAKEUP_SAMPLED && !strcmp(name, "sampled"))) {
			*out = (enum wakeup_policy)i;
			return true;
		}
	return false;
}

bool wakeup_policy_needs_cpu(enum wakeup_policy state)
{
	return states[state].wait != WAIT_CALLER;
}

enum ring_wake wakeup_ring_wake(enum wakeup_policy state)
{
	return states[state].wake;
}
