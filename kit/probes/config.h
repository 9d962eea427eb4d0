/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config: the visits to one configuration of an experiment: an empty timed region, nothing attached
 * (a baseline), or one probe with one wakeup policy.
 *
 * config_gate -> config_pilot (does it work here, and after how many calls is it steady) ->
 * config_visit … -> [config_unload] -> config_close. A failure sets status and reason, and affects
 * no other configuration.
 *
 * A visit to a probe loads it anew (where the JIT places a program changes its cost), attaches it,
 * counts its hits, makes untimed calls for a millisecond, times a block, detaches and unloads.
 *
 * A visit to a baseline first makes a sham visit: it does all of that with a probe of its group,
 * but times nothing. Then, with nothing attached, it makes untimed calls for a millisecond and
 * times its block. So the two blocks differ only in what is attached. Without the sham visit, a
 * branch predictor state that occurred only in baselines changed a cost of 110 ns by 15 ns.
 *
 * The timed calls are made by bench->timing, everything else by the caller, on another CPU if there
 * is one.
 */
#ifndef BPFTOLL_KIT_PROBES_CONFIG_H
#define BPFTOLL_KIT_PROBES_CONFIG_H

#include <stdbool.h>

#include "kit/probes/config_load.h"

/* Sets how calls wait for the reader, from the wakeup policy. Call it first. */
void config_gate(struct config *config, const struct bench *bench);

/*
 * Does the configuration work here, and after how many calls are readings steady? A failure sets
 * status and reason.
 */
void config_pilot(struct config *config, struct bench *bench);

/*
 * One visit; the readings go to out[0 .. config->calls). false: the configuration has failed,
 * status and reason are set. Where instructions are counted, the program stays loaded until
 * config_unload.
 */
bool config_visit(struct config *config, struct bench *bench, uint32_t *out);

/*
 * Does the hook also add to the cost of the read() that ends a counted block, on machines where
 * user space cannot read counters directly? Then counts taken by read() are discarded: over 64
 * calls they were 2.8 instructions a call too high.
 */
bool config_hears_reads(const struct variant *variant);

#endif
