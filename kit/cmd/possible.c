/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/load/others.h"
#include "bpf/load/reason.h"
#include "bpf/load/text.h"
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

void possible_warn(struct record *record)
{
	int counting;

	if (reason_config("CONFIG_KPROBES") != 0 && text_hidden())
		record_add_warning(record,
				   "addresses are hidden without CAP_SYSLOG: how the kernel runs "
				   "kprobes is not known, nor that their code is gone before "
				   "baselines are timed");
	counting = probe_count_hits();
	if (counting >= 0)
		close(counting);
	if (counting == -EPERM)
		record_add_warning(
			record, "the kernel counts no runs without CAP_SYS_ADMIN: a copy of each "
				"program, attached in its place, counted them");
}
