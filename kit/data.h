/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * data: what the events of a cell's probe say, into the cell: checked by calls of which all is known (bpf/reported.h), once for
 * each variant and syscall of a process, with nothing else attached.
 */
#ifndef BPFTOLL_DATA_H
#define BPFTOLL_DATA_H

#include "bpf/probe.h"
#include "bpf/variant.h"
#include "reports/record.h"

/* Fills cell->data where the variant sends events; a check that fails leaves its reason in the note. */
void data_fill(const struct variant *variant, enum probe_target target, struct record_cell *cell);

#endif
