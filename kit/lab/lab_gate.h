/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lab_gate: an object in the lab against what it was: another object, measured in the same run, or
 * records that a run left in a folder.
 *
 * lab_gate_read (what is named, before anything boots) -> lab_run -> lab_gate_decide ->
 * lab_gate_free.
 */
#ifndef BPFTOLL_KIT_LAB_LAB_GATE_H
#define BPFTOLL_KIT_LAB_LAB_GATE_H

#include "kit/lab/lab.h"
#include "reports/judge/gate/gate.h"

struct lab_gate {
	struct record *records[LAB_KERNELS_MAX * LAB_MACHINES_MAX]; /* that were read */
	size_t n_records;
	struct gate_kernel kernels[2][LAB_KERNELS_MAX * LAB_MACHINES_MAX];
	struct gate_side before, after;
	struct gate gate;
};

/* Where the gate's and the counts' other forms go; NULL: nowhere; "-": stdout. */
struct lab_gate_files {
	const char *junit, *bencher, *github;
};

/*
 * base: a folder with record.json, or with a folder a kernel that has it, or an object's file.
 * *is_object: it is to be measured. 0 or -errno, why. Call lab_gate_free after an error too.
 */
int lab_gate_read(const char *base, struct lab_gate *out, bool *is_object, struct error *why);

/* Takes the lab's entries as sides; before: those of the base, if there are any. */
void lab_gate_sides(struct lab_gate *g, const struct lab *lab);

/* 0 or -errno, why; g->gate is the decision. */
int lab_gate_decide(struct lab_gate *g, struct gate_limit limit, struct error *why);

/* Writes the files; without a gate (g->gate.rows NULL) those of counts alone. 0 or -errno, why. */
int lab_gate_write(const struct lab_gate *g, const struct lab_gate_files *files, struct error *why);
void lab_gate_free(struct lab_gate *g);

#endif
