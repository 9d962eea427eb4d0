/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Contention for counters, without a PMU: perf_event_open's hardware events are replaced by
 * hardware breakpoints, one per event, on variables that the test writes a known number of times.
 * The test decides how many of them fit and which errors there are.
 */
#define _GNU_SOURCE
#include "tests/unit/calib/real_counters.h"

#include <dlfcn.h>
#include <linux/hw_breakpoint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EVENTS = PERF_COUNT_HW_MAX, FDS = 256 };

/* Written by the tests; watched[i] stands for hardware event i. */
static volatile uint64_t watched[EVENTS];

static struct {
	bool on;
	int slots;	  /* events that the kernel allows in one group */
	int room;	  /* events of one group that get onto the PMU at once */
	bool taken;	  /* another user has all counters */
	int refuse;	  /* errno for every hardware event, or 0 */
	int members[FDS]; /* of the group whose leader is this fd */
} fake;

static long real_syscall(long number, const long *a)
{
	static long (*next)(long, ...);

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static long open_breakpoint(const struct perf_event_attr *wanted, const long *a)
{
	struct perf_event_attr attr = *wanted;
	const long b[6] = {(long)&attr, a[1], a[2], a[3], a[4]};
	int group = (int)a[3];
	long fd;

	attr.type = PERF_TYPE_BREAKPOINT;
	attr.config = 0;
	attr.bp_type = HW_BREAKPOINT_W;
	attr.bp_addr = (uintptr_t)&watched[wanted->config];
	attr.bp_len = HW_BREAKPOINT_LEN_8;
	attr.exclude_kernel = 1;
	/* What the kernel does not check for breakpoints: only the leader is pinned. */
	if (fake.on && wanted->pinned != (group < 0)) {
		errno = EDOM;
		return -1;
	}
	if (group >= 0 && group < FDS && fake.members[group] >= fake.slots) {
		errno = EINVAL;
		return -1;
	}
	fd = real_syscall(SYS_perf_event_open, b);
	if (fd < 0 || fd >= FDS)
		return fd;
	if (group < 0)
		fake.members[fd] = 1;
	else
		fake.members[group]++;
	return fd;
}

/*
 * Overrides libc's syscall(), the only place where the kernel is asked for a counter. Not
 * instrumented: like libc's it takes six arguments, of which some callers pass fewer.
 */
long NOT_INSTRUMENTED syscall(long sysno, ...)
{
	const struct perf_event_attr *attr;
	long a[6];
	va_list args;

	va_start(args, sysno);
	attr = va_arg(args, const struct perf_event_attr *);
	a[0] = (long)attr;
	for (int i = 1; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (!fake.on || sysno != SYS_perf_event_open || attr->type != PERF_TYPE_HARDWARE)
		return real_syscall(sysno, a);
	if (fake.refuse) {
		errno = fake.refuse;
		return -1;
	}
	return open_breakpoint(attr, a);
}

/*
 * Overrides libc's read() to give the end of file that a pinned group in error gives. Breakpoints
 * cannot get into that state, since the kernel reserves their registers at open.
 */
ssize_t read(int fd, void *buf, size_t nbytes)
{
	const long a[6] = {fd, (long)buf, (long)nbytes};

	if (fake.on && fd >= 0 && fd < FDS && fake.members[fd]) {
		if (fake.taken)
			return 0;
		if (fake.members[fd] > fake.room) {
			/* The caller removes the one that is too many. */
			fake.members[fd]--;
			return 0;
		}
	}
	return real_syscall(SYS_read, a);
}

/* A PMU with so many counters for a group, of which other users leave `room`. */
static void fake_pmu(int slots, int room)
{
	fake.on = true;
	fake.slots = slots;
	fake.room = room;
}

static void NOT_INSTRUMENTED hit(int event, int times)
{
	for (int i = 0; i < times; i++)
		watched[event] = (uint64_t)i;
}

static int start_fresh(void **state)
{
	memset(&fake, 0, sizeof(fake));
	return set_up(state);
}

static int stop_faking(void **state)
{
	fake.on = false;
	return tear_down(state);
}

/* Skips only where no breakpoint is available at all: missing, or used by a debugger. */
static struct counters *open_faked(const char *events)
{
	const struct perf_event_attr plain = {
		.size = sizeof(plain),
		.type = PERF_TYPE_HARDWARE,
		.pinned = 1,
	};
	const long a[6] = {0, 0, allowed_cpu(0), -1, PERF_FLAG_FD_CLOEXEC};
	struct counters *c = NULL;
	struct error why = {0};
	long fd = open_breakpoint(&plain, a);
	int err;

	if (fd < 0) {
		print_message("skipped: no breakpoints to play the PMU: %s\n", strerror(errno));
		skip();
	}
	close((int)fd);
	err = counters_open(events, allowed_cpu(0), &c, &why);
	if (err)
		fail_msg("%s: %d, %s", events, err, why.text);
	return c;
}

static void splits_what_does_not_fit(void **state)
{
	static const int hits[] = {11, 5, 3, 8}; /* of each event, in each block of its pass */
	static const int config[] = {PERF_COUNT_HW_INSTRUCTIONS, PERF_COUNT_HW_CPU_CYCLES,
				     PERF_COUNT_HW_BRANCH_INSTRUCTIONS,
				     PERF_COUNT_HW_BRANCH_MISSES};
	struct counters *c;

	(void)state;
	fake_pmu(2, 2);
	c = open_faked("instructions:u,cycles:u,branches:u,branch-misses:u");
	assert_int_equal(counters_passes(c), 2);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(counters_at(c, i)->pass, i / 2);
		assert_false(counters_at(c, i)->valid);
		assert_non_null(counters_at(c, i)->reason);
	}
	for (int block = 0; block < 6; block++) {
		unsigned int pass = (unsigned int)block % 2;

		assert_int_equal(counters_begin(c, pass), 0);
		for (int i = 0; i < 4; i++)
			hit(config[i], hits[i] + block);
		assert_int_equal(counters_end(c, pass), 0);
		assert_counted(c, 2 * pass, (uint64_t)hits[2 * pass] + (uint64_t)block);
		assert_counted(c, 2 * pass + 1, (uint64_t)hits[2 * pass + 1] + (uint64_t)block);
	}
	/* Nothing is counted outside the blocks, and the other pass keeps its last block. */
	assert_counted(c, 0, 11 + 4);
	counters_close(c);
}

static void makes_a_pass_for_each_where_one_fits(void **state)
{
	struct counters *c;

	(void)state;
	fake_pmu(1, 1);
	c = open_faked("cycles:u,instructions:u,branches:u");
	assert_int_equal(counters_passes(c), 3);
	for (unsigned int pass = 0; pass < 3; pass++) {
		assert_int_equal(counters_begin(c, pass), 0);
		hit(PERF_COUNT_HW_BRANCH_INSTRUCTIONS, 4);
		assert_int_equal(counters_end(c, pass), 0);
	}
	assert_counted(c, 0, 0);
	assert_counted(c, 1, 0);
	assert_counted(c, 2, 4);
	counters_close(c);
}

/* The kernel accepts the group of four, but somebody else has counters: the PMU takes two. */
static void splits_what_has_no_room_now(void **state)
{
	struct counters *c;

	(void)state;
	fake_pmu(4, 2);
	c = open_faked("cycles:u,instructions:u,branches:u,branch-misses:u,page-faults:u");
	assert_int_equal(counters_passes(c), 2);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(counters_at(c, i)->pass, i / 2);
	assert_int_equal(counters_begin(c, 1), 0);
	hit(PERF_COUNT_HW_BRANCH_MISSES, 6);
	assert_int_equal(counters_end(c, 1), 0);
	assert_counted(c, 3, 6);
	counters_close(c);
}

static void assert_not_counted(const struct counters *c, size_t i, const char *reason)
{
	const struct counter *counter = counters_at(c, i);

	assert_false(counter->valid);
	assert_int_equal(counter->count, 0);
	assert_non_null(strstr(counter->reason, reason));
}

static void survives_another_user_of_the_pmu(void **state)
{
	struct counters *c;

	(void)state;
	fake_pmu(2, 2);
	c = open_faked("cycles:u,instructions:u");
	fake.taken = true;
	assert_int_equal(counters_begin(c, 0), -EBUSY);
	assert_not_counted(c, 1, "not on the PMU");
	assert_int_equal(counters_end(c, 0), -EINVAL);
	fake.taken = false;
	assert_int_equal(counters_begin(c, 0), 0);
	fake.taken = true;
	assert_int_equal(counters_end(c, 0), -EBUSY);
	assert_not_counted(c, 0, "during the block");
	fake.taken = false;
	assert_int_equal(counters_begin(c, 0), 0);
	hit(PERF_COUNT_HW_CPU_CYCLES, 9);
	assert_int_equal(counters_end(c, 0), 0);
	assert_counted(c, 0, 9);
	assert_counted(c, 1, 0);
	counters_close(c);
}

static void passes_on_the_kernels_refusals(void **state)
{
	char name[256] = "";

	(void)state;
	fake.on = true;
	fake.refuse = ENOENT;
	assert_refused("cycles:u", -EOPNOTSUPP, "PMU");
	assert_false(counters_pmu_present(name, sizeof(name)));
	assert_non_null(strstr(name, "ENOENT"));
	assert_null(counters_default_events());
	fake.refuse = EACCES;
	assert_refused("cycles:k", -EACCES, "perf_event_paranoid");
	fake.refuse = EMFILE;
	assert_refused("cycles:u", -EMFILE, "ulimit -n");
	fake.refuse = EINVAL;
	assert_refused("cycles:u", -EINVAL, "cycles:u: the kernel cannot count");
	fake.refuse = EBUSY;
	assert_refused("cycles:u", -EBUSY, "cycles:u: no free counter");
	fake.refuse = ENOSYS;
	assert_refused("cycles:u", -EOPNOTSUPP, "CONFIG_PERF_EVENTS");
}

/* What the kernel refuses keeps its reason, and what it accepts is counted. */
static void counts_the_rest_where_one_is_refused(void **state)
{
	struct counters *c = NULL;
	struct error why = {0};
	char *page = NULL;

	(void)state;
	fake.on = true;
	fake.refuse = EBUSY;
	assert_int_equal(
		counters_open("cycles:u,page-faults:u,instructions:u", allowed_cpu(0), &c, &why),
		0);
	assert_int_equal(counters_passes(c), 1);
	for (int round = 0; round < 2; round++) {
		page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_ptr_not_equal(page, MAP_FAILED);
		assert_int_equal(counters_begin(c, 0), 0);
		*(volatile char *)page = 1;
		assert_int_equal(counters_end(c, 0), 0);
		munmap(page, 4096);
	}
	assert_counted(c, 1, 1);
	assert_not_counted(c, 0, "no free counter");
	assert_not_counted(c, 2, "no free counter");
	counters_close(c);
}

static void tells_what_the_model_lacks(void **state)
{
	const struct counter_request list[] = {
		{"cycles:u", NULL, "this model has no cycles"},
		{"faults", "page-faults:u", NULL},
	};
	struct counters *c = NULL;
	struct error why = {0};

	(void)state;
	assert_int_equal(counters_open_list(list, 2, allowed_cpu(0), &c, &why), 0);
	assert_int_equal(counters_count(c), 2);
	assert_not_counted(c, 0, "has no cycles");
	assert_null(counters_at(c, 0)->event);
	assert_string_equal(counters_at(c, 1)->name, "faults");
	assert_string_equal(counters_at(c, 1)->event, "page-faults:u");
	assert_int_equal(counters_begin(c, 0), 0);
	assert_int_equal(counters_end(c, 0), 0);
	assert_true(counters_at(c, 1)->valid);
	counters_close(c);
	assert_int_equal(counters_open_list(list, 1, allowed_cpu(0), &c, &why), -ENOENT);
	assert_non_null(strstr(why.text, "has no cycles"));
	assert_null(c);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, start_fresh, stop_faking)
	const struct CMUnitTest tests[] = {
		T(splits_what_does_not_fit),	   T(makes_a_pass_for_each_where_one_fits),
		T(splits_what_has_no_room_now),	   T(survives_another_user_of_the_pmu),
		T(passes_on_the_kernels_refusals), T(counts_the_rest_where_one_is_refused),
		T(tells_what_the_model_lacks),
	};

	return cmocka_run_group_tests_name("counters_passes", tests, NULL, NULL);
}
