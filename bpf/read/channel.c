/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "calib/error.h"
#include "bpf/read/channel.h"
#include "bpf/load/helper.h"
#include "bpf/programs/shared.h"

#define COUNTS_BYTES 4096 /* a page holds this many */
static_assert(sizeof(struct send_counts) <= COUNTS_BYTES, "the counts fit into a page");

static void mark_records(struct send_counts *counts)
{
	for (size_t i = 0; i < SEND_SIZES; i++)
		counts->records[i][0] = SEND_MARKED(send_sizes[i]);
}

static int open_maps(struct channel *channel, struct error *why)
{
	LIBBPF_OPTS(bpf_map_create_opts, mappable, .map_flags = BPF_F_MMAPABLE);
	bool perf = channel->output == OUTPUT_PERF;
	int cpus = libbpf_num_possible_cpus();

	channel->map_fd =
		perf ? bpf_map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, "sent_to", 4, 4,
				      (unsigned int)(cpus > 0 ? cpus : 1), NULL)
		     : bpf_map_create(BPF_MAP_TYPE_RINGBUF, "sent_to", 0, 0, RINGBUF_BYTES, NULL);
	if (channel->map_fd < 0)
		return error_set(why, -errno, "the kernel refuses a %s buffer: %s",
				 perf ? "perf" : "ring", strerror(errno));
	channel->counts_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "send_counts", 4,
					    sizeof(struct send_counts), 1, &mappable);
	if (channel->counts_fd >= 0)
		channel->counts = mmap(NULL, COUNTS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
				       channel->counts_fd, 0);
	if (channel->counts && channel->counts != MAP_FAILED) {
		mark_records(channel->counts);
		return 0;
	}
	error_say(why, "a shared map (BPF_F_MMAPABLE): %s", strerror(errno));
	channel->counts = NULL;
	return errno ? -errno : -EIO;
}

int channel_open(enum output output, enum wakeup_policy state, int measure_cpu, int reader_cpu,
		 struct channel **out, struct error *why)
{
	const struct probe_reader_expect expect = {.mark = SEND_MARK};
	struct channel *channel = calloc(1, sizeof(*channel));
	int err;

	if (!channel)
		return -ENOMEM;
	channel->output = output;
	channel->map_fd = channel->counts_fd = -1;
	err = open_maps(channel, why);
	if (!err)
		err = probe_reader_open(output, state, channel->map_fd, measure_cpu, reader_cpu,
					&expect, &channel->reader, why);
	if (err)
		channel_close(channel);
	else
		*out = channel;
	return err;
}

void channel_close(struct channel *channel)
{
	if (!channel)
		return;
	probe_reader_close(channel->reader);
	if (channel->counts)
		munmap(channel->counts, COUNTS_BYTES);
	if (channel->counts_fd >= 0)
		close(channel->counts_fd);
	if (channel->map_fd >= 0)
		close(channel->map_fd);
	free(channel);
}

uint64_t channel_dropped(const struct channel *channel)
{
	return *(volatile uint64_t *)&channel->counts->dropped;
}

int channel_check(const struct channel *channel, struct error *why)
{
	return probe_reader_check(channel->reader, channel->sent, channel_dropped(channel), why);
}
