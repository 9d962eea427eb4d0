/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "kit/cmd/name_list.h"
#include "kit/cmd/options/nearest.h"

bool name_same(const char *given, const char *name)
{
	return !strcmp(given, name);
}

static bool matches(const struct name_table *table, const char *given, const char *name)
{
	return table->match ? table->match(given, name) : !fnmatch(given, name, 0);
}

bool name_list_has(const struct name_list *list, const struct name_table *table, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (matches(table, list->names[i], name))
			return true;
	return false;
}

bool name_list_wants(const struct name_list *list, const struct name_table *table, const char *name)
{
	return !list->n || name_list_has(list, table, name);
}

int name_list_check(const struct name_list *list, const struct name_table *table, struct error *why)
{
	for (size_t i = 0; i < list->n; i++) {
		struct nearest near = {.wrong = list->names[i]};
		const char *name;
		bool any = false;

		for (size_t k = 0; !any && (name = table->at(k)); k++) {
			any = matches(table, near.wrong, name);
			nearest_offer(&near, name);
		}
		if (!any) {
			nearest_say(&near, table->what, why);
			return -EINVAL;
		}
	}
	return 0;
}
