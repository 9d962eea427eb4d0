/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * throughput: a program that sends events, their buffer and its reader, for scenarios in which
 * producers send all they can; what came through in each round, and the row of the record that it
 * makes.
 *
 * throughput_open -> a round: probe_attach, throughput_begin, [calls], throughput_drained,
 * throughput_end, probe_detach … -> throughput_row -> throughput_close. A failure sets why (and
 * invalid, where events are unaccounted for), and stays.
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

/* Rounds of n configurations of a scenario: as many as wanted, within bounds; 0: the usual number.
 */
struct rounds throughput_rounds(const struct harness_env *env, const char *scenario, size_t n,
				unsigned int wanted, unsigned int usual);

struct throughput {
	struct stream *stream;
	struct collect *collect;
	struct collect_accounting before;
	unsigned int rounds;
	/* a round each: events received a second, and the reader's % of a CPU */
	double arrived[THROUGHPUT_ROUNDS_MOST], cpu[THROUGHPUT_ROUNDS_MOST];
	struct error why; /* empty: it works */
	bool invalid;
};

void throughput_open(struct throughput *throughput, const struct stream_options *stream,
		     const struct collect_options *collect);
void throughput_close(struct throughput *throughput);

/* Before the round's first event, and when the reader has read all. false: it is stuck. */
void throughput_begin(struct throughput *throughput);
bool throughput_drained(struct throughput *throughput);

/* Books the round of so many seconds; the caller counts it. */
void throughput_end(struct throughput *throughput, double seconds);

/*
 * Its row at the end of the record: measured, with throughput and event accounting, or the reason
 * why not. *out: to be completed. 0 or -ENOMEM.
 */
int throughput_row(const struct throughput *throughput, const struct point_key *key,
		   struct record *record, struct event_point **out);

#endif
