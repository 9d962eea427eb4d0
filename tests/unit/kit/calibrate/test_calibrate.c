/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/calibrate/kernel_branches.h"
#include "kit/calibrate/price_loops.h"

/* What kernels say, and how they branch then. */
static void mitigations_are_understood(void **state)
{
	static const struct {
		const char *spectre_v2, *retbleed, *srso, *its;
		enum indirect_way indirect;
		enum return_way returns;
	} cases[] = {
		{"Mitigation: Retpolines; STIBP: disabled; RSB filling", "Not affected",
		 "Vulnerable: Safe RET, no microcode", "Not affected", INDIRECT_RETPOLINE,
		 RETURN_SAFE},
		{"Mitigation: Enhanced / Automatic IBRS; IBPB: conditional", "Not affected",
		 "Mitigation: Safe RET", "Not affected", INDIRECT_PLAIN, RETURN_SAFE},
		{"Mitigation: Enhanced / Automatic IBRS; IBPB: conditional; PBRSB-eIBRS: SW "
		 "sequence; BHI: BHI_DIS_S",
		 "Not affected", NULL, "Mitigation: Aligned branch/return thunks", INDIRECT_THUNK,
		 RETURN_JUMP},
		/* what follows the semicolon is no way of branching */
		{"Mitigation: Enhanced / Automatic IBRS; BHI: Retpoline", "Not affected", NULL,
		 NULL, INDIRECT_PLAIN, RETURN_PLAIN},
		{"Mitigation: Enhanced / Automatic IBRS + Retpolines", NULL, NULL, NULL,
		 INDIRECT_RETPOLINE, RETURN_PLAIN},
		{"Vulnerable: LFENCE", "Not affected", "Vulnerable: Microcode, no safe RET", NULL,
		 INDIRECT_LFENCE, RETURN_PLAIN},
		{"Mitigation: Retpolines", "Mitigation: untrained return thunk; SMT vulnerable",
		 NULL, NULL, INDIRECT_RETPOLINE, RETURN_JUMP},
		{"Mitigation: IBRS", "Mitigation: Stuffing", NULL, NULL, INDIRECT_PLAIN,
		 RETURN_UNKNOWN},
		{"Vulnerable", "Not affected", NULL, NULL, INDIRECT_PLAIN, RETURN_PLAIN},
		{NULL, NULL, NULL, NULL, INDIRECT_UNKNOWN, RETURN_PLAIN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kernel_branches b = kernel_branches_of(
			cases[i].spectre_v2, cases[i].retbleed, cases[i].srso, cases[i].its);

		assert_int_equal(b.indirect, cases[i].indirect);
		assert_int_equal(b.returns, cases[i].returns);
		assert_int_equal(*b.no_return.text != '\0', b.returns == RETURN_UNKNOWN);
		assert_int_equal(*b.no_indirect.text != '\0', b.indirect == INDIRECT_UNKNOWN);
	}
}

/* Every pair of ways has exactly one row of each kind, or none that is known to exist. */
static void each_kernel_has_its_rows(void **state)
{
#ifdef __x86_64__
	struct kernel_branches here = {RETURN_SAFE, INDIRECT_RETPOLINE, {""}, {""}};
	size_t returns = 0, indirect = 0;

	(void)state;
	for (size_t i = 0; i < priced_count; i++) {
		if (!price_applies(&priced[i], &here))
			continue;
		returns += !strcmp(priced[i].name, "call_return");
		indirect += !strcmp(priced[i].name, "indirect_call_return");
	}
	assert_int_equal(returns, 1);
	assert_int_equal(indirect, 1);
#else
	(void)state;
	skip();
#endif
}

/* Steps of a child that runs the loop; negative: it cannot be stepped. */
static long steps(price_loop *loop, void *area, uint64_t turns)
{
	pid_t pid = fork();
	long n = -2;
	int status;

	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			_exit(1);
		raise(SIGSTOP);
		loop(area, turns);
		raise(SIGSTOP);
		_exit(0);
	}
	for (int stops = 0; stops < 2 && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status);) {
		stops += WSTOPSIG(status) == SIGSTOP;
		n++;
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL))
			break;
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return n;
}

/* Of one turn: what stands before the loop, and what aligns it, is not in it. */
static long steps_of_turn(price_loop *loop, void *area)
{
	long one = steps(loop, area, 1);

	return one < 0 ? one : steps(loop, area, 2) - one;
}

/*
 * How many instructions one body more executes, counted by single steps: the price is of these and
 * no others, and every way of branching comes back to where it was called.
 */
static void bodies_have_their_instructions(void **state)
{
#ifdef __x86_64__
	static const struct {
		const char *name;
		int returns, indirect;
		long n;
	} expected[] = {
		{"call_return", RETURN_PLAIN, -1, 2},
		{"call_return", RETURN_JUMP, -1, 3},
		{"call_return", RETURN_SAFE, -1, 5},
		{"indirect_call_return", RETURN_PLAIN, INDIRECT_PLAIN, 2},
		{"indirect_call_return", RETURN_SAFE, INDIRECT_PLAIN, 5},
		{"indirect_call_return", RETURN_JUMP, INDIRECT_THUNK, 4},
		{"indirect_call_return", RETURN_PLAIN, INDIRECT_LFENCE, 4},
		{"indirect_call_return", RETURN_PLAIN, INDIRECT_RETPOLINE, 5},
		/* to the thunk 4, Safe RET 3, and the function returns by 4 */
		{"indirect_call_return", RETURN_SAFE, INDIRECT_RETPOLINE, 11},
		{"plain_independent", -1, -1, 4},
		{"load_dependent", -1, -1, 1},
		{"branch_taken", -1, -1, 1},
		{"lfence_rdtsc", -1, -1, 2},
		{"iret", -1, -1, 10},
		/* a rep is stepped turn by turn */
		{"rep_movsb_40", -1, -1, 43},
	};
	void *area =
		mmap(NULL, PRICE_AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_true(area != MAP_FAILED);
	for (size_t e = 0; e < sizeof(expected) / sizeof(expected[0]); e++) {
		size_t i = 0;
		long few, more;

		while (i < priced_count && (strcmp(priced[i].name, expected[e].name) != 0 ||
					    priced[i].returns != expected[e].returns ||
					    priced[i].indirect != expected[e].indirect))
			i++;
		assert_true(i < priced_count);
		few = steps_of_turn(priced[i].loops[0], area);
		more = steps_of_turn(priced[i].loops[1], area);
		if (few < 0)
			skip();
		assert_int_equal(more - few, 16 * expected[e].n);
		assert_int_equal(price_repeats[1] - price_repeats[0], 16);
	}
	munmap(area, PRICE_AREA);
#else
	(void)state;
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mitigations_are_understood),
		cmocka_unit_test(each_kernel_has_its_rows),
		cmocka_unit_test(bodies_have_their_instructions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
