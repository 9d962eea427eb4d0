/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config_private: what configuration.c (visits) and config_load.c (the probe's life: loaded,
 * attached, its accounts closed) share.
 */
#ifndef BPFTOLL_KIT_PROBES_CONFIG_PRIVATE_H
#define BPFTOLL_KIT_PROBES_CONFIG_PRIVATE_H

#include "kit/probes/config.h"

/* Sets status and reason. */
void config_fail(struct config *config, enum result_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A probe, or a baseline's sham. */
bool config_has_probe(const struct config *config);

/* Does each call of it send an event? */
bool config_sends(const struct config *config, const struct bench *bench);

/* Opens program and reader, unless they are. */
void config_load(struct config *config, const struct bench *bench);

bool config_attach(struct config *config);
void config_detach(struct config *config);

/* Keeps a buffer from filling, but for the state that wants it full. */
void config_settle(struct config *config);

typedef void (*block_fn)(struct config *config, const struct bench *bench, uint32_t *out, size_t n);

/* n untimed calls by the timing process; how many ticks they took. */
uint64_t config_untimed(struct config *config, struct bench *bench, block_fn block, size_t n);

/* n calls of the configuration's operation, counted where each sends an event. */
void config_run(struct config *config, const struct bench *bench, uint32_t *out, size_t n);

#endif
