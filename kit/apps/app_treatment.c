/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "bpf/foreign/foreign.h"
#include "bpf/read/wakeup_policy.h"
#include "bpf/programs/shared.h"
#include "kit/apps/app_treatment.h"

const char *treatment_name(const struct treatment *treatment)
{
	if (treatment->variant)
		return treatment->variant->name;
	return treatment->kind == TREATMENT_NONE ? "none_again" : "counting";
}

const char *treatment_monitored(const struct treatment *treatment)
{
	if (treatment->kind != TREATMENT_PROBE)
		return "-";
	return treatment->hit ? "hit" : "miss";
}

static int open_side(struct treatment *treatment, enum probe_target target, int cpu,
		     struct error *why)
{
	struct treatment_side *side = &treatment->side[target];
	/* events may come from any process of the program and report any length */
	const struct probe_reader_expect expect = {.target = target};
	int err = probe_open(treatment->variant, target, wakeup_ring_wake(WAKEUP_LEVEL),
			     &side->probe, why);

	if (!err)
		err = probe_reader_open(body_output(treatment->variant->body), WAKEUP_LEVEL,
					probe_events_fd(side->probe), -1, cpu, &expect,
					&side->reader, why);
	if (err)
		return err;
	/* tried once, so that a refusal by the kernel is known before the first window */
	err = probe_attach(side->probe, why);
	probe_detach(side->probe);
	return err;
}

/* Its rings, or the first perf buffer of an object without any, are read as by a daemon. */
static int open_foreign(struct treatment *treatment, int cpu, struct error *why)
{
	struct treatment_side *side = &treatment->side[0];
	const struct foreign_maps *maps;
	int err = probe_open(treatment->variant, TARGET_MUNMAP, WAKE_DEFAULT, &side->probe, why);
	bool perf;

	if (err)
		return err;
	maps = probe_foreign_maps(side->probe);
	perf = !maps->n_rings;
	if (maps->n_rings || maps->n_perfs)
		err = probe_reader_open_any(perf, perf ? maps->perf_fds : maps->ring_fds,
					    perf ? 1 : maps->n_rings, WAKEUP_LEVEL, -1, cpu,
					    &side->reader, why);
	if (!err)
		err = probe_attach(side->probe, why);
	probe_detach(side->probe);
	return err;
}

void treatment_open(struct treatment *treatment, int consumer_cpu)
{
	int err = 0;

	if (treatment->kind == TREATMENT_FOREIGN)
		err = open_foreign(treatment, consumer_cpu, &treatment->reason);

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
		probe_reader_close(side->reader);
		probe_close(side->probe);
		side->reader = NULL;
		side->probe = NULL;
	}
	probe_close(treatment->rates);
	treatment->rates = NULL;
}

/* Exactly these processes are monitored. */
static int monitor(struct probe *probe, const pid_t *pids, size_t n)
{
	int err = probe_monitor(probe, 0);

	for (size_t i = 0; i < n && !err; i++)
		err = probe_monitor_also(probe, pids[i]);
	return err;
}

static int attach_to(struct probe *probe, const pid_t *pids, size_t n, struct error *why)
{
	int err = monitor(probe, pids, n);

	if (err)
		return error_set(why, err, "monitored_pids: %s", strerror(-err));
	return probe_attach(probe, why);
}

int treatment_on(struct treatment *treatment, const pid_t *pids, size_t n, struct error *why)
{
	int err = 0;

	treatment->on = true;
	if (treatment->kind == TREATMENT_FOREIGN)
		return probe_attach(treatment->side[0].probe, why);
	if (treatment->kind == TREATMENT_COUNTING)
		return attach_to(treatment->rates, pids, n, why);
	for (int t = 0; treatment->kind == TREATMENT_PROBE && t < TARGET_COUNT && !err; t++)
		err = attach_to(treatment->side[t].probe, pids, treatment->hit ? n : 0, why);
	return err;
}

void treatment_join(struct treatment *treatment, const pid_t *pids, size_t n)
{
	if (!treatment->on)
		return;
	if (treatment->kind == TREATMENT_COUNTING)
		monitor(treatment->rates, pids, n);
	for (int t = 0; treatment->kind == TREATMENT_PROBE && treatment->hit && t < TARGET_COUNT;
	     t++)
		for (size_t i = 0; i < n; i++)
			probe_monitor_also(treatment->side[t].probe, pids[i]);
}

int treatment_off(struct treatment *treatment)
{
	int err = 0;

	treatment->on = false;
	if (treatment->kind == TREATMENT_FOREIGN) {
		probe_detach(treatment->side[0].probe);
		return treatment->side[0].reader ? probe_reader_settle(treatment->side[0].reader)
						 : 0;
	}
	if (treatment->kind == TREATMENT_COUNTING)
		probe_detach(treatment->rates);
	for (int t = 0; treatment->kind == TREATMENT_PROBE && t < TARGET_COUNT; t++)
		probe_detach(treatment->side[t].probe);
	for (int t = 0; treatment->kind == TREATMENT_PROBE && t < TARGET_COUNT && !err; t++)
		err = probe_reader_settle(treatment->side[t].reader);
	return err;
}

void treatment_tally(const struct treatment *treatment, struct tally *out)
{
	const struct probe_reader *read = treatment->side[0].reader;

	*out = (struct tally){0};
	if (treatment->kind == TREATMENT_FOREIGN && read) {
		out->received[0] = read->counted.received;
		out->dropped[0] = read->counted.lost_records;
		out->wakeups = consumer_wakeups(read->consumer);
		out->consumer_ns = consumer_cpu_ns(read->consumer);
	}
	if (treatment->kind == TREATMENT_COUNTING)
		out->calls = rates_counts(treatment->rates);
	for (int t = 0; treatment->kind == TREATMENT_PROBE && t < TARGET_COUNT; t++) {
		const struct treatment_side *side = &treatment->side[t];

		/* perf's LOST records are already in the program's own count of dropped events */
		out->received[t] = side->reader->counted.received;
		out->foreign += side->reader->counted.foreign;
		out->dropped[t] = probe_dropped(side->probe);
		out->wakeups += consumer_wakeups(side->reader->consumer);
		out->consumer_ns += consumer_cpu_ns(side->reader->consumer);
	}
}
