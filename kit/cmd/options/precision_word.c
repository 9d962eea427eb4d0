/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kit/cmd/options/precision_word.h"

static struct precision asked;

const char *precision_word(const char *word, struct precision *out)
{
	static const struct {
		const char *name;
		double times;
		bool relative;
	} units[] = {{"ns", 1, false}, {"us", 1e3, false}, {"ms", 1e6, false}, {"%", 0.01, true}};
	char *unit = NULL;
	/* strtod takes "inf", "nan" and signs as well */
	double value = isdigit((unsigned char)*word) || *word == '.' ? strtod(word, &unit) : 0;

	for (size_t i = 0;
	     unit && value > 0 && isfinite(value) && i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i].name)) {
			*out = (struct precision){value * units[i].times, units[i].relative};
			return NULL;
		}
	return "must be a half-width above 0 with its unit, such as 2ns, 0.5us or 5%";
}

const char *precision_take(const char *value)
{
	return precision_word(value, &asked);
}

struct precision precision_asked(void)
{
	return asked;
}
