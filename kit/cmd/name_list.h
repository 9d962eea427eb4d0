/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * name_list: names as the user gave them, held against the table of those that exist.
 *
 * name_list_check (is each of them one that exists?) -> name_list_has or name_list_wants for every
 * row of the table.
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
	const char *what;	     /* one of them, in messages: "variant" */
	const char *(*at)(size_t i); /* NULL past the last */
	/* does what was given mean this name? NULL: it is a glob */
	bool (*match)(const char *given, const char *name);
};

bool name_same(const char *given, const char *name);

/* Is the name among those given? */
bool name_list_has(const struct name_list *list, const struct name_table *table, const char *name);

/* The same, where an empty list names all. */
bool name_list_wants(const struct name_list *list, const struct name_table *table,
		     const char *name);

/* 0, or -EINVAL: one matches nothing, why names it and the nearest that would. */
int name_list_check(const struct name_list *list, const struct name_table *table,
		    struct error *why);

#endif
