/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "bpf/read/reported.h"
#include "kit/probes/data.h"

/* Returns NULL if it was not checked or memory ran out. */
static char *copy_name(enum reported_as as)
{
	const char *name = reported_name(as);

	return name ? strdup(name) : NULL;
}

void data_fill(const struct variant *variant, enum probe_target target,
	       struct record_result *result)
{
	static struct {
		bool done;
		struct reported reported;
	} known[HOOK_COUNT][BODY_COUNT][TARGET_COUNT];
	struct reported *reported;
	struct error why;

	if (body_output(variant->body) == OUTPUT_NONE)
		return;
	reported = &known[variant->hook][variant->body][target].reported;
	if (!known[variant->hook][variant->body][target].done &&
	    reported_check(variant, target, reported, &why))
		snprintf(reported->note, sizeof(reported->note), "not checked: %.200s", why.text);
	known[variant->hook][variant->body][target].done = true;
	result->data.length = copy_name(reported->length);
	result->data.pid = copy_name(reported->pid);
	result->data.tgid = copy_name(reported->tgid);
	result->data.order = copy_name(reported->order);
	result->data.note = *reported->note ? strdup(reported->note) : NULL;
}
