/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record with one of everything, for the tests of its file and of its rendering. */
#ifndef BPFTOLL_TESTS_UNIT_REPORTS_EXAMPLE_H
#define BPFTOLL_TESTS_UNIT_REPORTS_EXAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record/record.h"

static inline struct record_result *example_config(struct record *rec, const char *hook,
						   const char *body, const char *workload,
						   const char *wakeup, double cost)
{
	char variant[64];
	struct record_result *result;

	snprintf(variant, sizeof(variant), "%s_%s", hook, body);
	result = record_add_result(rec, strcmp(hook, "none") == 0 ? hook : variant, hook, body,
				   workload, wakeup, "hot");
	if (!result)
		abort();
	result->n = 10000;
	result->rounds = 20;
	result->calls_per_round = 500;
	result->hits.expected = result->hits.counted = 500;
	if (strcmp(hook, "none") != 0) {
		result->mechanism = strdup(hook);
		result->baseline_id = strdup("none/munmap_einval/-/hot");
	}
	result->overhead.typical = (struct effect){cost, cost - 0.4, cost + 0.5};
	result->overhead.mean = (struct effect){cost + 3, cost - 5, cost + 12};
	result->overhead.p50 = (struct effect){cost, cost - 10, cost + 10};
	result->overhead.p90 = (struct effect){cost + 1, cost - 10, cost + 11};
	result->overhead.p99 = (struct effect){cost + 20, cost - 30, cost + 45};
	result->overhead.p999 = (struct effect){cost + 200, cost - 1000, cost + 1400};
	result->p99_bound = (struct effect){cost + 90, cost + 60, cost + 130};
	result->p99_least = (struct effect){cost - 10, cost - 25, cost + 5};
	result->baseline = (struct distribution){260.5, 270, 260, 300, 431, 1208, 48221};
	result->config = (struct distribution){cost + 260.5, cost + 270,  cost + 260,  cost + 300,
					       cost + 451,   cost + 1408, cost + 48221};
	return result;
}

static inline void example_events(struct record_result *result, uint64_t received, uint64_t lost,
				  uint64_t wakeups)
{
	result->events.present = true;
	result->events.received = received;
	result->events.lost = lost;
	result->events.produced = received + lost;
	result->events.wakeups = wakeups;
}

static inline void example_skip(struct record *rec, const char *hook, const char *body,
				const char *reason)
{
	char variant[64];
	struct record_result *result;

	snprintf(variant, sizeof(variant), "%s_%s", hook, body);
	result = record_add_result(rec, variant, hook, body, "munmap_einval", "-", "hot");
	if (!result)
		abort();
	result->status = RESULT_SKIPPED;
	result->reason = strdup(reason);
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
	rec->seed = 0xffffffffffffff00ULL; /* more than JSON's integers hold */
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
	rec->placement.reader_cpu = 0;
	rec->placement.reason = strdup("the quieter of two");
	rec->floor.typical = 24.1;
	rec->floor.p99 = 42;
	record_add_warning(rec, "steal time: %.1f %%", 1.4);
}

static inline struct record *example_record(void)
{
	struct record *rec = record_new();
	struct record_result *result;

	if (!rec)
		abort();
	example_host(rec);
	example_config(rec, "none", "baseline", "munmap_einval", "-", 0);
	result = record_add_result(rec, "none_again", "none", "aa", "munmap_einval", "-", "hot");
	if (!result)
		abort();
	result->n = 10000;
	result->overhead.typical = (struct effect){0.1, -0.4, 0.6};
	result = example_config(rec, "raw_tp", "empty", "munmap_einval", "-", 31);
	result->samples = strdup("raw_tp_empty.munmap_einval.-.hot.gz");
	result->spread = (struct load_spread){22, 61, 20};
	result->workers = 8;
	result->interval_over = strdup("worker processes");
	result->modes = calloc(2, sizeof(*result->modes));
	if (!result->modes)
		abort();
	result->n_modes = 2;
	result->modes[0] = (struct load_mode){25, 0.6};
	result->modes[1] = (struct load_mode){60, 0.4};
	result->program.present = true;
	result->program.verified_insns = 37;
	result->program.xlated_bytes = 304;
	result->program.jited_bytes = 218;
	result->program.verify_us = 61;
	result->counters = calloc(2, sizeof(*result->counters));
	if (!result->counters)
		abort();
	result->n_counters = 2;
	result->counters[0].name = strdup("instructions:k");
	result->counters[0].per_call = (struct effect){120, 118, 122};
	result->counters[1].name = strdup("cycles:k");
	result->counters[1].per_call = (struct effect){120, 118, 122};
	result->counters[1].reason = strdup("no PMU here");
	example_events(example_config(rec, "raw_tp", "perf", "munmap_einval", "idle", 200), 10000,
		       0, 0);
	example_events(example_config(rec, "raw_tp", "perf", "munmap_einval", "caught_up", 3200),
		       10000, 0, 9990);
	example_events(example_config(rec, "raw_tp", "ringbuf", "munmap_einval", "idle", 100),
		       10000, 0, 0);
	example_events(example_config(rec, "raw_tp", "ringbuf", "munmap_einval", "caught_up", 1500),
		       9000, 1000, 9990);
	example_config(rec, "raw_tp", "empty", "getppid", "-", 0.1);
	example_config(rec, "none", "floor", "munmap_einval", "-", 0);
	example_skip(rec, "kprobe", "empty",
		     "kernel built without CONFIG_KPROBES (/proc/config.gz)");
	example_skip(rec, "kprobe", "pid", "kernel built without CONFIG_KPROBES (/proc/config.gz)");
	example_skip(rec, "fentry", "pid", "no trampoline");
	return rec;
}

#endif
