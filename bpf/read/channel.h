/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * channel: the buffer that the programs of helper.h send to, its reader with one wakeup policy, and
 * the event accounting of both.
 *
 * channel_open -> [the programs send; the caller adds how many to sent; probe_reader_settle] ->
 * channel_check -> channel_close. With WAKEUP_NONE the caller fills the buffer first, and sends one
 * event after a settle at the end: perf reports what it lost in front of the next event that finds
 * room.
 */
#ifndef BPFTOLL_BPF_READ_CHANNEL_H
#define BPFTOLL_BPF_READ_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "bpf/read/probe_reader.h"

struct send_counts;

struct channel {
	enum output output;
	int map_fd, counts_fd;	    /* for struct repeat */
	struct send_counts *counts; /* mapped, shared with the programs */
	struct probe_reader *reader;
	uint64_t sent; /* events, by the caller */
};

/* 0 or -errno with the reason: no such map here, no second CPU for the reader, … */
int channel_open(enum output output, enum wakeup_policy state, int measure_cpu, int reader_cpu,
		 struct channel **out, struct error *why);
void channel_close(struct channel *channel);

uint64_t channel_dropped(const struct channel *channel);

/*
 * After everything has been read: is produced = received + lost, with nothing received that was not
 * sent? 0 or -EBADMSG, why.
 */
int channel_check(const struct channel *channel, struct error *why);

#endif
