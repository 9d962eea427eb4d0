/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "bpf/read/accounting.h"
#include "bpf/read/consumer.h"
#include "bpf/read/probe_reader.h"
#include "bpf/programs/shared.h"

#define SETTLE_DEADLINE_S 5.0

/* Lives in memory that the reader process shares. */
struct probe_reader {
	struct accounting counted; /* first member, for accounting_lost */
	struct probe_reader_expect expect;
	bool perf;
	struct consumer *consumer;
};

static bool is_event(const struct probe_reader_expect *want, const void *data, size_t size)
{
	struct entropy_event e; /* copied: a perf record's data is only 4-byte aligned */

	if (!accounting_has_size(size, sizeof(e)))
		return false;
	memcpy(&e, data, sizeof(e));
	/* what as_written gets wrong is checked in reported.h; such an event is still ours */
	if (want->tgid && (want->as_written ? e.pid : e.tgid) != (uint32_t)want->tgid)
		return false;
	if (want->bytes_freed && !want->as_written && e.bytes_freed != want->bytes_freed)
		return false;
	return e.timestamp_ns &&
	       e.event_type == (want->target == TARGET_MUNMAP ? ENTROPY_MUNMAP : ENTROPY_MADVISE);
}

static bool is_marked(const struct probe_reader_expect *want, const void *data, size_t size)
{
	uint64_t word = 0;

	if (size >= sizeof(word))
		memcpy(&word, data, sizeof(word));
	return word > want->mark && accounting_has_size(size, word - want->mark);
}

static void on_event(void *ctx, const void *data, size_t size)
{
	struct probe_reader *reader = ctx;
	const struct probe_reader_expect *want = &reader->expect;
	bool good = want->mark ? is_marked(want, data, size) : is_event(want, data, size);

	accounting_add(good ? &reader->counted.received : &reader->counted.foreign, 1);
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
	struct probe_reader *reader = consumer_shared_alloc(sizeof(*reader));
	const struct consumer_calls calls = {on_event, accounting_lost, reader};
	int err;

	if (!reader)
		return -errno;
	reader->expect = *expect;
	reader->perf = source.perf;
	options.inactive = true;
	err = consumer_open(&source, &options, &calls, &reader->consumer, why);
	if (err)
		probe_reader_close(reader);
	else
		*out = reader;
	return err;
}

void probe_reader_close(struct probe_reader *reader)
{
	if (!reader)
		return;
	consumer_close(reader->consumer);
	consumer_shared_free(reader);
}

static uint64_t settled(const struct probe_reader *reader)
{
	return atomic_load_explicit(&reader->counted.received, memory_order_acquire) +
	       atomic_load_explicit(&reader->counted.foreign, memory_order_acquire);
}

bool probe_reader_asleep(struct probe_reader *reader, uint64_t sent)
{
	return settled(reader) >= sent && consumer_asleep(reader->consumer);
}

void probe_reader_set_active(struct probe_reader *reader, bool active)
{
	consumer_set_active(reader->consumer, active);
}

int probe_reader_settle(struct probe_reader *reader)
{
	return consumer_settle(reader->consumer, SETTLE_DEADLINE_S);
}

void probe_reader_accounting(const struct probe_reader *reader, struct probe_reader_accounting *out)
{
	*out = (struct probe_reader_accounting){
		.received = atomic_load(&reader->counted.received),
		.foreign = atomic_load(&reader->counted.foreign),
		.lost_records = atomic_load(&reader->counted.lost_records),
		.wakeups = consumer_wakeups(reader->consumer),
	};
}

int probe_reader_check(const struct probe_reader *reader, uint64_t produced, uint64_t lost,
		       struct error *why)
{
	struct accounting_sum sum = {
		.produced = produced,
		.received = reader->counted.received,
		.lost = lost,
		.told = reader->perf ? reader->counted.lost_records : lost,
		.foreign = reader->counted.foreign,
	};

	return accounting_check(&sum, "the event accounting does not balance", why);
}

uint64_t probe_reader_cpu_ns(const struct probe_reader *reader)
{
	return consumer_cpu_ns(reader->consumer);
}
