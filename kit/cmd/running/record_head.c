/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/load/others.h"
#include "bpf/load/probe.h"
#include "bpf/load/reason.h"
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

static void warn_of_others(struct record *rec, struct others *known)
{
	char names[128];
	int others = others_loaded(known, names, sizeof(names));

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
}

/* What is not known, or known by other means, without capabilities that root has. */
static void warn_of_privileges(struct record *rec)
{
	int counting;

	if (reason_addresses_hidden())
		record_add_warning(rec,
				   "addresses are hidden without CAP_SYSLOG: how the kernel runs "
				   "kprobes is not known, nor that their code is gone before "
				   "baselines are timed");
	counting = probe_count_hits();
	if (counting >= 0)
		close(counting);
	if (counting == -EPERM)
		record_add_warning(rec,
				   "the kernel counts no runs without CAP_SYS_ADMIN: where they "
				   "are counted, a copy of each program, attached in its place, "
				   "counts them");
}

struct record *record_head_make(const struct record_head *head, struct others *known)
{
	struct record *rec = record_new();
	char **argv;
	int cpus[2], argc = options_words(&argv);

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
	if (head->unit != UNIT_NS)
		host_programs(warn, rec);
	warn_of_others(rec, known);
	warn_of_privileges(rec);
	return rec;
}
