/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/read/arena.h"
#include "bpf/read/collect.h"
#include "bpf/programs/shared.h"
#include "calib/clock.h"

/*
 * Is it an event of this stream? Copies it to e, since a perf record's data is only 4-byte aligned.
 */
static bool is_event(const struct collect *collect, const void *data, size_t size,
		     struct stream_event *e)
{
	if (!accounting_has_size(size, sizeof(*e)))
		return false;
	memcpy(e, data, sizeof(*e));
	return e->cpu < collect->n_cpus && e->event_type == collect->type &&
	       (!collect->options.bytes_freed || e->bytes_freed == collect->options.bytes_freed);
}

static void on_event(void *ctx, const void *data, size_t size)
{
	struct collect *collect = ctx;
	struct collect_cpu *cpu;
	struct stream_event e;
	int32_t ahead;

	if (!is_event(collect, data, size, &e)) {
		accounting_add(&collect->counted.foreign, 1);
		return;
	}
	cpu = &collect->cpus[e.cpu];
	ahead = (int32_t)(e.sequence - cpu->next);
	if (ahead < 0) {
		cpu->disorder++;
		return;
	}
	cpu->missing += (uint64_t)ahead;
	cpu->next = e.sequence + 1;
	accounting_add(&cpu->received, 1);
	if (collect->options.ages) {
		uint64_t now = clock_ns();

		histogram_add(&collect->ages, now > e.timestamp_ns ? now - e.timestamp_ns : 0);
	}
}

void collect_restart(struct collect *collect)
{
	memset(&collect->ages, 0, sizeof(collect->ages));
	collect->counted.foreign = collect->counted.lost_records = 0;
	for (unsigned int i = 0; i < collect->n_cpus; i++) {
		struct collect_cpu *cpu = &collect->cpus[i];

		cpu->base = stream_counts(collect->stream, i);
		cpu->missing = cpu->disorder = 0;
		atomic_store(&cpu->received, 0);
		cpu->next = (uint32_t)cpu->base.produced;
	}
}

static int open_consumer(struct collect *collect, struct error *why)
{
	const struct stream_options *stream = &collect->stream->options;
	size_t n_maps = stream->buffer == STREAM_RING_PER_CPU ? collect->n_cpus : 1;
	int *map_fds = malloc(n_maps * sizeof(*map_fds));
	const struct consumer_source source = {
		.perf = stream->buffer == STREAM_PERF,
		.perf_bytes = stream->buffer_bytes,
		.map_fds = map_fds,
		.n_maps = n_maps,
	};
	const struct consumer_calls calls = {on_event, accounting_lost, collect};
	int err;

	if (!map_fds)
		return -ENOMEM;
	for (unsigned int i = 0; i < n_maps; i++)
		map_fds[i] = collect->stream->rings ? collect->stream->rings[i]
						    : probe_events_fd(collect->stream->probe);
	err = consumer_open(&source, &collect->options.consumer, &calls, &collect->consumer, why);
	free(map_fds);
	return err;
}

int collect_open(struct stream *stream, const struct collect_options *options, struct collect **out,
		 struct error *why)
{
	struct collect *collect = arena_alloc(sizeof(*collect));
	int err;

	if (!collect)
		return -errno;
	collect->stream = stream;
	collect->options = *options;
	collect->type = stream->options.target == TARGET_MUNMAP ? ENTROPY_MUNMAP : ENTROPY_MADVISE;
	collect->n_cpus = stream->n_cpus;
	collect->cpus = arena_alloc(collect->n_cpus * sizeof(*collect->cpus));
	err = collect->cpus ? 0 : -ENOMEM;
	if (!err) {
		collect_restart(collect);
		err = open_consumer(collect, why);
	}
	if (err)
		collect_close(collect);
	else
		*out = collect;
	return err;
}

void collect_close(struct collect *collect)
{
	if (!collect)
		return;
	consumer_close(collect->consumer);
	arena_free(collect->cpus);
	arena_free(collect);
}

/* Sequence numbers that never came: gaps between those that did, and those after the last. */
static uint64_t missing_on(const struct collect *collect, unsigned int i)
{
	const struct collect_cpu *cpu = &collect->cpus[i];

	return cpu->missing +
	       (uint32_t)((uint32_t)stream_counts(collect->stream, i).produced - cpu->next);
}

void collect_accounting(const struct collect *collect, struct collect_accounting *out)
{
	*out = (struct collect_accounting){
		.foreign = collect->counted.foreign,
		.lost_records = collect->counted.lost_records,
		.wakeups = consumer_wakeups(collect->consumer),
		.cpu_ns = consumer_cpu_ns(collect->consumer),
	};
	for (unsigned int i = 0; i < collect->n_cpus; i++) {
		out->received += atomic_load(&collect->cpus[i].received);
		out->missing += missing_on(collect, i);
		out->disorder += collect->cpus[i].disorder;
	}
}

int collect_check(const struct collect *collect, struct error *why)
{
	int err = 0;

	for (unsigned int i = 0; i < collect->n_cpus && !err; i++) {
		const struct collect_cpu *cpu = &collect->cpus[i];
		struct stream_counts counts = stream_counts(collect->stream, i);
		struct accounting_sum sum = {
			.produced = counts.produced - cpu->base.produced,
			.received = cpu->received,
			.lost = counts.dropped - cpu->base.dropped,
			.told = missing_on(collect, i),
			.foreign = collect->counted.foreign,
			.disorder = cpu->disorder,
		};
		char of[24];

		snprintf(of, sizeof(of), "CPU %u", i);
		err = accounting_check(&sum, of, why);
	}
	return err;
}

uint64_t collect_memory_bytes(const struct collect *collect)
{
	/*
	 * each perf buffer has one page more, for its head and tail (linux/perf_event.h, struct
	 * perf_event_mmap_page)
	 */
	uint64_t perf = collect->stream->options.buffer_bytes + (uint64_t)sysconf(_SC_PAGESIZE);

	return stream_memory_bytes(collect->stream) +
	       (collect->consumer->shared.perf ? collect->consumer->shared.n_fds : 0) * perf;
}
