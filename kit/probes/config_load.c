/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/foreign/foreign.h"
#include "bpf/read/consumer.h"
#include "calib/arch/arch.h"
#include "calib/timer_overhead.h"
#include "kit/probes/config_load.h"

void config_fail(struct config *config, enum result_status status, const char *fmt, ...)
{
	va_list args;

	config->status = status;
	va_start(args, fmt);
	vsnprintf(config->reason, sizeof(config->reason), fmt, args);
	va_end(args);
}

bool config_has_probe(const struct config *config)
{
	return config->variant != NULL;
}

bool config_sends(const struct config *config, const struct bench *bench)
{
	return config_has_probe(config) && body_output(config->variant->body) != OUTPUT_NONE &&
	       bench->workload->fires;
}

/* ---- calls ---- */

/* n timed regions in the experiment's cache state. */
static void windows(struct config *config, const struct bench *bench, uint32_t *out, size_t n,
		    struct gate *gate)
{
	struct evict *evict = config->timing ? bench->evict : NULL;
	bool stirred = bench->stir && !config->rehearsing;

	if (config->kind == CONFIG_TIMER && stirred)
		workload_floor_stirred(out, n, bench->stir);
	else if (config->kind == CONFIG_TIMER && evict)
		timer_overhead_cold_block(evict, out, n);
	else if (config->kind == CONFIG_TIMER)
		timer_overhead_block(out, n);
	else if (stirred)
		bench->workload->stirred(bench->area, out, n, gate, bench->stir);
	else
		bench->workload->block(bench->area, out, n, gate, evict);
}

void config_run(struct config *config, const struct bench *bench, uint32_t *out, size_t n)
{
	config->gate.sent = config->produced;
	config->gate.missed = 0;
	windows(config, bench, out, n, config->gated ? &config->gate : NULL);
	if (config_sends(config, bench))
		config->produced += n;
}

void config_run_bare(struct config *config, const struct bench *bench, uint32_t *out, size_t n)
{
	struct gate gate = config->gate;

	gate.wakeup = NULL;
	windows(config, bench, out, n, config->gated ? &gate : NULL);
}

static void block_job(void *ctx)
{
	struct config_job *job = ctx;
	uint64_t start = arch_clock();

	job->block(job->config, job->bench, job->out, job->n);
	job->ticks = arch_clock() - start;
}

uint64_t config_untimed(struct config *config, struct bench *bench, block_fn block, size_t n)
{
	struct config_job job = {
		.config = config, .bench = bench, .out = bench->scratch, .n = n, .block = block};

	timing_do(bench->timing, block_job, &job, sizeof(job));
	return job.ticks;
}

/* ---- life ---- */

/* The reader of a foreign program's buffers, as many as one process can read. */
static int open_foreign_reader(struct config *config, const struct bench *bench, struct error *why)
{
	const struct foreign_maps *maps = probe_foreign_maps(config->probe);
	bool perf = config->variant->foreign->buffers == BUFFERS_PERF;

	return probe_reader_open_any(perf, perf ? maps->perf_fds : maps->ring_fds,
				     perf ? 1 : maps->n_rings, config->wakeup_policy,
				     bench->measure_cpu, bench->reader_cpu, &config->wakeup, why);
}

static void open_wakeup(struct config *config, const struct bench *bench)
{
	struct probe_reader_expect expect = {timing_pid(bench->timing),
					     bench->workload->bytes,
					     bench->workload->target,
					     0,
					     body_as_written(config->variant->body),
					     false};
	struct error why = {0};
	int err;

	if (config->variant->foreign)
		err = open_foreign_reader(config, bench, &why);
	else
		err = probe_reader_open(body_output(config->variant->body), config->wakeup_policy,
					probe_events_fd(config->probe), bench->measure_cpu,
					bench->reader_cpu, &expect, &config->wakeup, &why);
	if (err)
		config_fail(config, RESULT_SKIPPED, "%s", why.text);
}

void config_load(struct config *config, const struct bench *bench)
{
	struct error why = {0};

	if (config->status != RESULT_MEASURED || !config_has_probe(config) || config->probe)
		return;
	/* exact counts of every N need no reader that sleeps: the caller reads */
	if (wakeup_policy_needs_cpu(config->wakeup_policy) && bench->reader_cpu < 0 &&
	    !(bench->exact && config->wakeup_policy == WAKEUP_SAMPLED)) {
		config_fail(config, RESULT_SKIPPED,
			    "a reader needs a second CPU, and there is one");
		return;
	}
	/* the ring buffer's programs count to it; of a perf buffer the reader's attributes do */
	if (wakeup_policy_row(config->wakeup_policy)->every)
		probe_wake_every(wakeup_policy_row(config->wakeup_policy)->every);
	if (probe_open(config->variant, bench->workload->target,
		       wakeup_ring_wake(config->wakeup_policy), &config->probe, &why) ||
	    (probe_monitors(config->probe, config->variant) &&
	     probe_monitor(config->probe, timing_pid(bench->timing)))) {
		config_fail(config, RESULT_SKIPPED, "%s",
			    *why.text ? why.text : "monitored_pids cannot be filled");
		return;
	}
	if (!config->told.facts.xlated_bytes)
		config->told.facts = *probe_facts(config->probe);
	config->produced = 0;
	if (body_output(config->variant->body) != OUTPUT_NONE ||
	    (config->variant->foreign && config->wakeup_policy != WAKEUP_OFF))
		open_wakeup(config, bench);
	config->gate.wakeup = config->wakeup;
}

bool config_attach(struct config *config)
{
	struct error why = {0};

	if (!config_has_probe(config))
		return true;
	if (probe_attach(config->probe, &why)) {
		config_fail(config, RESULT_SKIPPED, "%s", why.text);
		return false;
	}
	snprintf(config->told.mechanism, sizeof(config->told.mechanism), "%s",
		 probe_mechanism(config->probe));
	if (config->wakeup)
		consumer_set_active(config->wakeup->consumer, true);
	return true;
}

void config_detach(struct config *config)
{
	if (!config->probe)
		return;
	if (config->wakeup)
		consumer_set_active(config->wakeup->consumer, false);
	probe_detach(config->probe);
}

void config_settle(struct config *config)
{
	int err;

	if (!config->wakeup || config->wakeup_policy == WAKEUP_NONE)
		return;
	err = probe_reader_settle(config->wakeup);
	if (err)
		config_fail(config, RESULT_INVALID, "the reader is stuck: %s", consumer_error(err));
}

static void close_accounting(struct config *config, struct bench *bench)
{
	const struct accounting *counted = &config->wakeup->counted;
	struct error why;
	uint64_t lost;

	probe_reader_settle(config->wakeup);
	/* perf reports lost events only in front of the next event that fits: send one */
	if (body_output(config->variant->body) == OUTPUT_PERF && probe_dropped(config->probe) &&
	    config_attach(config)) {
		config_untimed(config, bench, config_run, 1);
		probe_reader_settle(config->wakeup);
		config_detach(config);
	}
	lost = probe_dropped(config->probe);
	if (config->status == RESULT_MEASURED &&
	    probe_reader_check(config->wakeup, config->produced, lost, &why))
		config_fail(config, RESULT_INVALID, "%s", why.text);
	result_events_add(&config->told.events,
			  &(struct result_events){
				  .produced = config->produced,
				  .received = counted->received,
				  .lost = lost,
				  .lost_records = counted->lost_records,
				  .wakeups = consumer_wakeups(config->wakeup->consumer),
			  });
}

/*
 * What a foreign program sent is known only from what was read: a perf buffer also tells how many
 * it lost.
 */
static void add_foreign_events(struct config *config)
{
	const struct accounting *counted = &config->wakeup->counted;
	uint64_t received, lost;

	probe_reader_settle(config->wakeup);
	received = counted->received;
	lost = counted->lost_records;
	result_events_add(&config->told.events,
			  &(struct result_events){
				  .produced = received + lost,
				  .received = received,
				  .lost = lost,
				  .lost_records = lost,
				  .wakeups = consumer_wakeups(config->wakeup->consumer),
			  });
}

void config_unload(struct config *config, struct bench *bench)
{
	if (config->probe && config->wakeup && config->variant->foreign)
		add_foreign_events(config);
	if (config->probe && config->wakeup && config_sends(config, bench))
		close_accounting(config, bench);
	probe_reader_close(config->wakeup);
	probe_close(config->probe);
	config->wakeup = config->gate.wakeup = NULL;
	config->probe = NULL;
}

void config_close(struct config *config)
{
	probe_reader_close(config->wakeup);
	probe_close(config->probe);
	config->wakeup = NULL;
	config->probe = NULL;
}
