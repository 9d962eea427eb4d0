/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * classes: the instruction classes that a price can be for, from the counts that a lab's record has
 * (struct result_features).
 */
#ifndef BPFTOLL_REPORTS_PREDICT_CLASSES_H
#define BPFTOLL_REPORTS_PREDICT_CLASSES_H

#include <stdbool.h>

#include "reports/record/record.h"

enum instruction_class {
	CLASS_PLAIN,
	CLASS_LOAD,
	CLASS_STORE,
	CLASS_CONDITION,
	CLASS_JUMP,
	CLASS_CALL,
	CLASS_INDIRECT,
	CLASS_RETURN,
	CLASS_ATOMIC,
	CLASS_CLOCK,
	CLASS_FLAGS,
	CLASS_USER_ACCESS,
	CLASS_SERIALISE,
	CLASS_CR3,
	CLASS_TRAP,
	CLASS_REPEAT,
	CLASS_UNKNOWN,
	/*
	 * No instructions: calls without a return, or returns without a call. The processor's
	 * stack of return addresses is off by as many, and further returns are mispredicted too.
	 */
	CLASS_UNPAIRED,
	CLASS_COUNT
};

/* "loads", "returns", … */
const char *class_name(enum instruction_class class);

/*
 * A thunk's own instructions have no price of their own: they are part of the branch's. False:
 * they are no counts (unknown, or more than any call has), as a damaged record may have them.
 */
bool class_counts(const struct result_features *features, double *counts);

#endif
