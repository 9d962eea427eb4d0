/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "kit/cmd/suite.h"

#define SUITES_MOST 8
/* In --help, behind run's own groups. argp merges what has the same number under the last heading.
 */
#define GROUP_FIRST 10

static const struct suite *const suites[SUITES_MOST + 1] = {
	&suite_helpers,
	&suite_events,
	&suite_crosscheck,
	&suite_apps,
	/* the last: ends the list */
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

int suite_check(const struct suite *suite, const struct plan_options *run, struct error *why)
{
	for (size_t i = 0; suites[i]; i++) {
		int err = suites[i]->check ? suites[i]->check(suites[i] == suite, run, why) : 0;

		if (err)
			return err;
	}
	return 0;
}

const struct argp_child *suite_children(void)
{
	static struct argp_child children[SUITES_MOST + 1];
	static char headings[SUITES_MOST][128];
	size_t n = 0;

	for (size_t i = 0; suites[i]; i++) {
		if (!suites[i]->argp)
			continue;
		snprintf(headings[n], sizeof(headings[n]), "For --suite %s (%s):", suites[i]->name,
			 suites[i]->summary);
		children[n] =
			(struct argp_child){suites[i]->argp, 0, headings[n], GROUP_FIRST + (int)n};
		n++;
	}
	return children;
}

void suite_inputs(void **inputs)
{
	size_t n = 0;

	for (size_t i = 0; suites[i]; i++)
		if (suites[i]->argp)
			inputs[n++] = suites[i]->input;
}
