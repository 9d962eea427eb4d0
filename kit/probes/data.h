/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * data: what the events of a result's probe say, into the result: checked by calls of which all is
 * known (bpf/read/reported.h), once for each variant and syscall of a process, with nothing else
 * attached.
 */
#ifndef BPFTOLL_KIT_PROBES_DATA_H
#define BPFTOLL_KIT_PROBES_DATA_H

#include "bpf/load/probe.h"
#include "bpf/load/variant.h"
#include "reports/record/record.h"

/* Fills result->data where the variant sends events; a check that fails leaves its reason in the
 * note. */
void data_fill(const struct variant *variant, enum probe_target target,
	       struct record_result *result);

#endif
