/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "bpf/accounting.h"
#include "bpf/consumer.h"
#include "bpf/drain.h"
#include "bpf/shared.h"

#define SETTLE_DEADLINE_S 2.0

/* In memory that the reader process shares. */
struct drain {
	struct accounting counted; /* first: accounting_lost */
	struct drain_expect expect;
	bool perf;
	struct consumer *consumer;
};

static bool is_event(const struct drain_expect *want, const void *data, size_t size)
{
	struct entropy_event e; /* a perf record leaves it at 4 bytes past a multiple of 8 */

	if (!accounting_has_size(size, sizeof(e)))
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
	return word > want->mark && accounting_has_size(size, word - want->mark);
}

static void on_event(void *ctx, const void *data, size_t size)
{
	struct drain *drain = ctx;
	const struct drain_expect *want = &drain->expect;
	bool good = want->mark ? is_marked(want, data, size) : is_event(want, data, size);

	accounting_add(good ? &drain->counted.received : &drain->counted.foreign, 1);
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
	const struct consumer_calls calls = {on_event, accounting_lost, drain};
	int err;

	if (!drain)
		return -errno;
	drain->expect = *expect;
	drain->perf = source.perf;
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
	return atomic_load_explicit(&drain->counted.received, memory_order_acquire) +
	       atomic_load_explicit(&drain->counted.foreign, memory_order_acquire);
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
		.received = atomic_load(&drain->counted.received),
		.foreign = atomic_load(&drain->counted.foreign),
		.lost_records = atomic_load(&drain->counted.lost_records),
		.wakeups = consumer_wakeups(drain->consumer),
	};
}

int drain_check(const struct drain *drain, uint64_t produced, uint64_t lost, char *why,
		size_t why_len)
{
	struct accounting_sum sum = {
		.produced = produced,
		.received = drain->counted.received,
		.lost = lost,
		.told = drain->perf ? drain->counted.lost_records : lost,
		.foreign = drain->counted.foreign,
	};

	return accounting_check(&sum, "the books do not balance", why, why_len);
}
