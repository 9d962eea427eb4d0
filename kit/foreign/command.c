/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/foreign/foreign_bundle.h"
#include "bpf/load/variant.h"
#include "cpuset/affinity.h"
#include "kit/apps/session.h"
#include "kit/foreign/command.h"
#include "kit/system/place.h"

#define SECONDS 10

struct job {
	const struct harness_env *env;
	struct record *record;
	struct treatment treatments[1 + CARVE_MOST];
	size_t n;
	hwloc_bitmap_t cpus;
};

/* One treatment an object: its programs that work, together, or the only one. */
static int make_treatments(struct job *job, struct error *why)
{
	const size_t alone = bundle()->n_entries;

	job->treatments[job->n++].kind = TREATMENT_NONE;
	for (size_t o = 0; o < bundle()->n_objects; o++) {
		size_t works = 0, last = 0;

		for (size_t i = 0; i < alone; i++)
			if (bundle()->entries[i].object == o && bundle()->entries[i].works) {
				works++;
				last = i;
			}
		if (works > 1) {
			struct foreign_entry *entry = bundle_add(o, "all_programs", "");

			if (!entry)
				return error_set(why, -E2BIG, "more than %d programs",
						 BUNDLE_ENTRIES_MOST);
			entry->together = true;
			last = bundle()->n_entries - 1;
		}
		if (works) {
			job->treatments[job->n].kind = TREATMENT_FOREIGN;
			job->treatments[job->n++].variant = variant_at(variants_count + last);
		}
	}
	bundle_publish();
	return 0;
}

/* As suite apps' command, which also says whom its probes monitor: these have no such list. */
static int start(struct app_run *run, struct error *why)
{
	int err = app_exec.start(run, why);

	snprintf(run->note, sizeof(run->note),
		 "each window is a run of the command, on the CPUs it would have");
	return err;
}

static int once(struct app_run *run, struct window *window, struct error *why)
{
	return app_exec.once(run, window, why);
}

static const struct app app_command = {
	.name = "command",
	.packages = "",
	.summary = "a command of the user's",
	.start = start,
	.once = once,
	.stop = app_stop,
};

static void make_run(const struct job *job, const struct app_options *options, struct app_run *out)
{
	*out = (struct app_run){
		.app = &app_command,
		.options = options,
		.program_cpus = job->cpus,
		.load_cpus = job->cpus,
		.all_cpus = job->cpus,
		.stop = job->env->stop,
	};
}

/* Runs the command once with the programs attached and counted. */
static int count_runs(struct treatment *treatment, struct app_run *run, uint64_t *runs,
		      struct error *why)
{
	uint64_t before = 0, missed;
	struct window window;
	int counting, err;

	window_clear(&window);
	counting = probe_count_hits();
	if (counting < 0)
		return error_set(why, counting, "hits cannot be counted (BPF_ENABLE_STATS): %s",
				 strerror(-counting));
	err = treatment_on(treatment, NULL, 0, why);
	if (!err)
		err = probe_hits(treatment->side[0].probe, &before, &missed);
	if (!err)
		err = app_command.once(run, &window, why);
	if (!err)
		err = probe_hits(treatment->side[0].probe, runs, &missed);
	treatment_off(treatment);
	close(counting);
	*runs -= err ? *runs : before;
	return err;
}

/* Does the command run the programs at all? Those that it does not are skipped. */
static int prove(struct job *job, const struct app_options *options, struct error *why)
{
	struct app_run run;
	int err;

	make_run(job, options, &run);
	err = app_command.start(&run, why);
	for (size_t i = 0; i < job->n && !err; i++) {
		struct treatment *treatment = &job->treatments[i];
		uint64_t runs = 0;

		if (treatment->kind != TREATMENT_FOREIGN || treatment->status != RESULT_MEASURED)
			continue;
		err = count_runs(treatment, &run, &runs, why);
		if (!err && runs)
			continue;
		treatment_close(treatment);
		treatment->status = RESULT_SKIPPED;
		error_say(&treatment->reason, "the command did not run it");
	}
	app_stop(&run);
	return err;
}

static int measure(struct job *job, const struct app_options *options,
		   const struct plan_options *run, struct error *why)
{
	struct session session = {
		.env = job->env,
		.record = job->record,
		.scale = "command",
		.window_s = 1, /* a window is a run of the command */
		.seconds = run->seconds ? run->seconds : SECONDS,
		.blocks = run->rounds,
		.share = 1,
	};
	int err;

	make_run(job, options, &session.run);
	err = session_run(&session, job->treatments, job->n, why);
	job->record->partial = err == -EINTR;
	return err;
}

int command_run(const struct harness_env *env, const struct plan_options *run, char *const *command,
		struct record *record, struct error *why)
{
	const struct app_options options = {.command = command};
	struct job *job = calloc(1, sizeof(*job));
	int cpus[1024], reader = env->placement->reader_cpu, err;

	if (!job)
		return error_set(why, -ENOMEM, "out of memory");
	job->env = env;
	job->record = record;
	job->cpus = hwloc_bitmap_alloc();
	for (size_t i = 0, n = place_cpus(cpus, 1024); job->cpus && i < n; i++)
		hwloc_bitmap_set(job->cpus, (unsigned int)cpus[i]);
	err = job->cpus ? make_treatments(job, why) : -ENOMEM;
	/* this thread only waits and reads clocks from here on */
	if (!err)
		affinity_pin(reader < 0 ? env->placement->cpu : reader);
	for (size_t i = 0; i < job->n && !err; i++)
		treatment_open(&job->treatments[i], reader < 0 ? env->placement->cpu : reader);
	if (!err && job->n > 1)
		err = prove(job, &options, why);
	if (!err && job->n > 1)
		err = measure(job, &options, run, why);
	for (size_t i = 0; i < job->n; i++)
		treatment_close(&job->treatments[i]);
	hwloc_bitmap_free(job->cpus);
	free(job);
	if (err && err != -EINTR)
		return err;
	return record_write(record, env->dir, why) ? -EIO : err;
}
