/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "kit/lab/lab_features.h"
#include "kit/lab/xray/features.h"

#define WORKLOAD "munmap_einval" /* the cheapest: the fewest instructions beside the probe's */

static int take(const struct lab *lab, struct lab_entry *entry, struct error *why)
{
	const struct xray_options wanted = {
		.kernel = &entry->kernel,
		.program = entry->program,
		.append = lab->options.append,
		.timeout_s = lab->options.timeout_s,
		.memory_mib = lab->options.memory_mib,
	};
	int err = features_take(&wanted, WORKLOAD, entry->record, why);

	return err ? err : record_write(entry->record, entry->dir, why);
}

int lab_features(struct lab *lab)
{
	int last = 0;

	for (size_t i = 0; i < lab->n; i++) {
		struct lab_entry *entry = &lab->entries[i];
		struct error why = {0};
		int err;

		if (!entry->record || entry->err)
			continue;
		fprintf(stderr, "lab: %s: single-steps one hit of each variant\n",
			entry->kernel.release);
		err = take(lab, entry, &why);
		if (err)
			fprintf(stderr, "lab: %s: no features: %s\n", entry->kernel.release,
				why.text);
		last = err ? err : last;
	}
	return last;
}
