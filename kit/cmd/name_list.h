/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * name_list: names given by the user, checked against the table of those that exist.
 *
 * name_list_check (does each exist?) -> name_list_has or name_list_wants for each row of the table.
 */
#ifndef BPFTOLL_KIT_NAME_LIST_H
#define BPFTOLL_KIT_NAME_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"

#define PLAN_LIST_MAX 64

struct name_list {
	const char *names[PLAN_LIST_MAX];
	size_t n;
};

struct name_table {
	const char *what;	     /* what a name is of, for messages: "variant" */
	const char *(*at)(size_t i); /* the i-th name; NULL past the last */
	/* Does `given` mean this name? NULL: given is a pattern with wildcards. */
	bool (*match)(const char *given, const char *name);
};

bool name_same(const char *given, const char *name);

/* Is the name among those given? */
bool name_list_has(const struct name_list *list, const struct name_table *table, const char *name);

/* The same, but an empty list means all names. */
bool name_list_wants(const struct name_list *list, const struct name_table *table,
		     const char *name);

/* Returns 0, or -EINVAL if one matches nothing: why names it and the nearest valid ones. */
int name_list_check(const struct name_list *list, const struct name_table *table,
		    struct error *why);

#endif
