/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arm_private: what arm.c (visits) and arm_load.c (the probe's life: loaded, attached, its accounts closed) share.
 */
#ifndef BPFTOLL_ARM_PRIVATE_H
#define BPFTOLL_ARM_PRIVATE_H

#include "kit/arm.h"

/* Sets status and reason. */
void arm_fail(struct arm *arm, enum cell_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A probe, or a baseline's sham. */
bool arm_has_probe(const struct arm *arm);

/* Does each call of it send an event? */
bool arm_sends(const struct arm *arm, const struct bench *bench);

/* Opens program and reader, unless they are. */
void arm_load(struct arm *arm, const struct bench *bench);

bool arm_attach(struct arm *arm);
void arm_detach(struct arm *arm);

/* Keeps a buffer from filling, but for the state that wants it full. */
void arm_settle(struct arm *arm);

typedef void (*block_fn)(struct arm *arm, const struct bench *bench, uint32_t *out, size_t n);

/* n untimed calls by the timing process; how many ticks they took. */
uint64_t arm_untimed(struct arm *arm, struct bench *bench, block_fn block, size_t n);

/* n calls of the arm's operation, counted where each sends an event. */
void arm_run(struct arm *arm, const struct bench *bench, uint32_t *out, size_t n);

#endif
