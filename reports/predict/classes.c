/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stddef.h>

#include "reports/predict/classes.h"

#define COUNT_MOST 1e6
#define IN(member) offsetof(struct result_features, member)

static const struct {
	const char *name;
	size_t offset;
} classes[] = {
	[CLASS_PLAIN] = {"plain", IN(plain)},
	[CLASS_LOAD] = {"loads", IN(load)},
	[CLASS_STORE] = {"stores", IN(store)},
	[CLASS_CONDITION] = {"conditional branches", IN(condition)},
	[CLASS_JUMP] = {"jumps", IN(jump)},
	[CLASS_CALL] = {"calls", IN(call)},
	[CLASS_INDIRECT] = {"indirect branches", IN(indirect)},
	[CLASS_RETURN] = {"returns", IN(returns)},
	[CLASS_ATOMIC] = {"atomics", IN(atomic)},
	[CLASS_CLOCK] = {"clock reads", IN(clock)},
	[CLASS_FLAGS] = {"flag and interrupt switches", IN(flags)},
	[CLASS_USER_ACCESS] = {"user access switches", IN(user_access)},
	[CLASS_SERIALISE] = {"serialising", IN(serialise)},
	[CLASS_CR3] = {"address space switches", IN(cr3)},
	[CLASS_TRAP] = {"exceptions", IN(trap)},
	[CLASS_REPEAT] = {"repetitions of rep", IN(repeat)},
	[CLASS_UNKNOWN] = {"unknown", IN(unknown)},
	[CLASS_UNPAIRED] = {"unpaired calls or returns", 0},
};
_Static_assert(sizeof(classes) / sizeof(classes[0]) == CLASS_COUNT, "a row for each class");

const char *class_name(enum instruction_class class)
{
	return classes[class].name;
}

bool class_counts(const struct result_features *features, double *counts)
{
	for (size_t c = 0; c < CLASS_UNPAIRED; c++)
		counts[c] = *(const double *)((const char *)features + classes[c].offset);
	counts[CLASS_UNPAIRED] = fabs(features->call + features->indirect - features->returns);
	for (size_t c = 0; c < CLASS_COUNT; c++)
		if (!(fabs(counts[c]) <= COUNT_MOST))
			return false;
	return true;
}
