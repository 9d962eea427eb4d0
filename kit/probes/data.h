/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * data: is what the events of a probe report correct? Checked once in a process for each variant
 * and syscall, by calls whose pid, length and time are known (bpf/read/reported.h), with nothing
 * else attached.
 */
#ifndef BPFTOLL_KIT_PROBES_DATA_H
#define BPFTOLL_KIT_PROBES_DATA_H

#include "bpf/load/probe.h"
#include "bpf/load/variant.h"
#include "reports/record/record.h"

/* Fills result->data if the variant sends events. A failed check leaves its reason in the note. */
void data_fill(const struct variant *variant, enum probe_target target,
	       struct record_result *result);

#endif
