/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab/trace.h"

#define KERNEL_HALF 0xffff800000000000ull
#define STEPS_MAX   200000u

/* Which of the two clock reads stands here? Only code of the user's is looked at. */
static int look(struct rsp *rsp, uint64_t pc, bool *begins, bool *ends)
{
	unsigned char code[3];
	int err;

	*begins = *ends = false;
	if (pc >= KERNEL_HALF)
		return 0;
	err = rsp_read(rsp, pc, code, sizeof(code));
	*begins = !err && code[0] == 0x0f && code[1] == 0x31;
	*ends = !err && code[0] == 0x0f && code[1] == 0x01 && code[2] == 0xf9;
	return err;
}

static int keep(struct trace *t, uint64_t pc, uint64_t sp)
{
	if (t->n == t->room) {
		size_t more = t->room ? t->room * 2 : 4096;
		struct step *steps = realloc(t->steps, more * sizeof(*steps));

		if (!steps)
			return -ENOMEM;
		t->steps = steps;
		t->room = more;
	}
	t->steps[t->n++] = (struct step){pc, sp};
	return 0;
}

/* One window: from where we are to behind its second clock read. */
static int window(struct rsp *rsp, struct trace *t)
{
	bool inside = false;

	t->n = 0;
	for (size_t i = 0; i < STEPS_MAX; i++) {
		bool begins, ends;
		uint64_t pc, sp;
		int err;

		err = rsp_where(rsp, &pc, &sp);
		if (!err)
			err = look(rsp, pc, &begins, &ends);
		if (err)
			return err;
		if (begins)
			inside = true;
		if (inside && ends)
			return 0;
		if (inside)
			err = keep(t, pc, sp);
		if (!err)
			err = rsp_step(rsp);
		if (err)
			return err;
	}
	return -E2BIG;
}

int trace_take(struct rsp *rsp, unsigned int windows, uint64_t expected, struct trace *out,
	       char *why, size_t why_len)
{
	size_t used = 0;

	memset(out, 0, sizeof(*out));
	for (unsigned int i = 0; i < windows; i++) {
		int err = window(rsp, out);

		if (err) {
			snprintf(why, why_len, "single-stepping failed after %zu steps: %s", out->n,
				 strerror(-err));
			trace_free(out);
			return err;
		}
		if (out->n == expected)
			return 0;
		used += (size_t)snprintf(why + (used < why_len ? used : why_len),
					 used < why_len ? why_len - used : 0, "%s%zu",
					 used ? ", " : "the single-stepped calls took ", out->n);
	}
	if (used < why_len)
		snprintf(why + used, why_len - used,
			 " instructions; the window reads %" PRIu64 " when nobody looks", expected);
	trace_free(out);
	return -ERANGE;
}

void trace_free(struct trace *trace)
{
	free(trace->steps);
	memset(trace, 0, sizeof(*trace));
}
