/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "kit/cmd/suite.h"

#define SUITES_MOST 8

static const struct suite *const suites[SUITES_MOST + 1] = {
	&suite_helpers,
	&suite_events,
	&suite_crosscheck,
	&suite_apps,
	&suite_calibrate,
	/* ends the list */
	NULL,
};

const struct suite *suite_find(const char *name)
{
	for (size_t i = 0; suites[i]; i++)
		if (!strcmp(suites[i]->name, name))
			return suites[i];
	return NULL;
}

const char *suite_name(size_t i)
{
	return suites[i] ? suites[i]->name : NULL;
}

int suite_of_options(const char *named, const char **name, struct error *why)
{
	const char *first = NULL;

	*name = NULL;
	for (size_t i = 0; suites[i]; i++) {
		const char *given = suites[i]->options ? options_given(suites[i]->options) : NULL;
		const char *wanted = named ? named : *name;

		if (!given)
			continue;
		if (wanted && strcmp(wanted, suites[i]->name) != 0)
			return error_set(why, -EINVAL, "%s belongs to --suite %s%s%s%s%s", given,
					 suites[i]->name, first ? ", " : "", first ? first : "",
					 first ? " to --suite " : "", first ? *name : "");
		first = given;
		*name = suites[i]->name;
	}
	return 0;
}

const struct option_group *suite_option_groups(void)
{
	static struct option_group groups[SUITES_MOST + 1];
	static char headings[SUITES_MOST][128];
	size_t n = 0;

	for (size_t i = 0; suites[i]; i++) {
		if (!suites[i]->options)
			continue;
		snprintf(headings[n], sizeof(headings[n]), "For --suite %s (%s):", suites[i]->name,
			 suites[i]->summary);
		groups[n] = (struct option_group){headings[n], suites[i]->options};
		n++;
	}
	return groups;
}
