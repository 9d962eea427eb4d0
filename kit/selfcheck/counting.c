/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdlib.h>
#include <sys/syscall.h>

#include "calib/arch/arch.h"
#include "kit/selfcheck/counting.h"
#include "kit/timing/tick.h"

void counting_say(struct selfcheck *check, bool ok, const char *name, const char *text)
{
	selfcheck_say(check, TOPIC_COUNTERS, ok ? SELFCHECK_OK : SELFCHECK_NOT_OK, name, "%s",
		      text);
}

void counting_skip(struct selfcheck *check, const char *name, const char *why)
{
	selfcheck_say(check, TOPIC_COUNTERS, SELFCHECK_SKIPPED, name, "%s", why);
}

struct counters *counting_open(struct selfcheck *check, const char *name, const char *events,
			       int cpu)
{
	struct counters *c;
	struct error why;

	if (!counters_open(events, cpu, &c, &why))
		return c;
	counting_skip(check, name, why.text);
	return NULL;
}

void counting_spin(uint64_t turns)
{
	arch_loop(turns);
}

void counting_spin_long(uint64_t turns)
{
	arch_long_loop(turns);
}

void counting_call(uint64_t times)
{
	for (uint64_t i = 0; i < times; i++)
		arch_syscall3(SYS_getppid, 0, 0, 0);
}

uint64_t counting_count(struct counters *c, size_t i, void (*work)(uint64_t), uint64_t amount)
{
	unsigned int pass = counters_at(c, i)->pass;

	if (counters_begin(c, pass))
		return UINT64_MAX;
	work(amount);
	if (counters_end(c, pass) || !counters_at(c, i)->valid)
		return UINT64_MAX;
	return counters_at(c, i)->count;
}

unsigned int counting_trials(struct counters *c, size_t i, void (*work)(uint64_t), uint64_t base,
			     uint64_t amount, uint64_t want, int64_t *worst)
{
	unsigned int exact = 0;
	struct tick tick;

	*worst = 0;
	tick_find(&tick);
	counting_count(c, i, work, base); /* the first run faults pages in */
	for (unsigned int t = 0; t < COUNTING_TRIALS; t++) {
		uint64_t less, more;
		int64_t off;

		/* for counts of kernel mode: no timer tick in either block */
		tick_dodge(&tick, 1000000);
		less = counting_count(c, i, work, base);
		more = counting_count(c, i, work, amount);
		if (less == UINT64_MAX || more == UINT64_MAX) {
			*worst = INT64_MAX;
			continue;
		}
		off = (int64_t)(more - less - want);
		exact += off == 0;
		if (llabs(off) > llabs(*worst))
			*worst = off;
	}
	return exact;
}

void counting_say_trials(struct selfcheck *check, const char *name, const char *what,
			 unsigned int exact, int64_t worst)
{
	char text[160];

	if (worst == INT64_MAX)
		snprintf(text, sizeof(text), "%s: not counted in every trial", what);
	else if (exact < COUNTING_TRIALS)
		snprintf(text, sizeof(text), "%s: %u of %u trials exact, off by up to %+" PRId64,
			 what, exact, COUNTING_TRIALS, worst);
	else
		snprintf(text, sizeof(text), "%s: difference 0 in %u of %u trials", what, exact,
			 COUNTING_TRIALS);
	counting_say(check, exact == COUNTING_TRIALS, name, text);
}
