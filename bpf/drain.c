/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "bpf/consumer.h"
#include "bpf/drain.h"
#include "bpf/shared.h"

#define SETTLE_DEADLINE_S 2.0

/* In memory that the reader process shares. */
struct drain {
	struct drain_expect expect;
	struct consumer *consumer;
	_Atomic uint64_t received, foreign, lost_records;
};

/* One writer at a time (the reader process, or the caller where there is none): no locked instruction needed. */
static void count(_Atomic uint64_t *counter, uint64_t by)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by,
			      memory_order_release);
}

/* a perf record is padded to 8 bytes behind its 4-byte size: 4 bytes more than was sent */
static bool has_size(size_t size, size_t sent)
{
	return size >= sent && size < sent + 8;
}

static bool is_event(const struct drain_expect *want, const void *data, size_t size)
{
	struct entropy_event e; /* a perf record leaves it at 4 bytes past a multiple of 8 */

	if (!has_size(size, sizeof(e)))
		return false;
	memcpy(&e, data, sizeof(e));
	/* what as_written says wrongly is reported.h's finding, not somebody else's event */
	if (want->as_written ? e.pid != (uint32_t)want->tgid
			     : e.tgid != (uint32_t)want->tgid || e.bytes_freed != want->bytes_freed)
		return false;
	return e.timestamp_ns &&
	       e.event_type == (want->target == TARGET_MUNMAP ? ENTROPY_MUNMAP : ENTROPY_MADVISE);
}

static bool is_marked(const struct drain_expect *want, const void *data, size_t size)
{
	uint64_t word = 0;

	if (size >= sizeof(word))
		memcpy(&word, data, sizeof(word));
	return word > want->mark && has_size(size, word - want->mark);
}

static void on_event(void *ctx, const void *data, size_t size)
{
	struct drain *drain = ctx;
	const struct drain_expect *want = &drain->expect;
	bool good = want->mark ? is_marked(want, data, size) : is_event(want, data, size);

	count(good ? &drain->received : &drain->foreign, 1);
}

static void on_lost(void *ctx, int cpu, uint64_t lost)
{
	struct drain *drain = ctx;

	(void)cpu;
	count(&drain->lost_records, lost);
}

int drain_open(enum output output, enum drain_state state, int events_fd, int producer_cpu,
	       int consumer_cpu, const struct drain_expect *expect, struct drain **out, char *why,
	       size_t why_len)
{
	const struct consumer_source source = {
		.perf = output == OUTPUT_PERF,
		.perf_bytes = RINGBUF_BYTES,
		.map_fds = &events_fd,
		.n_maps = 1,
	};
	struct consumer_options options = reader_options(state, consumer_cpu, producer_cpu);
	struct drain *drain = consumer_shared_alloc(sizeof(*drain));
	const struct consumer_calls calls = {on_event, on_lost, drain};
	int err;

	if (!drain)
		return -errno;
	drain->expect = *expect;
	options.inactive = true;
	err = consumer_open(&source, &options, &calls, &drain->consumer, why, why_len);
	if (err)
		drain_close(drain);
	else
		*out = drain;
	return err;
}

void drain_close(struct drain *drain)
{
	if (!drain)
		return;
	consumer_close(drain->consumer);
	consumer_shared_free(drain);
}

static uint64_t settled(const struct drain *drain)
{
	return atomic_load_explicit(&drain->received, memory_order_acquire) +
	       atomic_load_explicit(&drain->foreign, memory_order_acquire);
}

bool drain_asleep(struct drain *drain, uint64_t sent)
{
	return settled(drain) >= sent && consumer_asleep(drain->consumer);
}

void drain_set_active(struct drain *drain, bool active)
{
	consumer_set_active(drain->consumer, active);
}

int drain_settle(struct drain *drain)
{
	return consumer_settle(drain->consumer, SETTLE_DEADLINE_S);
}

void drain_books(const struct drain *drain, struct drain_books *out)
{
	*out = (struct drain_books){
		.received = atomic_load(&drain->received),
		.foreign = atomic_load(&drain->foreign),
		.lost_records = atomic_load(&drain->lost_records),
		.wakeups = consumer_wakeups(drain->consumer),
	};
}
