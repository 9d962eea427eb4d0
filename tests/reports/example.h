/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record with one of everything, for the tests of its file and of its rendering. */
#ifndef BPFTOLL_TESTS_EXAMPLE_H
#define BPFTOLL_TESTS_EXAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record.h"

static inline struct record_cell *example_arm(struct record *rec, const char *hook,
					      const char *body, const char *trigger,
					      const char *drain, double cost)
{
	char variant[64];
	struct record_cell *cell;

	snprintf(variant, sizeof(variant), "%s_%s", hook, body);
	cell = record_add_cell(rec, strcmp(hook, "none") == 0 ? hook : variant, hook, body, trigger,
			       drain, "hot");
	if (!cell)
		abort();
	cell->n = 10000;
	cell->rounds = 20;
	cell->calls_per_round = 500;
	cell->hits.expected = cell->hits.counted = 500;
	if (strcmp(hook, "none") != 0) {
		cell->mechanism = strdup(hook);
		cell->baseline_id = strdup("none/munmap_einval/-/hot");
	}
	cell->overhead.typical = (struct effect){cost, cost - 0.4, cost + 0.5};
	cell->overhead.mean = (struct effect){cost + 3, cost - 5, cost + 12};
	cell->overhead.p50 = (struct effect){cost, cost - 10, cost + 10};
	cell->overhead.p90 = (struct effect){cost + 1, cost - 10, cost + 11};
	cell->overhead.p99 = (struct effect){cost + 20, cost - 30, cost + 45};
	cell->overhead.p999 = (struct effect){cost + 200, cost - 1000, cost + 1400};
	cell->p99_bound = (struct effect){cost + 90, cost + 60, cost + 130};
	cell->p99_least = (struct effect){cost - 10, cost - 25, cost + 5};
	cell->baseline = (struct distribution){260.5, 270, 260, 300, 431, 1208, 48221};
	cell->arm = (struct distribution){cost + 260.5, cost + 270,  cost + 260,  cost + 300,
					  cost + 451,	cost + 1408, cost + 48221};
	return cell;
}

static inline void example_events(struct record_cell *cell, uint64_t received, uint64_t lost,
				  uint64_t wakeups)
{
	cell->events.present = true;
	cell->events.received = received;
	cell->events.lost = lost;
	cell->events.produced = received + lost;
	cell->events.wakeups = wakeups;
}

static inline void example_skip(struct record *rec, const char *hook, const char *body,
				const char *reason)
{
	char variant[64];
	struct record_cell *cell;

	snprintf(variant, sizeof(variant), "%s_%s", hook, body);
	cell = record_add_cell(rec, variant, hook, body, "munmap_einval", "-", "hot");
	if (!cell)
		abort();
	cell->status = CELL_SKIPPED;
	cell->reason = strdup(reason);
}

static inline void example_host(struct record *rec)
{
	rec->argv = (char **)calloc(3, sizeof(char *));
	if (!rec->argv)
		abort();
	rec->argv[0] = strdup("bpftoll");
	rec->argv[1] = strdup("run");
	rec->argv[2] = strdup("--suite=quick");
	rec->n_argv = 3;
	rec->suite = strdup("quick");
	rec->seed = 0xffffffffffffff00ULL; /* above what JSON's integers hold */
	rec->host.kernel = strdup("6.1.0-28-amd64");
	rec->host.arch = strdup("x86_64");
	rec->host.cpu = strdup("Example CPU");
	rec->host.virtualization = strdup("kvm");
	rec->host.cpus = 2;
	rec->host.tsc_hz = 2450000123.5;
	rec->host.tsc_hz_rel_err = 3e-6;
	rec->host.tsc_quantum = 26;
	rec->host.btf = rec->host.jit = true;
	rec->placement.measure_cpu = 1;
	rec->placement.drain_cpu = 0;
	rec->placement.reason = strdup("the quieter of two");
	rec->floor.typical = 24.1;
	rec->floor.p99 = 42;
	record_add_degraded(rec, "steal time: %.1f %%", 1.4);
}

static inline struct record *example_record(void)
{
	struct record *rec = record_new();
	struct record_cell *cell;

	if (!rec)
		abort();
	example_host(rec);
	example_arm(rec, "none", "baseline", "munmap_einval", "-", 0);
	cell = record_add_cell(rec, "none_again", "none", "aa", "munmap_einval", "-", "hot");
	if (!cell)
		abort();
	cell->n = 10000;
	cell->overhead.typical = (struct effect){0.1, -0.4, 0.6};
	cell = example_arm(rec, "raw_tp", "empty", "munmap_einval", "-", 31);
	cell->samples = strdup("raw_tp_empty.munmap_einval.-.hot.gz");
	cell->spread = (struct load_spread){22, 61, 20};
	cell->workers = 8;
	cell->interval_over = strdup("worker processes");
	cell->modes = calloc(2, sizeof(*cell->modes));
	if (!cell->modes)
		abort();
	cell->n_modes = 2;
	cell->modes[0] = (struct load_mode){25, 0.6};
	cell->modes[1] = (struct load_mode){60, 0.4};
	cell->program.present = true;
	cell->program.verified_insns = 37;
	cell->program.xlated_bytes = 304;
	cell->program.jited_bytes = 218;
	cell->program.verify_us = 61;
	cell->counters = calloc(2, sizeof(*cell->counters));
	if (!cell->counters)
		abort();
	cell->n_counters = 2;
	cell->counters[0].name = strdup("instructions:k");
	cell->counters[0].per_call = (struct effect){120, 118, 122};
	cell->counters[1].name = strdup("cycles:k");
	cell->counters[1].per_call = (struct effect){120, 118, 122};
	cell->counters[1].reason = strdup("no PMU here");
	example_events(example_arm(rec, "raw_tp", "perf", "munmap_einval", "idle", 200), 10000, 0,
		       0);
	example_events(example_arm(rec, "raw_tp", "perf", "munmap_einval", "caught_up", 3200),
		       10000, 0, 9990);
	example_events(example_arm(rec, "raw_tp", "ringbuf", "munmap_einval", "idle", 100), 10000,
		       0, 0);
	example_events(example_arm(rec, "raw_tp", "ringbuf", "munmap_einval", "caught_up", 1500),
		       9000, 1000, 9990);
	example_arm(rec, "raw_tp", "empty", "getppid", "-", 0.1);
	example_arm(rec, "none", "floor", "munmap_einval", "-", 0);
	example_skip(rec, "kprobe", "empty",
		     "kernel built without CONFIG_KPROBES (/proc/config.gz)");
	example_skip(rec, "kprobe", "pid", "kernel built without CONFIG_KPROBES (/proc/config.gz)");
	example_skip(rec, "fentry", "pid", "no trampoline");
	return rec;
}

#endif
