/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "bpf/load/others.h"
#include "kit/cmd/options/options.h"
#include "kit/cmd/running/record_head.h"
#include "kit/cmd/version.h"
#include "kit/system/host.h"
#include "kit/system/place.h"

static void warn(void *ctx, const char *what, const char *mend)
{
	(void)mend;
	record_add_warning(ctx, "%s", what);
}

struct record *record_head_make(const struct record_head *head, struct others *known)
{
	struct record *rec = record_new();
	char names[128], **argv;
	int others, cpus[2], argc = options_words(&argv);

	if (!rec)
		return NULL;
	rec->version = strdup(BPFTOLL_VERSION);
	rec->commit = *version_commit ? strdup(version_commit) : NULL;
	rec->seed = head->seed;
	rec->suite = strdup(head->suite);
	rec->argv = calloc((size_t)argc + 1, sizeof(*rec->argv));
	for (int i = 0; rec->argv && i < argc; i++)
		rec->argv[rec->n_argv++] = strdup(argv[i]);
	host_describe(head->tsc, &rec->host);
	rec->placement.measure_cpu = head->placement->cpu;
	rec->placement.reader_cpu = head->placement->reader_cpu;
	rec->placement.reason = strdup(head->placement->reason);
	if (head->unit == UNIT_NS) {
		host_idle(head->placement, &rec->placement);
		host_conditions(head->placement, warn, rec);
		if (place_cpus(cpus, 2) < 2)
			record_add_warning(rec,
					   "one CPU: programs are loaded, attached and freed where "
					   "the calls are timed, and work that the kernel does "
					   "later for that may interrupt the calls");
	}
	others = others_loaded(known, names, sizeof(names));
	if (others > 0)
		record_add_warning(rec,
				   "%d other tracing program%s loaded (%s%s): where they are "
				   "attached, the baselines hold their cost",
				   others, others > 1 ? "s are" : " is", names,
				   others > 4 ? ", …" : "");
	else if (others == -EPERM)
		record_add_warning(rec,
				   "other tracing programs cannot be listed without CAP_SYS_ADMIN: "
				   "where one is attached, the baselines hold its cost");
	return rec;
}
