/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks the PMU against loops of known length: reads in user space and by read(), the split of
 * user and kernel mode, groups, passes and overflow. shared_pmu.c checks what others do to a count.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/syscall.h>

#include "calib/arch/arch.h"
#include "calib/timer_overhead.h"
#include "kit/selfcheck/counting.h"

#define LONG_TURNS  ((1ull << 32) / 64 + 1000000) /* more than 2^32 instructions */
#define EVENTS_MANY 24u

static void check_loop(struct selfcheck *check, bool by_read)
{
	const char *name = by_read ? "known loop, by read()" : "known loop, read in user space";
	struct counters *c = counting_open(check, name, "instructions:u", check->placement->cpu);
	unsigned int exact;
	int64_t worst;

	if (!c)
		return;
	if (by_read)
		counters_by_read(c);
	counting_count(c, 0, counting_spin, 1);
	if (!by_read && !counters_at(c, 0)->rdpmc) {
		counting_skip(check, name,
			      "user space may not read counters here (aarch64: kernel 5.17 and "
			      "kernel.perf_user_access=1; run --isolate sets it)");
		counters_close(c);
		return;
	}
	exact = counting_trials(c, 0, counting_spin, 1, COUNTING_TURNS, 2ull * (COUNTING_TURNS - 1),
				&worst);
	counting_say_trials(check, name, "200,000 instructions", exact, worst);
	counters_close(c);
}

/* libpfm4's name for this PMU's own event must count what the generic one counts. */
static void check_own_name(struct selfcheck *check)
{
	static const char *const names[] = {"INST_RETIRED:u", "INST_RETIRED:ANY_P:u",
					    "RETIRED_INSTRUCTIONS:u"};
	const char *check_name = "known loop, by the PMU's own name";
	struct perf_event_attr attr;
	struct counters *c = NULL;
	unsigned int exact;
	struct error why = {0};
	int64_t worst;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !c; i++)
		if (!counters_encode(names[i], &attr, &why))
			c = counting_open(check, check_name, names[i], check->placement->cpu);
	if (!c) {
		counting_skip(check, check_name, why.text);
		return;
	}
	exact = counting_trials(c, 0, counting_spin, 1, COUNTING_TURNS, 2ull * (COUNTING_TURNS - 1),
				&worst);
	counting_say_trials(check, check_name, counters_at(c, 0)->name, exact, worst);
	counters_close(c);
}

/*
 * Where the clock counts instructions, the timed region and the PMU must agree about a single call.
 */
static void check_single_call(struct selfcheck *check)
{
	const char *name = "a call, against the timed region";
	struct counters *c = counting_open(check, name, "instructions:k", check->placement->cpu);
	uint64_t call_ticks = UINT64_MAX, empty_ticks = UINT64_MAX, ticks;
	unsigned int exact;
	int64_t worst;
	uint32_t tag;
	struct error why;

	if (!c)
		return;
	if (timer_overhead_prove_instructions(&why)) {
		counting_skip(check, name, "the clock tells time here, not instructions");
	} else {
		for (unsigned int t = 0; t < COUNTING_TRIALS; t++) {
			ARCH_TIMED_REGION(ARCH_BODY_EMPTY, ticks, tag, 0, 0, 0, 0);
			empty_ticks = ticks < empty_ticks ? ticks : empty_ticks;
			ARCH_TIMED_REGION(ARCH_BODY_SYSCALL, ticks, tag, SYS_getppid, 0, 0, 0);
			call_ticks = ticks < call_ticks ? ticks : call_ticks;
		}
		(void)tag;
		/* the timed region includes the user's instruction that makes the call */
		exact = counting_trials(c, 0, counting_call, 0, 1, call_ticks - empty_ticks - 1,
					&worst);
		counting_say_trials(check, name, "getppid in the kernel", exact, worst);
	}
	counters_close(c);
}

static void check_split(struct selfcheck *check)
{
	const char *name = "a loop without syscalls";
	struct counters *c = counting_open(check, name, "instructions:k", check->placement->cpu);
	unsigned int exact;
	int64_t worst;

	if (!c)
		return;
	exact = counting_trials(c, 0, counting_spin, 1, COUNTING_TURNS, 0, &worst);
	counting_say_trials(check, name, "nothing in the kernel", exact, worst);
	counters_close(c);
}

static void check_group(struct selfcheck *check)
{
	const char *name = "a group";
	struct counters *c =
		counting_open(check, name, "instructions:u,cycles:u", check->placement->cpu);
	unsigned int exact;
	char text[128];
	int64_t worst;

	if (!c)
		return;
	exact = counting_trials(c, 0, counting_spin, 1, COUNTING_TURNS, 2ull * (COUNTING_TURNS - 1),
				&worst);
	snprintf(text, sizeof(text), "two events, %u pass; both on the PMU all the time: %s",
		 counters_passes(c), counters_at(c, 1)->valid ? "yes" : "no");
	counting_say(check,
		     counters_passes(c) == 1 && exact == COUNTING_TRIALS &&
			     counters_at(c, 1)->valid,
		     name, text);
	counters_close(c);
}

static void many_events(char *list, size_t len)
{
	size_t used = 0;

	*list = '\0';
	for (unsigned int i = 0; i < EVENTS_MANY; i++)
		used += (size_t)snprintf(list + used, len - used, "%sinstructions:u", i ? "," : "");
}

/* Each event in a pass of its own must count the loop; nothing is scaled. */
static void check_passes(struct selfcheck *check)
{
	const char *name = "more events than counters";
	char list[EVENTS_MANY * 16], text[160];
	unsigned int exact = 0, passes;
	struct counters *c;

	many_events(list, sizeof(list));
	c = counting_open(check, name, list, check->placement->cpu);
	if (!c)
		return;
	passes = counters_passes(c);
	for (size_t i = 0; i < EVENTS_MANY; i++) {
		uint64_t less, more;

		counting_count(c, i, counting_spin, 1);
		less = counting_count(c, i, counting_spin, 1);
		more = counting_count(c, i, counting_spin, COUNTING_TURNS);
		exact += less != UINT64_MAX && more - less == 2ull * (COUNTING_TURNS - 1);
	}
	snprintf(text, sizeof(text), "%u events in %u passes, %u exact", EVENTS_MANY, passes,
		 exact);
	counting_say(check, exact == EVENTS_MANY && passes > 1, name, text);
	counters_close(c);
}

static void check_overflow(struct selfcheck *check, bool by_read)
{
	const char *name = by_read ? "past 32 bits, by read()" : "past 32 bits, in user space";
	struct counters *c = counting_open(check, name, "instructions:u", check->placement->cpu);
	uint64_t less, more, want = 64 * (LONG_TURNS - 1);
	char text[160];

	if (!c)
		return;
	if (by_read)
		counters_by_read(c);
	counting_count(c, 0, counting_spin_long, 1);
	less = counting_count(c, 0, counting_spin_long, 1);
	more = counting_count(c, 0, counting_spin_long, LONG_TURNS);
	if (more == UINT64_MAX)
		snprintf(text, sizeof(text), "%s", counters_at(c, 0)->reason);
	else
		snprintf(text, sizeof(text), "%" PRIu64 " instructions, difference %+" PRId64, want,
			 (int64_t)(more - less - want));
	counting_say(check, more != UINT64_MAX && more - less == want, name, text);
	counters_close(c);
}

int selfcheck_counters(struct selfcheck *check, struct selfcheck_share share)
{
	static const struct {
		const char *name;
		void (*run)(struct selfcheck *check);
		void (*run_by)(struct selfcheck *check, bool by_read); /* by page, then by read() */
	} checks[] = {
		{"loop", NULL, check_loop},
		{"loop", check_own_name, NULL},
		{"call", check_single_call, NULL},
		{"split", check_split, NULL},
		{"group", check_group, NULL},
		{"passes", check_passes, NULL},
		{"neighbours", counting_check_neighbours, NULL},
		{"switches", NULL, counting_check_switches},
		{"migrations", counting_check_moves, NULL},
		{"overflow", NULL, check_overflow},
	};
	const size_t n = sizeof(checks) / sizeof(checks[0]);
	char pmu[256];

	if (!counters_pmu_present(pmu, sizeof(pmu))) {
		counting_skip(check, "counters", pmu);
		return 0;
	}
	for (size_t i = 0; i < n && !*check->stop; i++) {
		check->progress(share.from + share.part * (double)i / (double)n, "counters");
		if (check->counter_check && strcmp(checks[i].name, check->counter_check) != 0)
			continue;
		if (checks[i].run)
			checks[i].run(check);
		for (int by_read = 0; checks[i].run_by && by_read < 2; by_read++)
			checks[i].run_by(check, by_read);
	}
	return *check->stop ? -EINTR : 0;
}
