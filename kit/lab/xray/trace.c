/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "kit/system/grow.h"
#include "kit/lab/xray/trace.h"

#define KERNEL_HALF 0xffff800000000000ull
#define STEPS_MAX   200000u

static bool is(const uint8_t *code, const struct machine_code *what)
{
	for (size_t i = 0; i < sizeof(what->bytes); i++)
		if ((code[i] & what->mask[i]) != what->bytes[i])
			return false;
	return true;
}

/* Is this instruction one of the two clock reads? Only user code is looked at. */
static int look(struct rsp *rsp, const struct machine *machine, uint64_t pc, bool *begins,
		bool *ends)
{
	uint8_t code[4];
	int err;

	*begins = *ends = false;
	if (pc >= KERNEL_HALF)
		return 0;
	err = rsp_read(rsp, pc, code, sizeof(code));
	*begins = !err && is(code, &machine->window_begins);
	*ends = !err && is(code, &machine->window_ends);
	return err;
}

/* The bytes at an address; those behind the end of its page may be unreadable, and are 0 then. */
static int read_code(struct rsp *rsp, uint64_t pc, uint8_t *code)
{
	size_t in_page = 4096 - pc % 4096;

	memset(code, 0, TRACE_CODE);
	if (!rsp_read(rsp, pc, code, TRACE_CODE))
		return 0;
	return in_page < TRACE_CODE ? rsp_read(rsp, pc, code, in_page) : -EFAULT;
}

static int keep(struct rsp *rsp, struct trace *t, const struct step *step)
{
	struct step *steps = grow(t->steps, t->n, &t->room, sizeof(*steps), 4096);
	uint8_t(*code)[TRACE_CODE];

	if (!steps)
		return -ENOMEM;
	t->steps = steps;
	t->steps[t->n] = *step;
	if (t->with_code) {
		code = grow(t->code, t->n, &t->code_room, sizeof(*code), 4096);
		if (!code)
			return -ENOMEM;
		t->code = code;
		if (read_code(rsp, step->pc, code[t->n]))
			return -EFAULT;
	}
	t->n++;
	return 0;
}

/*
 * Steps through one timed region, from here to after its second clock read, which may look like its
 * first.
 */
static int window(struct rsp *rsp, const struct machine *machine, struct trace *t)
{
	bool inside = false;

	t->n = 0;
	for (size_t i = 0; i < STEPS_MAX; i++) {
		struct step step;
		bool begins, ends;
		int err;

		err = rsp_where(rsp, &step.pc, &step.sp, &step.link);
		if (!err)
			err = look(rsp, machine, step.pc, &begins, &ends);
		if (err)
			return err;
		if (inside && ends)
			return rsp_step(rsp);
		if (begins)
			inside = true;
		if (inside)
			err = keep(rsp, t, &step);
		if (!err)
			err = rsp_step(rsp);
		if (err)
			return err;
	}
	return -E2BIG;
}

int trace_take(struct rsp *rsp, const struct machine *machine, unsigned int windows,
	       uint64_t expected, struct trace *out, struct error *why)
{
	*out = (struct trace){.with_code = out->with_code};
	*why->text = '\0';
	for (unsigned int i = 0; i < windows; i++) {
		int err = window(rsp, machine, out);

		if (err) {
			error_say(why, "single-stepping failed after %zu steps: %s", out->n,
				  strerror(-err));
			trace_free(out);
			return err;
		}
		if (out->n == expected)
			return 0;
		error_add(why, "%s%zu", *why->text ? ", " : "the single-stepped calls took ",
			  out->n);
	}
	error_add(why, " instructions; the timed region reads %" PRIu64 " without single steps",
		  expected);
	trace_free(out);
	return -ERANGE;
}

void trace_free(struct trace *trace)
{
	free(trace->steps);
	free(trace->code);
	memset(trace, 0, sizeof(*trace));
}
