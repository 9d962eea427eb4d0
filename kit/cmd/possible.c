/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kit/cmd/possible.h"

int possible_attach(const struct variant *variant, struct probe **out, struct error *why)
{
	int err;

	*out = NULL;
	err = probe_open(variant, TARGET_MUNMAP, WAKE_DEFAULT, out, why);
	if (!err)
		err = probe_attach(*out, why);
	if (err) {
		probe_close(*out);
		*out = NULL;
	}
	return err;
}

int possible_any(const struct name_list *asked, struct error *why)
{
	struct error reason, last = {""};
	struct probe *probe;

	*why->text = '\0';
	for (size_t i = 0; i < variants_count; i++) {
		if (!name_list_wants(asked, &plan_variants, variants[i].name))
			continue;
		if (!possible_attach(&variants[i], &probe, &reason)) {
			probe_close(probe);
			return 0;
		}
		/* variants of one hook are adjacent and usually fail for the same reason */
		if (strcmp(reason.text, last.text) != 0)
			error_add(why, "%s%s: %s", *why->text ? "; " : "", variants[i].name,
				  reason.text);
		last = reason;
	}
	return -ENOTSUP;
}
