/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PMU with others at work: other users of its counters, other threads on the CPU, other CPUs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calib/arch/arch.h"
#include "cpuset/affinity.h"
#include "kit/selfcheck/counting.h"

#define HOGS_MOST 64u
#define SWITCHES  200u

/* ---- other users of the PMU ---- */

/*
 * The kernel places pinned events of a CPU before those of a thread: as many of them as there are
 * counters leave no room.
 */
struct hogs {
	int fds[HOGS_MOST];
	size_t n;
};

static int hog_open(int cpu)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.pinned = 1,
		.disabled = 1,
	};

	return (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

static void hogs_switch(const struct hogs *hogs, bool on)
{
	for (size_t i = 0; i < hogs->n; i++)
		ioctl(hogs->fds[i], on ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
}

static bool hogs_open(struct hogs *hogs, int cpu)
{
	hogs->n = 0;
	while (hogs->n < HOGS_MOST) {
		int fd = hog_open(cpu);

		if (fd < 0)
			break;
		hogs->fds[hogs->n++] = fd;
	}
	return hogs->n > 0;
}

static void hogs_close(struct hogs *hogs)
{
	for (size_t i = 0; i < hogs->n; i++)
		close(hogs->fds[i]);
}

static void check_no_room(struct selfcheck *check, struct hogs *hogs)
{
	const char *name = "a PMU that another user holds";
	struct counters *c = counting_open(check, name, "instructions:u", check->placement->cpu);
	char text[192];
	int refused;
	bool said;

	if (!c)
		return;
	hogs_switch(hogs, true);
	refused = counters_begin(c, 0);
	said = counters_at(c, 0)->reason != NULL && !counters_at(c, 0)->valid;
	if (!refused)
		counters_end(c, 0);
	hogs_switch(hogs, false);
	snprintf(text, sizeof(text), "%s; free again it counts: %s",
		 said ? counters_at(c, 0)->reason : "no reason was given",
		 counting_count(c, 0, counting_spin, 1) != UINT64_MAX ? "yes" : "no");
	counting_say(check, refused == -EBUSY && said && counters_at(c, 0)->valid, name, text);
	counters_close(c);
}

static void check_stolen(struct selfcheck *check, struct hogs *hogs)
{
	const char *name = "a counter lost during a block";
	struct counters *c = counting_open(check, name, "instructions:u", check->placement->cpu);
	bool valid;

	if (!c)
		return;
	if (!counters_begin(c, 0)) {
		counting_spin(1000);
		hogs_switch(hogs, true);
		counting_spin(1000);
		hogs_switch(hogs, false);
		counters_end(c, 0);
	}
	valid = counters_at(c, 0)->valid;
	counting_say(check, !valid && counters_at(c, 0)->reason, name,
		     valid ? "the part that was not counted is not noticed"
			   : counters_at(c, 0)->reason);
	counters_close(c);
}

/* An event that had to give way: time_running and the count stop while time_enabled goes on. */
static void check_times(struct selfcheck *check, struct hogs *hogs)
{
	const char *name = "time_enabled against time_running";
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.exclude_kernel = 1,
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
	};
	uint64_t before[3] = {0}, free_at[3] = {0}, taken[3] = {0};
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	char text[192];
	bool all_read;

	if (fd < 0) {
		counting_skip(check, name, strerror(errno));
		return;
	}
	all_read = read(fd, before, sizeof(before)) == sizeof(before);
	counting_spin(COUNTING_TURNS);
	all_read &= read(fd, free_at, sizeof(free_at)) == sizeof(free_at);
	hogs_switch(hogs, true);
	counting_spin(COUNTING_TURNS);
	hogs_switch(hogs, false);
	all_read &= read(fd, taken, sizeof(taken)) == sizeof(taken);
	close(fd);
	snprintf(text, sizeof(text),
		 "with the PMU free %" PRIu64 " ns lost, in use by another %" PRIu64
		 " ns, and %" PRIu64 " of 200,000 instructions",
		 (free_at[1] - before[1]) - (free_at[2] - before[2]),
		 (taken[1] - free_at[1]) - (taken[2] - free_at[2]), taken[0] - free_at[0]);
	counting_say(check,
		     all_read && free_at[1] - before[1] == free_at[2] - before[2] &&
			     free_at[0] - before[0] >= 2ull * COUNTING_TURNS &&
			     taken[1] - free_at[1] > taken[2] - free_at[2] &&
			     taken[0] - free_at[0] < 2ull * COUNTING_TURNS,
		     name, text);
}

void counting_check_neighbours(struct selfcheck *check)
{
	struct hogs hogs;

	if (!hogs_open(&hogs, check->placement->cpu)) {
		counting_skip(check, "a PMU that another user holds",
			      "counting a whole CPU is not allowed here");
		return;
	}
	check_no_room(check, &hogs);
	check_stolen(check, &hogs);
	check_times(check, &hogs);
	hogs_close(&hogs);
}

/* ---- switches and migrations ---- */

static atomic_bool rival_on;

/* Takes the CPU whenever it is given up. */
static void *rival(void *cpu)
{
	affinity_pin(*(int *)cpu);
	while (rival_on)
		sched_yield();
	return NULL;
}

static void __attribute__((noinline)) spin_and_yield(uint64_t turns)
{
	for (unsigned int i = 0; i < SWITCHES; i++) {
		counting_spin(turns);
		arch_syscall3(SYS_sched_yield, 0, 0, 0);
	}
}

static long switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

/*
 * The same block with and without another thread on the CPU: none of its instructions may be
 * counted.
 */
void counting_check_switches(struct selfcheck *check, bool by_read)
{
	const char *name =
		by_read ? "context switches, by read()" : "context switches, in user space";
	struct counters *c = counting_open(check, name, "instructions:u", check->placement->cpu);
	int cpu = check->placement->cpu;
	uint64_t alone, exact = 0;
	pthread_t thread;
	char text[192];
	long before;

	if (!c)
		return;
	if (by_read)
		counters_by_read(c);
	spin_and_yield(10);
	alone = counting_count(c, 0, spin_and_yield, 100);
	rival_on = true;
	if (pthread_create(&thread, NULL, rival, &cpu)) {
		counting_skip(check, name, "no second thread can be started");
		counters_close(c);
		return;
	}
	before = switches();
	for (unsigned int t = 0; t < COUNTING_TRIALS; t++)
		exact += counting_count(c, 0, spin_and_yield, 100) == alone;
	before = switches() - before;
	rival_on = false;
	pthread_join(thread, NULL);
	snprintf(text, sizeof(text), "%" PRIu64 " of %u blocks as without a rival, %ld switches",
		 exact, COUNTING_TRIALS, before);
	counting_say(check,
		     alone != UINT64_MAX && exact == COUNTING_TRIALS && before >= (long)SWITCHES,
		     name, text);
	counters_close(c);
}

static int homes[2];

static void __attribute__((noinline)) spin_and_move(uint64_t there)
{
	for (unsigned int i = 0; i < SWITCHES; i++) {
		affinity_pin(homes[(i + 1) & (unsigned int)there]);
		counting_spin(100);
	}
	affinity_pin(homes[0]);
}

/*
 * No instruction may be lost in a migration. A block may read more: QEMU counts what any of its
 * CPUs executes, so what the old CPU still does while the new one runs the loop is included.
 */
void counting_check_moves(struct selfcheck *check)
{
	const char *name = "migrations";
	struct counters *c;
	uint64_t stayed, moved, exact = 0, lost = 0;
	char text[160];
	bool bound;

	homes[0] = check->placement->cpu;
	homes[1] = check->placement->reader_cpu;
	if (homes[1] < 0 || homes[1] == homes[0]) {
		counting_skip(check, name, "there is one CPU");
		return;
	}
	c = counting_open(check, name, "instructions:u", -1);
	if (!c)
		return;
	counters_by_read(c);
	counting_count(c, 0, spin_and_move, 0);
	stayed = counting_count(c, 0, spin_and_move, 0);
	for (unsigned int t = 0; t < 3; t++) {
		moved = counting_count(c, 0, spin_and_move, 0);
		stayed = moved < stayed ? moved : stayed;
	}
	for (unsigned int t = 0; t < COUNTING_TRIALS; t++) {
		moved = counting_count(c, 0, spin_and_move, 1);
		exact += moved == stayed && moved != UINT64_MAX;
		lost += moved < stayed || moved == UINT64_MAX;
	}
	counters_close(c);
	/* bound to one CPU, the same counter must report that it missed a part */
	c = counting_open(check, name, "instructions:u", homes[0]);
	bound = c && counting_count(c, 0, spin_and_move, 1) == UINT64_MAX;
	counters_close(c);
	snprintf(text, sizeof(text),
		 "%" PRIu64 " of %u blocks as without, %" PRIu64
		 " lost any; a counter of one CPU says that it missed a part: %s",
		 exact, COUNTING_TRIALS, lost, bound ? "yes" : "no");
	counting_say(check, 2 * exact >= COUNTING_TRIALS && !lost && bound, name, text);
}
