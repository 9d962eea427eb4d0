/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stepper: one guest that is looked at through QEMU's gdb stub: its boot, the meeting with the
 * subject in it (subject.h), its stops and its symbols.
 *
 * stepper_open -> stepper_next_stop or stepper_look (board says what follows), stepper_symbols
 * once, stepper_trace … -> stepper_close, also after a failure.
 */
#ifndef BPFTOLL_KIT_LAB_XRAY_STEPPER_H
#define BPFTOLL_KIT_LAB_XRAY_STEPPER_H

#include "calib/error.h"
#include "kit/lab/guest/guest.h"
#include "kit/lab/kernels/kernel.h"
#include "kit/lab/xray/rsp.h"
#include "kit/lab/xray/subject.h"
#include "kit/lab/xray/symbols.h"
#include "kit/lab/xray/trace.h"

struct xray_options {
	const struct kernel *kernel;
	const char *variant, *workload; /* of object: NULL for the first that runs the program */
	const char *object;		/* the variant is a program of this file; NULL: ours */
	const char *wakeup;  /* NULL or "": nobody is woken, for programs that send events */
	const char *program; /* NULL: the running program */
	const char *append, *dir;
	unsigned int timeout_s, memory_mib;
};

struct stepper {
	const struct xray_options *options;
	struct guest guest;
	struct rsp *rsp;
	char scratch[256];
	struct guard *scratch_guard;
	unsigned long long stop, board_at;
	struct subject_board board;
	struct symbols symbols;
};

/* Boots the guest, and goes to the subject's first stop. 0 or -errno, why. */
int stepper_open(struct stepper *s, const struct xray_options *options, struct error *why);

/* Runs to the guest's next stop, and reads its board there. */
int stepper_next_stop(struct stepper *s, struct error *why);

/* Runs to the next stop that does not only wait, which is to be of this phase. 0 or -errno, why. */
int stepper_look(struct stepper *s, enum subject_phase phase, struct error *why);

/* Single-steps the call that follows this stop (trace.h). */
int stepper_trace(struct stepper *s, struct trace *trace, struct error *why);

/* The guest's symbols, once the board has them. */
int stepper_symbols(struct stepper *s, struct error *why);
void stepper_close(struct stepper *s);

#endif
