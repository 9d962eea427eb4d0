/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "calib/error.h"
#include "bpf/programs/shared.h" /* before the skeletons, which use its types */
#include "bpf/load/probe.h"
#include "bpf/load/stream.h"
#include "bpf/programs/stream_madvise.skel.h"
#include "bpf/programs/stream_munmap.skel.h"

static const struct {
	const char *name, *map;
	size_t least_record; /* bytes that an event takes in the buffer, header included */
} buffers[] = {
	/* 8 of head, 4 of size, 32 of event, 4 to a multiple of 8 (kernel/events/core.c,
	   perf_sample_save_raw_data) */
	[STREAM_PERF] = {"perf", "events_perf", 48},
	/* 8 of head (kernel/bpf/ringbuf.c, BPF_RINGBUF_HDR_SZ) */
	[STREAM_RINGBUF] = {"ringbuf", "events_ringbuf", 40},
	[STREAM_RINGBUF_OUTPUT] = {"ringbuf_output", "events_ringbuf", 40},
	[STREAM_RING_PER_CPU] = {"ring_per_cpu", "events_rings", 40},
};
static_assert(sizeof(buffers) / sizeof(buffers[0]) == STREAM_BUFFER_COUNT, "a row a buffer");

static const unsigned long long wake_flags[] = {
	[WAKE_DEFAULT] = 0,
	[WAKE_NEVER] = BPF_RB_NO_WAKEUP,
	[WAKE_SAMPLED] = BPF_RB_FORCE_WAKEUP, /* where wake_every is 1 */
	[WAKE_ALWAYS] = BPF_RB_FORCE_WAKEUP,
};

const char *stream_buffer_name(enum stream_buffer buffer)
{
	return buffers[buffer].name;
}

size_t stream_record_bytes(enum stream_buffer buffer)
{
	return buffers[buffer].least_record;
}

static bool power_of_two(size_t n)
{
	return n && !(n & (n - 1));
}

int stream_check(const struct stream_options *options, struct error *why)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = options->buffer_bytes;
	size_t holds = bytes / buffers[options->buffer].least_record;

	if (!power_of_two(bytes) || bytes < page || bytes > STREAM_BYTES_MOST)
		return error_set(why, -EINVAL,
				 "a buffer of %zu bytes: a power of two of pages, %zu to %u bytes",
				 bytes, page, STREAM_BYTES_MOST);
	/*
	 * if the ring is full before the event that wakes is sent, nobody is ever woken and it
	 * stays full
	 */
	if (options->wake == WAKE_SAMPLED && options->buffer != STREAM_PERF &&
	    (!power_of_two(options->wake_every) || options->wake_every > holds / 2))
		return error_set(why, -EINVAL,
				 "a wake-up every %u events: a power of two, at most half of the "
				 "%zu that a buffer of %zu bytes holds",
				 options->wake_every, holds, bytes);
	if (options->batch > STREAM_BATCH_MOST ||
	    (options->batch > 1 && options->hook != HOOK_RAW_TP))
		return error_set(why, -EINVAL, "a batch of %u events: 1 to %u, on raw_tp",
				 options->batch, STREAM_BATCH_MOST);
	return 0;
}

/* Makes a ring for each CPU. */
static int make_rings(struct stream *stream, struct error *why)
{
	stream->rings = malloc(stream->n_cpus * sizeof(*stream->rings));
	if (!stream->rings)
		return -ENOMEM;
	for (unsigned int cpu = 0; cpu < stream->n_cpus; cpu++)
		stream->rings[cpu] = -1;
	for (unsigned int cpu = 0; cpu < stream->n_cpus; cpu++) {
		int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0,
					(unsigned int)stream->options.buffer_bytes, NULL);

		stream->rings[cpu] = fd;
		if (fd < 0 ||
		    bpf_map_update_elem(probe_events_fd(stream->probe), &cpu, &fd, BPF_ANY)) {
			int err = -errno;

			return error_set(why, err, "the ring of CPU %u (%zu bytes): %s", cpu,
					 stream->options.buffer_bytes, strerror(-err));
		}
	}
	return 0;
}

/*
 * The wakeup policy is a constant of the program; the buffer is one of its maps, of the size asked
 * for.
 */
static int load_program(struct stream *stream, struct error *why)
{
	const struct stream_options *options = &stream->options;
	const struct stream_constants constants = {
		.wake_flags = wake_flags[options->wake],
		.wake_mask = options->wake == WAKE_SAMPLED ? options->wake_every - 1 : 0,
		.batch = options->batch,
	};
	char name[64];
	struct probe_request request = {
		.hook = options->hook,
		.target = options->target,
		.name = name,
		.object_name = name,
		.events = buffers[options->buffer].map,
		.constants = &constants,
		.constants_bytes = sizeof(constants),
	};
	int err;

	snprintf(name, sizeof(name), "%s_%s",
		 options->batch > 1 ? "flood" : hook_name(options->hook),
		 buffers[options->buffer].name);
	if (options->buffer == STREAM_RING_PER_CPU)
		request.events_entries = stream->n_cpus;
	else if (options->buffer != STREAM_PERF)
		request.events_entries = (unsigned int)options->buffer_bytes;
	request.elf = options->target == TARGET_MUNMAP
			      ? stream_munmap__elf_bytes(&request.elf_bytes)
			      : stream_madvise__elf_bytes(&request.elf_bytes);
	err = probe_load(&request, &stream->probe, why);
	if (err)
		return err;
	return options->buffer == STREAM_RING_PER_CPU ? make_rings(stream, why) : 0;
}

int stream_open(const struct stream_options *options, struct stream **out, struct error *why)
{
	struct stream *stream;
	int cpus = libbpf_num_possible_cpus(), err = stream_check(options, why);

	if (err)
		return err;
	if (cpus < 1 || cpus > STREAM_CPUS)
		return error_set(why, -EOPNOTSUPP, "%d possible CPUs: a stream counts on 1 to %d",
				 cpus, STREAM_CPUS);
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return error_set(why, -ENOMEM, "out of memory");
	stream->options = *options;
	stream->n_cpus = (unsigned int)cpus;
	err = load_program(stream, why);
	if (err)
		stream_close(stream);
	else
		*out = stream;
	return err;
}

void stream_close(struct stream *stream)
{
	if (!stream)
		return;
	for (unsigned int cpu = 0; stream->rings && cpu < stream->n_cpus; cpu++)
		if (stream->rings[cpu] >= 0)
			close(stream->rings[cpu]);
	free(stream->rings);
	probe_close(stream->probe);
	free(stream);
}

struct stream_counts stream_counts(const struct stream *stream, unsigned int cpu)
{
	const volatile struct stream_slot *slots = probe_globals(stream->probe);

	return (struct stream_counts){slots[cpu].produced, slots[cpu].dropped};
}

struct stream_counts stream_total(const struct stream *stream)
{
	struct stream_counts total = {0, 0};

	for (unsigned int cpu = 0; cpu < stream->n_cpus; cpu++) {
		struct stream_counts one = stream_counts(stream, cpu);

		total.produced += one.produced;
		total.dropped += one.dropped;
	}
	return total;
}

int stream_missed(const struct stream *stream, uint64_t *missed, bool *partial)
{
	uint64_t runs, by_link;
	int err = probe_hits(stream->probe, &runs, missed);

	if (err)
		return err;
	*partial = attach_missed(probe_attachment(stream->probe), &by_link) == -EOPNOTSUPP;
	if (!*partial)
		*missed += by_link;
	return 0;
}

uint64_t stream_memory_bytes(const struct stream *stream)
{
	/*
	 * besides the data: the pages of the struct, the consumer position and the producer
	 * position (kernel/bpf/ringbuf.c, bpf_ringbuf_area_alloc)
	 */
	uint64_t ring = stream->options.buffer_bytes + 3 * (uint64_t)sysconf(_SC_PAGESIZE);

	if (stream->options.buffer == STREAM_PERF)
		return 0;
	return stream->rings ? stream->n_cpus * ring : ring;
}
