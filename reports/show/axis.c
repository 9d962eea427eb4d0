/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "reports/show/axis.h"

void axis_add(struct axis *axis, const char *name, size_t most)
{
	for (size_t i = 0; i < axis->n; i++) {
		if (strcmp(axis->name[i], name) == 0)
			return;
	}
	if (axis->n < most && axis->n < AXIS_MOST)
		axis->name[axis->n++] = name;
}
