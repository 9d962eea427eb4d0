/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/consumer.h"
#include "kit/arm_private.h"

void arm_fail(struct arm *arm, enum cell_status status, const char *fmt, ...)
{
	va_list args;

	arm->status = status;
	va_start(args, fmt);
	vsnprintf(arm->reason, sizeof(arm->reason), fmt, args);
	va_end(args);
}

bool arm_has_probe(const struct arm *arm)
{
	return arm->variant != NULL;
}

bool arm_sends(const struct arm *arm, const struct bench *bench)
{
	return arm_has_probe(arm) && body_output(arm->variant->body) != OUTPUT_NONE &&
	       bench->trigger->fires;
}

static void open_drain(struct arm *arm, const struct bench *bench)
{
	struct drain_expect expect = {timing_pid(bench->timing), bench->trigger->bytes,
				      bench->trigger->target, 0,
				      body_as_written(arm->variant->body)};
	char why[256] = "";

	if (drain_open(body_output(arm->variant->body), arm->drain_state,
		       probe_events_fd(arm->probe), bench->measure_cpu, bench->drain_cpu, &expect,
		       &arm->drain, why, sizeof(why)))
		arm_fail(arm, CELL_SKIPPED, "%s", why);
}

void arm_load(struct arm *arm, const struct bench *bench)
{
	char why[256] = "";

	if (arm->status != CELL_MEASURED || !arm_has_probe(arm) || arm->probe)
		return;
	/* exact counts can do without the consumer that a sampled wake-up finds asleep: the caller reads */
	if (drain_needs_cpu(arm->drain_state) && bench->drain_cpu < 0 &&
	    !(bench->exact && arm->drain_state == DRAIN_SAMPLED)) {
		arm_fail(arm, CELL_SKIPPED, "a consumer needs a second CPU, and there is one");
		return;
	}
	if (probe_open(arm->variant, bench->trigger->target, drain_wake_policy(arm->drain_state),
		       &arm->probe, why, sizeof(why)) ||
	    (body_wants_hit(arm->variant->body) &&
	     probe_monitor(arm->probe, timing_pid(bench->timing)))) {
		arm_fail(arm, CELL_SKIPPED, "%s", *why ? why : "monitored_pids cannot be filled");
		return;
	}
	if (!arm->facts.xlated_bytes)
		arm->facts = *probe_facts(arm->probe);
	arm->produced = 0;
	if (body_output(arm->variant->body) != OUTPUT_NONE)
		open_drain(arm, bench);
	arm->gate.drain = arm->drain;
}

bool arm_attach(struct arm *arm)
{
	char why[256] = "";

	if (!arm_has_probe(arm))
		return true;
	if (probe_attach(arm->probe, why, sizeof(why))) {
		arm_fail(arm, CELL_SKIPPED, "%s", why);
		return false;
	}
	snprintf(arm->mechanism, sizeof(arm->mechanism), "%s", probe_mechanism(arm->probe));
	if (arm->drain)
		drain_set_active(arm->drain, true);
	return true;
}

void arm_detach(struct arm *arm)
{
	if (!arm->probe)
		return;
	if (arm->drain)
		drain_set_active(arm->drain, false);
	probe_detach(arm->probe);
}

/* Keeps a buffer from filling, but for the state that wants it full. */
void arm_settle(struct arm *arm)
{
	int err;

	if (!arm->drain || arm->drain_state == DRAIN_NONE)
		return;
	err = drain_settle(arm->drain);
	if (err)
		arm_fail(arm, CELL_INVALID, "the consumer is stuck: %s", consumer_error(err));
}

static void check_books(struct arm *arm, const struct drain_books *b, uint64_t lost)
{
	if (body_output(arm->variant->body) == OUTPUT_PERF && b->lost_records != lost)
		arm_fail(arm, CELL_INVALID,
			 "the books do not balance: the program saw %llu events fail, perf's LOST "
			 "records say %llu",
			 (unsigned long long)lost, (unsigned long long)b->lost_records);
	else if (b->foreign || arm->produced != b->received + lost)
		arm_fail(arm, CELL_INVALID,
			 "the books do not balance: %llu produced, %llu received, %llu lost, %llu "
			 "not "
			 "ours",
			 (unsigned long long)arm->produced, (unsigned long long)b->received,
			 (unsigned long long)lost, (unsigned long long)b->foreign);
}

static void close_books(struct arm *arm, struct bench *bench)
{
	struct drain_books b;
	uint64_t lost;

	drain_settle(arm->drain);
	/* perf tells of what it lost in front of the next event that it can keep: send one */
	if (body_output(arm->variant->body) == OUTPUT_PERF && probe_dropped(arm->probe) &&
	    arm_attach(arm)) {
		arm_untimed(arm, bench, arm_run, 1);
		drain_settle(arm->drain);
		arm_detach(arm);
	}
	drain_books(arm->drain, &b);
	lost = probe_dropped(arm->probe);
	if (arm->status == CELL_MEASURED)
		check_books(arm, &b, lost);
	arm->books.produced += arm->produced;
	arm->books.received += b.received;
	arm->books.lost += lost;
	arm->books.lost_records += b.lost_records;
	arm->books.wakeups += b.wakeups;
}

void arm_unload(struct arm *arm, struct bench *bench)
{
	if (arm->probe && arm->drain && arm_sends(arm, bench))
		close_books(arm, bench);
	drain_close(arm->drain);
	probe_close(arm->probe);
	arm->drain = arm->gate.drain = NULL;
	arm->probe = NULL;
}

void arm_close(struct arm *arm)
{
	drain_close(arm->drain);
	probe_close(arm->probe);
	arm->drain = NULL;
	arm->probe = NULL;
}
