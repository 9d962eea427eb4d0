/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "bpf/read/arena.h"
#include "bpf/read/probe_reader.h"
#include "bpf/programs/shared.h"

#define SETTLE_DEADLINE_S 5.0

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
	bool good;

	if (want->any) {
		accounting_add(&reader->bytes, size);
		accounting_add(&reader->counted.received, 1);
		return;
	}
	good = want->mark ? is_marked(want, data, size) : is_event(want, data, size);

	accounting_add(good ? &reader->counted.received : &reader->counted.foreign, 1);
}

static int open_reader(const struct consumer_source *source, struct consumer_options options,
		       const struct probe_reader_expect *expect, struct probe_reader **out,
		       struct error *why)
{
	struct probe_reader *reader = arena_alloc(sizeof(*reader));
	const struct consumer_calls calls = {on_event, accounting_lost, reader};
	int err;

	if (!reader)
		return -errno;
	reader->expect = *expect;
	reader->perf = source->perf;
	options.inactive = true;
	err = consumer_open(source, &options, &calls, &reader->consumer, why);
	if (err)
		probe_reader_close(reader);
	else
		*out = reader;
	return err;
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

	return open_reader(&source, reader_options(state, consumer_cpu, producer_cpu), expect, out,
			   why);
}

int probe_reader_open_any(bool perf, const int *map_fds, size_t n_maps, enum wakeup_policy state,
			  int producer_cpu, int consumer_cpu, struct probe_reader **out,
			  struct error *why)
{
	const struct consumer_source source = {
		.perf = perf,
		.perf_bytes = RINGBUF_BYTES,
		.map_fds = map_fds,
		.n_maps = n_maps,
	};
	const struct probe_reader_expect expect = {.any = true};

	return open_reader(&source, reader_options(state, consumer_cpu, producer_cpu), &expect, out,
			   why);
}

void probe_reader_close(struct probe_reader *reader)
{
	if (!reader)
		return;
	consumer_close(reader->consumer);
	arena_free(reader);
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

int probe_reader_settle(struct probe_reader *reader)
{
	return consumer_settle(reader->consumer, SETTLE_DEADLINE_S);
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
