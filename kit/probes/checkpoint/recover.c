/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/read/wakeup_policy.h"
#include "calib/path.h"
#include "kit/probes/checkpoint/recover.h"
#include "kit/probes/checkpoint/round_log.h"
#include "kit/probes/harness_env.h"
#include "kit/probes/results.h"
#include "kit/probes/totals.h"
#include "reports/record/record_rows.h"
#include "reports/record/samples.h"
#include "reports/record/text_stream.h"

struct job {
	const char *dir;
	struct record *record;
	struct record *before; /* as it was read, for what only the run itself could know */
	struct round_log *log;
	struct plan plan;
	struct totals totals;
	struct recovered *out;
	int err; /* readings that may be there cannot be read */
	struct error why;
};

static int replay(struct job *job)
{
	unsigned int last = 0;
	int err = totals_open(round_log_page(job->log), &job->totals), got = 1;

	while (!err && got > 0) {
		unsigned int worker;

		got = round_log_next(job->log);
		err = got < 0 ? got : 0;
		if (got <= 0)
			break;
		worker = round_log_page(job->log)->number;

		job->out->workers += !job->out->rounds || worker != last;
		last = worker;
		job->out->rounds++;
		err = totals_take(&job->totals, job->record);
	}
	/* it counts pages taken, which were a worker's and are a round's here */
	job->totals.workers = job->out->workers;
	return err;
}

/* The rounds of which a file has readings; a half one at its end is cut off. */
static size_t rounds_read(struct job *job, size_t p, size_t i)
{
	const struct worker_page *page = round_log_page(job->log);
	struct error why;
	size_t readings;
	char name[168];
	int err;

	worker_page_samples(page, p, i, name, sizeof(name));
	err = samples_mend(job->dir, name, &readings, &why);
	/* a result whose readings are not there, or damaged, says so itself */
	if (err && err != -ENOENT && err != -EINVAL) {
		job->err = err;
		job->why = why;
	}
	return readings / worker_page_config(page, p, i)->calls;
}

/*
 * Readings are written before their round is logged, so there may be more of them; after a power
 * cut there may be less, and only rounds with both count.
 */
static void match_samples(struct job *job, size_t p)
{
	struct experiment_sum *sum = &job->totals.experiments[p];
	size_t whole = sum->rounds, most = 0;

	for (size_t i = 0; i < sum->n_configs; i++) {
		struct config_sum *config = &sum->configs[i];
		size_t rounds = rounds_read(job, p, i);

		if (rounds > config->rounds && rounds - config->rounds > most)
			most = rounds - config->rounds;
		if (rounds < config->rounds && rounds < whole &&
		    worker_page_config(round_log_page(job->log), p, i)->status == RESULT_MEASURED)
			whole = rounds;
	}
	for (size_t i = 0; i < sum->n_configs; i++)
		if (sum->configs[i].rounds > whole)
			sum->configs[i].rounds = whole;
	job->out->left_out += most + sum->rounds - whole;
	job->out->rounds -= sum->rounds - whole;
	sum->rounds = whole;
}

/* What its events say was checked by the run, by loading the program. */
static void keep_checked(struct job *job)
{
	for (size_t i = 0; i < job->record->n_results; i++) {
		struct record_result *result = job->record->results[i];
		const struct record_result *before = record_find_result(job->before, result->id);
		const struct result_data *data = before ? &before->data : NULL;

		if (!data || result->data.length)
			continue;
		result->data.length = data->length ? strdup(data->length) : NULL;
		result->data.pid = data->pid ? strdup(data->pid) : NULL;
		result->data.tgid = data->tgid ? strdup(data->tgid) : NULL;
		result->data.order = data->order ? strdup(data->order) : NULL;
		result->data.note = data->note ? strdup(data->note) : NULL;
	}
}

static size_t rounds_known(const struct record *record, size_t conditions)
{
	return record->n_conditions > conditions ? record->n_conditions - conditions : 0;
}

static int make_plan(struct job *job)
{
	const struct worker_page *page = round_log_page(job->log);

	job->plan.experiments = calloc(page->n_experiments, sizeof(*job->plan.experiments));
	if (!job->plan.experiments)
		return -ENOMEM;
	job->plan.n_experiments = page->n_experiments;
	for (size_t p = 0; p < page->n_experiments; p++) {
		const struct worker_experiment *e = worker_page_experiment(page, p);

		job->plan.experiments[p].workload = &workloads[e->workload];
		job->plan.experiments[p].cache = e->cache;
	}
	return 0;
}

static int fill(struct job *job, struct error *why)
{
	const struct worker_page *page = round_log_page(job->log);
	const struct round_log_before *before = round_log_before(job->log);
	const struct harness_env env = {
		.dir = job->dir,
		.tsc = &page->tsc,
		.seed = page->seed,
		.counted = round_log_counters(job->log),
		.over = true,
		.keep_samples = true,
		.widen = job->record->precision.present ? job->record->precision.widened : 0,
	};
	int err;

	reader_sampled_every(page->wake_every);
	record_drop_results(job->record, before->results);
	field_drop_rows(job->record, field_find(record_top_fields, "conditions"),
			before->conditions);
	err = make_plan(job);
	if (!err)
		err = replay(job);
	if (err)
		return error_set(why, err, "%s: %s", job->dir, strerror(-err));
	for (size_t p = 0; p < job->plan.n_experiments; p++)
		match_samples(job, p);
	if (job->err)
		return error_set(why, job->err, "%s", job->why.text);
	err = results_fill(&job->totals, &job->plan, &env, job->record, why);
	if (err)
		return err;
	results_tell_conditions(&job->totals, job->record, before->results);
	keep_checked(job);
	return 0;
}

static int remake(struct job *job, struct error *why)
{
	const struct round_log_before *before = round_log_before(job->log);
	int err;

	if (before->results > job->record->n_results ||
	    before->conditions > job->record->n_conditions)
		return error_set(why, -EINVAL, "%s: its checkpoint is of another record", job->dir);
	job->out->known = rounds_known(job->record, before->conditions);
	err = fill(job, why);
	if (!err && record_add_warning(job->record,
				       "the run was killed: bpftoll recover made the results of "
				       "its %zu complete rounds",
				       job->out->rounds))
		err = error_set(why, -ENOMEM, "out of memory");
	/* what lacks something would be the end of the rounds in the log */
	if (!err && out_of_memory())
		err = error_set(why, -ENOMEM, "%s: out of memory; it is as it was", job->dir);
	return err ? err : record_write(job->record, job->dir, why);
}

static void remove_log(const char *dir)
{
	char path[PATH_MAX + 16];

	if (!path_put(path, sizeof(path), "%s/" ROUND_LOG_NAME, dir))
		unlink(path);
}

/* What a writer that was killed left of the next record.json: record_write names it by its pid. */
static void remove_half_written(const char *dir)
{
	DIR *folder = opendir(dir);
	const struct dirent *item;

	while (folder && (item = readdir(folder))) {
		int end = 0, pid;

		if (sscanf(item->d_name, ".record.json.%d%n", &pid, &end) == 1 &&
		    !item->d_name[end] && pid > 0 && kill(pid, 0) && errno == ESRCH)
			unlinkat(dirfd(folder), item->d_name, 0);
	}
	if (folder)
		closedir(folder);
}

static int mend(struct job *job, struct error *why)
{
	int err = round_log_open(job->dir, &job->log, why);

	job->out->complete = !job->record->partial;
	if (err == -ENOENT)
		return 0;
	if (err == -ENOTSUP && !job->out->complete) {
		job->out->note = *why;
		return 0;
	}
	if (err)
		return err;
	if (!job->out->complete) {
		job->out->logged = true;
		err = remake(job, why);
	}
	if (!err)
		remove_log(job->dir);
	return err;
}

int recover_record(const char *dir, struct recovered *out, struct error *why)
{
	struct job job = {.dir = dir, .out = out};
	int err;

	*out = (struct recovered){.complete = false};
	err = record_read(dir, &job.record, why);
	if (!err)
		err = record_read(dir, &job.before, why);
	if (!err)
		err = mend(&job, why);
	if (!err)
		remove_half_written(dir);
	if (job.log)
		totals_close(&job.totals);
	free(job.plan.experiments);
	round_log_close(job.log);
	record_free(job.record);
	record_free(job.before);
	return err;
}
