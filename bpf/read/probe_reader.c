/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "bpf/read/consumer.h"
#include "bpf/read/probe_reader.h"
#include "bpf/programs/shared.h"

#define SETTLE_DEADLINE_S 2.0

/* In memory that the reader process shares. */
struct probe_reader {
	struct probe_reader_expect expect;
	struct consumer *consumer;
	_Atomic uint64_t received, foreign, lost_records;
};

/* One writer at a time (the reader process, or the caller where there is none): no locked
 * instruction needed. */
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

static bool is_event(const struct probe_reader_expect *want, const void *data, size_t size)
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

static bool is_marked(const struct probe_reader_expect *want, const void *data, size_t size)
{
	uint64_t word = 0;

	if (size >= sizeof(word))
		memcpy(&word, data, sizeof(word));
	return word > want->mark && has_size(size, word - want->mark);
}

static void on_event(void *ctx, const void *data, size_t size)
{
	struct probe_reader *wakeup = ctx;
	const struct probe_reader_expect *want = &wakeup->expect;
	bool good = want->mark ? is_marked(want, data, size) : is_event(want, data, size);

	count(good ? &wakeup->received : &wakeup->foreign, 1);
}

static void on_lost(void *ctx, int cpu, uint64_t lost)
{
	struct probe_reader *wakeup = ctx;

	(void)cpu;
	count(&wakeup->lost_records, lost);
}

int probe_reader_open(enum output output, enum wakeup_policy state, int events_fd, int producer_cpu,
		      int consumer_cpu, const struct probe_reader_expect *expect,
		      struct probe_reader **out, struct error *why)
{
	const struct consumer_source source = {
		.perf = output == OUTPUT_PERF,
		.perf_bytes = RINGBUF_BYTES,
		.map_fds = &events_fd,
		.n_maps = 1,
	};
	struct consumer_options options = reader_options(state, consumer_cpu, producer_cpu);
	struct probe_reader *wakeup = consumer_shared_alloc(sizeof(*wakeup));
	const struct consumer_calls calls = {on_event, on_lost, wakeup};
	int err;

	if (!wakeup)
		return -errno;
	wakeup->expect = *expect;
	options.inactive = true;
	err = consumer_open(&source, &options, &calls, &wakeup->consumer, why);
	if (err)
		probe_reader_close(wakeup);
	else
		*out = wakeup;
	return err;
}

void probe_reader_close(struct probe_reader *wakeup)
{
	if (!wakeup)
		return;
	consumer_close(wakeup->consumer);
	consumer_shared_free(wakeup);
}

static uint64_t settled(const struct probe_reader *wakeup)
{
	return atomic_load_explicit(&wakeup->received, memory_order_acquire) +
	       atomic_load_explicit(&wakeup->foreign, memory_order_acquire);
}

bool probe_reader_asleep(struct probe_reader *wakeup, uint64_t sent)
{
	return settled(wakeup) >= sent && consumer_asleep(wakeup->consumer);
}

void probe_reader_set_active(struct probe_reader *wakeup, bool active)
{
	consumer_set_active(wakeup->consumer, active);
}

int probe_reader_settle(struct probe_reader *wakeup)
{
	return consumer_settle(wakeup->consumer, SETTLE_DEADLINE_S);
}

void probe_reader_accounting(const struct probe_reader *wakeup, struct probe_reader_accounting *out)
{
	*out = (struct probe_reader_accounting){
		.received = atomic_load(&wakeup->received),
		.foreign = atomic_load(&wakeup->foreign),
		.lost_records = atomic_load(&wakeup->lost_records),
		.wakeups = consumer_wakeups(wakeup->consumer),
	};
}
