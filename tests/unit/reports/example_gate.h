/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of an object's programs on two kernels, before and after a change. */
#ifndef BPFTOLL_TESTS_UNIT_REPORTS_EXAMPLE_GATE_H
#define BPFTOLL_TESTS_UNIT_REPORTS_EXAMPLE_GATE_H

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/gate/gate.h"

static inline struct record *gate_record(const char *kernel)
{
	struct record *rec = record_new();

	if (!rec)
		abort();
	rec->host.kernel = strdup(kernel);
	rec->host.arch = strdup("x86_64");
	rec->suite = strdup("measure");
	return rec;
}

static inline struct record_result *gate_result(struct record *rec, const char *program,
						const char *operation)
{
	struct record_result *result =
		record_add_result(rec, program, "kprobe", "foreign", operation, "-", "hot");

	if (!result)
		abort();
	result->foreign.present = true;
	result->unit = UNIT_INSTRUCTIONS;
	return result;
}

static inline struct record_result *gate_program(struct record *rec, const char *program,
						 double cost, uint64_t verified, uint64_t stack)
{
	struct record_result *result = gate_result(rec, program, "munmap_einval");

	result->overhead.p50 = (struct effect){cost, cost, cost};
	result->program.present = true;
	result->program.verified_insns = verified;
	result->program.stack_bytes = stack;
	result->program.verify_us = 30;
	return result;
}

static inline void gate_refused(struct record *rec, const char *program, const char *reason,
				bool refused)
{
	struct record_result *result =
		record_add_result(rec, program, "kprobe", "foreign", "-", "-", "-");

	if (!result)
		abort();
	result->status = RESULT_SKIPPED;
	result->reason = strdup(reason);
	result->foreign.present = true;
	result->foreign.refused = refused;
}

/* Two kernels a side: what gate_kernel refers to. */
struct gate_example {
	struct record *records[2][2];
	struct gate_kernel kernels[2][2];
	struct gate_side before, after;
};

static inline void gate_example_open(struct gate_example *x)
{
	static const char *const releases[] = {"5.10.0-46-cloud-amd64", "6.1.0-56-cloud-amd64"};
	static const char *const labels[] = {"5.10.262", "6.1.192"};

	for (int side = 0; side < 2; side++)
		for (int k = 0; k < 2; k++) {
			struct record *rec = gate_record(releases[k]);

			x->records[side][k] = rec;
			x->kernels[side][k] = (struct gate_kernel){rec, labels[k], NULL};
			gate_program(rec, "same", 342, 2, 0);
			gate_program(rec, "longer", side ? 425 : 424, side ? 3 : 2, 0);
			gate_program(rec, "shorter", side ? 90 : 100, 5, 8);
			if (side && !k)
				gate_refused(rec, "lost", "kernel's <words> & \"more\"\033[31m",
					     true);
			else
				gate_program(rec, "lost", 77, 9, 16);
			gate_program(rec, side ? "new" : "old", 10, 2, 0);
		}
	x->before = (struct gate_side){x->kernels[0], 2};
	x->after = (struct gate_side){x->kernels[1], 2};
}

static inline void gate_example_close(struct gate_example *x)
{
	for (int side = 0; side < 2; side++)
		for (int k = 0; k < 2; k++)
			record_free(x->records[side][k]);
}

#endif
