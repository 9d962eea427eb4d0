/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "bpf/read/wakeup_policy.h"
#include "bpf/programs/shared.h"
#include "kit/apps/treatment.h"

#define SETTLE_S 5.0

const char *treatment_name(const struct treatment *treatment)
{
	if (treatment->kind == TREATMENT_PROBE)
		return treatment->variant->name;
	return treatment->kind == TREATMENT_NONE ? "none_again" : "counting";
}

const char *treatment_monitored(const struct treatment *treatment)
{
	if (treatment->kind != TREATMENT_PROBE)
		return "-";
	return treatment->hit ? "hit" : "miss";
}

static void add_one(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static void on_event(void *ctx, const void *data, size_t size)
{
	struct treatment_received *seen = ctx;
	struct entropy_event event;
	bool good = size >= sizeof(event) && size < sizeof(event) + 8;

	if (good) {
		memcpy(&event, data, sizeof(event));
		good = event.event_type ==
		       (seen->target == TARGET_MUNMAP ? ENTROPY_MUNMAP : ENTROPY_MADVISE);
	}
	add_one(good ? &seen->received : &seen->foreign);
}

/* The program's own count of what it could not send is the one that is kept. */
static void on_lost(void *ctx, int cpu, uint64_t lost)
{
	(void)ctx;
	(void)cpu;
	(void)lost;
}

static int open_side(struct treatment *treatment, enum probe_target target, int cpu,
		     struct error *why)
{
	struct treatment_side *side = &treatment->side[target];
	const struct consumer_options options = reader_options(WAKEUP_LEVEL, cpu, -1);
	struct consumer_source source = {.perf = body_output(treatment->variant->body) ==
						 OUTPUT_PERF,
					 .perf_bytes = RINGBUF_BYTES,
					 .n_maps = 1};
	struct consumer_calls calls = {on_event, on_lost, NULL};
	int err, fd;

	side->seen = calls.ctx = consumer_shared_alloc(sizeof(*side->seen));
	if (!side->seen)
		return -errno;
	side->seen->target = target;
	err = probe_open(treatment->variant, target, wakeup_wake_policy(WAKEUP_LEVEL), &side->probe,
			 why);
	if (err)
		return err;
	fd = probe_events_fd(side->probe);
	source.map_fds = &fd;
	err = consumer_open(&source, &options, &calls, &side->consumer, why);
	if (err)
		return err;
	/* what the kernel cannot attach is known before the first window */
	err = probe_attach(side->probe, why);
	probe_detach(side->probe);
	return err;
}

void treatment_open(struct treatment *treatment, int consumer_cpu)
{
	int err = 0;

	if (treatment->kind == TREATMENT_COUNTING)
		err = rates_open(&treatment->rates, &treatment->reason);
	for (int t = 0; treatment->kind == TREATMENT_PROBE && t < TARGET_COUNT && !err; t++)
		err = open_side(treatment, (enum probe_target)t, consumer_cpu, &treatment->reason);
	if (!err)
		return;
	if (!*treatment->reason.text)
		error_say(&treatment->reason, "%s", strerror(-err));
	treatment_close(treatment);
	treatment->status = RESULT_SKIPPED;
}

void treatment_close(struct treatment *treatment)
{
	for (int t = 0; t < TARGET_COUNT; t++) {
		struct treatment_side *side = &treatment->side[t];

		if (side->probe)
			probe_detach(side->probe);
		consumer_close(side->consumer);
		probe_close(side->probe);
		consumer_shared_free(side->seen);
		side->seen = NULL;
		side->consumer = NULL;
		side->probe = NULL;
	}
	rates_close(treatment->rates);
	treatment->rates = NULL;
}

static int attach_side(struct treatment_side *side, bool hit, const pid_t *pids, size_t n,
		       struct error *why)
{
	int err = probe_monitor(side->probe, 0);

	for (size_t i = 0; i < n && hit && !err; i++)
		err = probe_monitor_also(side->probe, pids[i]);
	if (err)
		return error_set(why, err, "monitored_pids: %s", strerror(-err));
	return probe_attach(side->probe, why);
}

int treatment_on(struct treatment *treatment, const pid_t *pids, size_t n, struct error *why)
{
	int err = 0;

	treatment->on = true;
	if (treatment->kind == TREATMENT_COUNTING) {
		err = rates_monitor(treatment->rates, pids, n);
		return err ? err : rates_attach(treatment->rates, why);
	}
	for (int t = 0; treatment->kind == TREATMENT_PROBE && t < TARGET_COUNT && !err; t++)
		err = attach_side(&treatment->side[t], treatment->hit, pids, n, why);
	return err;
}

void treatment_join(struct treatment *treatment, const pid_t *pids, size_t n)
{
	if (!treatment->on)
		return;
	if (treatment->kind == TREATMENT_COUNTING)
		rates_monitor(treatment->rates, pids, n);
	for (int t = 0; treatment->kind == TREATMENT_PROBE && treatment->hit && t < TARGET_COUNT;
	     t++)
		for (size_t i = 0; i < n; i++)
			probe_monitor_also(treatment->side[t].probe, pids[i]);
}

int treatment_off(struct treatment *treatment)
{
	int err = 0;

	treatment->on = false;
	if (treatment->kind == TREATMENT_COUNTING)
		rates_detach(treatment->rates);
	for (int t = 0; treatment->kind == TREATMENT_PROBE && t < TARGET_COUNT; t++)
		probe_detach(treatment->side[t].probe);
	for (int t = 0; treatment->kind == TREATMENT_PROBE && t < TARGET_COUNT && !err; t++)
		err = consumer_settle(treatment->side[t].consumer, SETTLE_S);
	return err;
}

void treatment_tally(const struct treatment *treatment, struct tally *out)
{
	*out = (struct tally){0};
	if (treatment->kind == TREATMENT_COUNTING)
		out->calls = rates_counts(treatment->rates);
	for (int t = 0; treatment->kind == TREATMENT_PROBE && t < TARGET_COUNT; t++) {
		const struct treatment_side *side = &treatment->side[t];

		out->received[t] = atomic_load(&side->seen->received);
		out->foreign += atomic_load(&side->seen->foreign);
		out->dropped[t] = probe_dropped(side->probe);
		out->wakeups += consumer_wakeups(side->consumer);
		out->consumer_ns += consumer_cpu_ns(side->consumer);
	}
}
