/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * throughput: a program that sends events, its buffer and its reader, for scenarios in which
 * producers send as fast as they can; the events that arrive in each round, and the row of the
 * record made from them.
 *
 * throughput_open -> each round: probe_attach, throughput_begin, [calls], throughput_drained,
 * throughput_end, probe_detach … -> throughput_row -> throughput_close. After a failure why is set
 * (and invalid, if events are unaccounted for), and stays set.
 */
#ifndef BPFTOLL_KIT_THROUGHPUT_H
#define BPFTOLL_KIT_THROUGHPUT_H

#include <stdbool.h>

#include "bpf/read/collect.h"
#include "bpf/load/stream.h"
#include "kit/events/point.h"
#include "kit/probes/harness.h"
#include "kit/timing/rounds.h"

#define THROUGHPUT_ROUNDS_MOST 100

/*
 * Rounds of n configurations of a scenario: as many as wanted, within limits; wanted 0: the usual
 * number.
 */
struct rounds throughput_rounds(const struct harness_env *env, const char *scenario, size_t n,
				unsigned int wanted, unsigned int usual);

struct throughput {
	struct stream *stream;
	struct collect *collect;
	struct collect_accounting before;
	unsigned int rounds;
	/* one value a round: events received a second, and the reader's CPU in % */
	double arrived[THROUGHPUT_ROUNDS_MOST], cpu[THROUGHPUT_ROUNDS_MOST];
	struct error why; /* empty: no failure */
	bool invalid;
};

void throughput_open(struct throughput *throughput, const struct stream_options *stream,
		     const struct collect_options *collect);
void throughput_close(struct throughput *throughput);

/*
 * Call throughput_begin before the round's first event. throughput_drained waits until the reader
 * has read everything; false: it is stuck.
 */
void throughput_begin(struct throughput *throughput);
bool throughput_drained(struct throughput *throughput);

/* Adds the figures of a round of so many seconds; the caller increments rounds. */
void throughput_end(struct throughput *throughput, double seconds);

/* Is there a round of it, or a reason why not? A run that was stopped may have neither. */
bool throughput_has_row(const struct throughput *throughput);

/*
 * Appends its row to the record: measured, with throughput and event accounting, or the reason why
 * not. The caller completes *out. Returns 0 or -ENOMEM.
 */
int throughput_row(const struct throughput *throughput, const struct point_key *key,
		   struct record *record, struct event_point **out);

#endif
