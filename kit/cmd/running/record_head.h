/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_head: the record of a run before anything is measured: who runs what where, and what of
 * this machine makes its figures worse.
 */
#ifndef BPFTOLL_KIT_CMD_RECORD_HEAD_H
#define BPFTOLL_KIT_CMD_RECORD_HEAD_H

#include <stdint.h>

#include "bpf/load/others.h"
#include "calib/tsc.h"
#include "cpuset/pick.h"
#include "reports/record/record.h"

struct record_head {
	const char *suite;
	uint64_t seed;
	const struct placement *placement;
	const struct tsc_rate *tsc;
	enum unit unit;
};

/* known: the tracing programs of others that are loaded already. NULL: out of memory. */
struct record *record_head_make(const struct record_head *head, struct others *known);

#endif
