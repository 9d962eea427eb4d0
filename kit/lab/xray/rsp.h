/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rsp: a client of the gdb remote protocol, as far as QEMU's stub needs it.
 *
 * rsp_connect (stops the machine) -> rsp_mask_interrupts -> rsp_break, rsp_continue, rsp_step,
 * rsp_where … -> rsp_close (the machine goes on). Packets that were not asked for are skipped.
 */
#ifndef BPFTOLL_KIT_LAB_XRAY_RSP_H
#define BPFTOLL_KIT_LAB_XRAY_RSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "kit/lab/guest/machine.h"

struct rsp;

/* Every wait of this client ends after timeout_s. 0 or -errno, why. */
int rsp_connect(const char *socket_path, const struct machine *machine, unsigned int timeout_s,
		struct rsp **out, struct error *why);

/* The same over a connected descriptor, which is closed with the client. */
struct rsp *rsp_new(int fd, const struct machine *machine, unsigned int timeout_s);
void rsp_close(struct rsp *rsp);

/*
 * Makes single steps run without interrupts and timers (QEMU's Qqemu.sstep). -ENOTSUP: not QEMU's
 * stub.
 */
int rsp_mask_interrupts(struct rsp *rsp);

/* Sets a hardware breakpoint at a linear address, in whatever process is current. */
int rsp_break(struct rsp *rsp, uint64_t address, bool on);

/*
 * Runs until a breakpoint: 0; -ETIMEDOUT; -EINTR when the user stops; -EPIPE when the machine is
 * gone.
 */
int rsp_continue(struct rsp *rsp);

/* Runs one instruction (one repetition of a rep-prefixed one). */
int rsp_step(struct rsp *rsp);

/* Where the machine is. *link: its return address where that is in a register; else 0. */
int rsp_where(struct rsp *rsp, uint64_t *pc, uint64_t *sp, uint64_t *link);

/* Reads memory as the current process sees it. */
int rsp_read(struct rsp *rsp, uint64_t address, void *out, size_t len);
int rsp_write(struct rsp *rsp, uint64_t address, const void *data, size_t len);

#endif
