/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trace: single-steps the timed regions after a subject's stop, and keeps the steps of one that is
 * as long as the undisturbed ones. A step is an instruction's address with the stack pointer (and
 * link register) before it, for calltree.h.
 */
#ifndef BPFTOLL_KIT_LAB_XRAY_TRACE_H
#define BPFTOLL_KIT_LAB_XRAY_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "kit/lab/xray/calltree.h"
#include "kit/lab/xray/rsp.h"

#define TRACE_CODE 16 /* bytes: no instruction of x86 has more than 15 */

struct trace {
	struct step *steps; /* from the first clock read of the region up to its second */
	size_t n, room;
	/* Set before trace_take: keep the bytes at each step's address, as they were then. */
	bool with_code;
	uint8_t (*code)[TRACE_CODE];
	size_t code_room;
};

/*
 * Steps through up to `windows` timed regions until one has exactly `expected` instructions. 0;
 * -ERANGE: none has, with the numbers in why; other -errno.
 */
int trace_take(struct rsp *rsp, const struct machine *machine, unsigned int windows,
	       uint64_t expected, struct trace *out, struct error *why);
void trace_free(struct trace *trace);

#endif
