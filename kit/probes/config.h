/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config: visits of one treatment of an experiment: an empty window, nothing attached (a baseline),
 * or one probe in one wakeup policy.
 *
 * config_gate -> config_pilot (does it work, how, how long until it is steady) -> config_visit … ->
 * [config_unload] -> config_close. A failure sets status and reason and never reaches another
 * configuration.
 *
 * A visit of a probe loads it anew (where the JIT puts a program moves its cost), attaches it,
 * counts its hits, makes a millisecond of untimed calls, times a block, detaches and unloads. A
 * visit of a baseline does the same with a probe of its group (a sham: the same loads, text
 * patches, waits and calls), and only then, with nothing attached, makes a millisecond of untimed
 * calls and times its block: baseline and treated block differ in the treatment alone. Without the
 * sham a state of the branch predictor that only baselines had made 15 of 110 ns.
 *
 * The timed calls are made by bench->timing, everything else by the caller, on another CPU where
 * there is one.
 */
#ifndef BPFTOLL_KIT_PROBES_CONFIG_H
#define BPFTOLL_KIT_PROBES_CONFIG_H

#include <stdbool.h>

#include "kit/probes/config_load.h"

/* How its calls are held back, from its wakeup policy. Before anything else. */
void config_gate(struct config *config, const struct bench *bench);

/* Does it work here, and after how many calls is it steady? A failure sets status and reason. */
void config_pilot(struct config *config, struct bench *bench);

/*
 * One visit into out[0 .. configuration->calls). false: the configuration has failed, its status
 * and reason say why. Where instructions are counted the program stays loaded until config_unload.
 */
bool config_visit(struct config *config, struct bench *bench, uint32_t *out);

/*
 * Does the hook also cost the read() that ends a counted block, where user space cannot read the
 * counters? Then what read() says is not taken: it was 2.8 instructions a call too much, of 64
 * calls.
 */
bool config_hears_reads(const struct variant *variant);

#endif
