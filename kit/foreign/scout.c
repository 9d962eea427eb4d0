/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf/foreign/foreign.h"
#include "bpf/load/probe.h"
#include "bpf/load/variant.h"
#include "bpf/read/probe_reader.h"
#include "calib/arch/arch.h"
#include "kit/foreign/scout.h"
#include "kit/probes/plan.h"
#include "kit/timing/timing.h"
#include "kit/timing/workload.h"

/* Counts of many calls less those of few: what the counting itself adds is in both. */
#define FEW		8
#define MANY		24
#define LEAST_RUNS	0.9 /* a call */
#define ATTEMPTS	10
#define NEAR_WHOLE	0.1
#define TOOL_PATIENCE_S 90 /* which may compile its programs first */
#define PATIENCE_S	30 /* of one program: loads take milliseconds, operations microseconds */
#define TICK_US		2000

/* ---- one program ---- */

struct trial {
	const struct foreign_entry *entry;
	struct probe *probe;
	struct probe_reader *reader; /* of its rings, or of its perf buffer; NULL: none */
	struct scouted *out;
	double ticks_per_ns;
};

static uint64_t events(const struct trial *t)
{
	if (!t->reader)
		return 0;
	probe_reader_settle(t->reader);
	return t->reader->counted.received + t->reader->counted.lost_records;
}

/* Runs and events of a number of calls, the least of all tries; call_ns: of the last. */
struct tried {
	double runs, events, bytes, call_ns;
};

static int try_calls(struct trial *t, const struct workload *workload, char *area, size_t n,
		     struct tried *least)
{
	uint64_t before, after, missed, was = events(t), start;
	uint64_t bytes = t->reader ? t->reader->bytes : 0;
	uint32_t ticks[MANY];
	int err = probe_hits(t->probe, &before, &missed);
	double sent;

	start = arch_clock();
	workload_block(workload, area, ticks, n, NULL);
	least->call_ns = (double)(arch_clock() - start) / t->ticks_per_ns / (double)n;
	err = err ? err : probe_hits(t->probe, &after, &missed);
	if (err)
		return err;
	least->runs = fmin(least->runs, (double)(after - before));
	sent = (double)(events(t) - was);
	if (sent < least->events) {
		least->events = sent;
		least->bytes = t->reader ? (double)(t->reader->bytes - bytes) : 0;
	}
	return 0;
}

/*
 * Many calls less few: what the count itself adds is in both. Other tasks add to either, until one
 * of several tries is free of them; fewer runs than calls end the tries.
 */
static double runs_of(struct trial *t, const struct workload *workload, char *area,
		      struct tried *few, struct tried *many)
{
	double runs = 0;

	*few = *many = (struct tried){.runs = INFINITY, .events = INFINITY};
	for (int i = 0; i < ATTEMPTS; i++) {
		if (try_calls(t, workload, area, FEW, few) ||
		    try_calls(t, workload, area, MANY, many))
			return 0;
		runs = fmax(many->runs - few->runs, 0) / (MANY - FEW);
		if (many->runs < LEAST_RUNS * MANY)
			break;
		/* the rest is another task's call: ours run it a whole number of times */
		if (runs >= LEAST_RUNS && fabs(runs - round(runs)) < NEAR_WHOLE)
			return round(runs);
	}
	return runs;
}

/* Does a call of this operation run the program, each time? */
static bool try_workload(struct trial *t, size_t w)
{
	const struct workload *workload = &workloads[w];
	struct tried few, many;
	struct error why;
	double runs;
	char *area;

	if (workload_open(workload, &area, &why))
		return false;
	runs = runs_of(t, workload, area, &few, &many);
	workload_close(workload, area);
	t->out->runs = fmax(t->out->runs, runs);
	if (runs < LEAST_RUNS)
		return false;
	t->out->workloads |= 1ull << w;
	t->out->call_ns[w] = many.call_ns;
	if (t->reader && many.events - few.events >= LEAST_RUNS * (MANY - FEW)) {
		t->out->buffers = t->reader->perf ? BUFFERS_PERF : BUFFERS_RINGBUF;
		t->out->event_bytes = fmax(t->out->event_bytes, many.bytes / MANY);
	}
	return true;
}

/* Is it the hook on the entry or exit of all syscalls? */
static bool is_any_syscall(const struct section *place)
{
	const char *name = strrchr(place->target, '/');

	name = name ? name + 1 : place->target;
	return !strcmp(name, "sys_enter") || !strcmp(name, "sys_exit");
}

/* How well an operation suits the place: 0 best; RANK_ANY: nothing speaks for it. */
#define RANK_SUITS 1
#define RANK_ANY   3
static int rank(const struct section *place, const struct workload *workload)
{
	char syscall[64];

	if (section_is_user(place->kind))
		return workload_reaches(workload, place->target) ? 0 : 4;
	if (!strncmp(workload->name, "libc_", 5))
		return 4;
	if (is_any_syscall(place))
		return strcmp(workload->name, "getppid") != 0 ? 3 : 0;
	if (section_syscall(place, syscall, sizeof(syscall))) {
		size_t n = strlen(syscall);
		bool named = !strncmp(workload->name, syscall, n) && workload->name[n] == '_';

		return named ? 0 : workload_reaches(workload, syscall) ? 1 : 3;
	}
	return workload_reaches(workload, place->target) ? RANK_SUITS : RANK_ANY;
}

static void find_workload(struct trial *t, const struct section *place,
			  const struct name_list *triggers, int worst)
{
	bool given = triggers->n > 0;

	for (int best = 0; best <= worst; best++)
		for (size_t w = 0; w < workloads_count; w++) {
			bool wanted = given ? !best && name_list_has(triggers, &plan_workloads,
								     workloads[w].name)
					    : rank(place, &workloads[w]) == best;

			if (wanted && try_workload(t, w) && !given)
				return;
		}
}

/* For each place where the tool has attached a program: the operation that suits it best. */
static void try_tool(struct trial *t, const struct name_list *triggers)
{
	const struct foreign_bundle *b = bundle();
	struct section anywhere = {.kind = SECTION_OTHER};

	for (size_t h = 0; h < b->n_hooks && !triggers->n; h++) {
		struct section place;

		section_parse(b->hooks[h], &place);
		find_workload(t, &place, triggers, RANK_SUITS);
	}
	if (!t->out->workloads)
		find_workload(t, &anywhere, triggers, RANK_ANY);
}

/* All operations that run programs of the object one by one. */
static void try_together(struct trial *t, const struct scouted *all)
{
	const struct foreign_bundle *b = bundle();
	uint64_t wanted = 0;

	for (size_t i = 0; i < b->n_entries; i++)
		if (b->entries[i].object == t->entry->object && b->entries[i].works)
			wanted |= all[i].workloads;
	for (size_t w = 0; w < workloads_count; w++)
		if (wanted >> w & 1)
			try_workload(t, w);
}

/* Reads its rings, or its perf buffer if it has none. */
static int open_reader(struct trial *t, struct error *why)
{
	const struct foreign_maps *maps = probe_foreign_maps(t->probe);
	bool perf = !maps->n_rings;

	if (!maps->n_rings && !maps->n_perfs)
		return 0;
	return probe_reader_open_any(perf, perf ? maps->perf_fds : maps->ring_fds,
				     perf ? 1 : maps->n_rings, WAKEUP_IDLE, -1, -1, &t->reader,
				     why);
}

static void try_entry(size_t i, const struct name_list *triggers, double ticks_per_ns,
		      struct scouted *all)
{
	const struct variant *variant = variant_at(variants_count + i);
	struct trial t = {.entry = variant->foreign, .out = &all[i], .ticks_per_ns = ticks_per_ns};
	struct error why = {0};
	int err = probe_open(variant, TARGET_MUNMAP, WAKE_DEFAULT, &t.probe, &why), counting = -1;

	if (!err && probe_monitors(t.probe, variant))
		err = probe_monitor(t.probe, getpid());
	if (!err)
		err = open_reader(&t, &why);
	if (!err)
		all[i].buffer_bytes = probe_foreign_maps(t.probe)->least_bytes;
	if (!err && triggers) {
		counting = probe_count_hits();
		if (counting < 0)
			err = error_set(&why, counting, "its runs cannot be counted: %s",
					counting == -EPERM ? "BPF_ENABLE_STATS needs CAP_SYS_ADMIN"
							   : strerror(-counting));
	}
	if (!err)
		err = probe_attach(t.probe, &why);
	if (err) {
		all[i].state = SCOUT_REFUSED;
		snprintf(all[i].reason, sizeof(all[i].reason), "%.*s",
			 (int)sizeof(all[i].reason) - 1, why.text);
	} else {
		if (triggers && t.entry->together)
			try_together(&t, all);
		else if (triggers && t.entry->tool)
			try_tool(&t, triggers);
		else if (triggers)
			find_workload(&t, &t.entry->place, triggers, RANK_ANY);
		all[i].state = all[i].workloads ? SCOUT_REACHED : SCOUT_UNREACHED;
	}
	if (counting >= 0)
		close(counting);
	probe_reader_close(t.reader);
	probe_close(t.probe);
}

/* ---- all of them ---- */

static void child(size_t first, const struct name_list *triggers, double ticks_per_ns,
		  struct scouted *all, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_IGN);
	signal(SIGALRM, SIG_DFL);
	if (getppid() != parent)
		_exit(1);
	for (size_t i = first; i < bundle()->n_entries; i++) {
		all[i].state = SCOUT_TRYING;
		alarm(bundle()->entries[i].tool ? TOOL_PATIENCE_S : PATIENCE_S);
		try_entry(i, triggers, ticks_per_ns, all);
	}
	_exit(0);
}

/* The entry that is being tried, or their number. */
static size_t at_entry(const struct scouted *all, size_t first)
{
	size_t i = first;

	while (i < bundle()->n_entries && all[i].state >= SCOUT_REFUSED)
		i++;
	return i;
}

static int wait_for(pid_t pid, const volatile sig_atomic_t *stop, const struct scouted *all,
		    size_t first, void (*progress)(double share, const char *what))
{
	int status;

	while (!waitpid(pid, &status, WNOHANG)) {
		size_t i = at_entry(all, first), n = bundle()->n_entries;

		if (*stop) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return -EINTR;
		}
		if (i < n)
			progress((double)i / (double)n, "trying");
		usleep(TICK_US);
	}
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static int rounds(size_t first, const struct name_list *triggers, double ticks_per_ns,
		  const volatile sig_atomic_t *stop,
		  void (*progress)(double share, const char *what), struct scouted *all,
		  struct error *why)
{
	const size_t n = bundle()->n_entries;

	while (first < n) {
		pid_t parent = getpid(), pid = fork();
		int how;

		if (pid < 0)
			return error_set(why, -errno, "no process: %s", strerror(errno));
		if (!pid)
			child(first, triggers, ticks_per_ns, all, parent);
		how = wait_for(pid, stop, all, first, progress);
		if (how < 0)
			return how;
		first = at_entry(all, first);
		if (first == n)
			break;
		all[first].state = SCOUT_REFUSED;
		snprintf(all[first].reason, sizeof(all[first].reason), "%s",
			 how == SIGALRM ? "trying it took too long"
			 : how		? "libbpf crashes when it loads this object: it is damaged"
					: "trying it ended early");
		first++;
	}
	return 0;
}

int scout_all(size_t first, const struct name_list *triggers, double ticks_per_ns,
	      const volatile sig_atomic_t *stop, void (*progress)(double share, const char *what),
	      struct scouted *out, struct error *why)
{
	const size_t bytes = BUNDLE_ENTRIES_MOST * sizeof(*out);
	struct scouted *shared = timing_memory(bytes);
	int err;

	if (!shared)
		return error_set(why, -ENOMEM, "out of memory");
	memcpy(shared, out, bytes);
	err = rounds(first, triggers, ticks_per_ns, stop, progress, shared, why);
	memcpy(out, shared, bytes);
	timing_memory_free(shared, bytes);
	return err;
}
