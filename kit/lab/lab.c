/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "kit/system/folder.h"
#include "kit/lab/guest/boot.h"
#include "kit/lab/kernels/debversion.h"
#include "kit/lab/guest/image.h"
#include "kit/lab/lab.h"
#include "kit/lab/guest/withhold.h"
#include "kit/system/process.h"
#include "kit/system/scratch.h"

#define SEEDS 3

/* A running guest, and the kernel of the lab that it boots. */
struct job {
	struct guest guest;
	struct producer_cpu *producer_cpu;
	unsigned int seed;
	struct boot boot;
	bool started, done;
};

/* The column heading. With several machines it includes Debian's name for each. */
static void name_producer_cpu(const struct lab *lab, struct producer_cpu *producer_cpu)
{
	const char *of = lab->options.n_machines > 1 ? producer_cpu->kernel.machine->debian : "";

	if (*producer_cpu->kernel.version)
		snprintf(producer_cpu->label, sizeof(producer_cpu->label), "%.*s%s%s",
			 (int)strcspn(producer_cpu->kernel.version, "-"),
			 producer_cpu->kernel.version, *of ? "-" : "", of);
	else
		snprintf(producer_cpu->label, sizeof(producer_cpu->label), "%s",
			 producer_cpu->kernel.release);
}

/*
 * With one kernel, the folder itself; with several, a folder below it for each release, numbered
 * where two are the same.
 */
static int make_dir(const struct lab *lab, size_t i, struct error *why)
{
	struct producer_cpu *producer_cpu = &lab->producer_cpus[i];
	char record[PATH_MAX + 16];
	unsigned int twins = 0;
	int n, err;

	for (size_t k = 0; k < i; k++)
		twins +=
			!strcmp(lab->producer_cpus[k].kernel.release, producer_cpu->kernel.release);
	if (lab->n == 1)
		n = snprintf(producer_cpu->dir, sizeof(producer_cpu->dir), "%s", lab->options.dir);
	else if (twins)
		n = snprintf(producer_cpu->dir, sizeof(producer_cpu->dir), "%s/%s-%u",
			     lab->options.dir, producer_cpu->kernel.release, twins + 1);
	else
		n = snprintf(producer_cpu->dir, sizeof(producer_cpu->dir), "%s/%s",
			     lab->options.dir, producer_cpu->kernel.release);
	if (n >= (int)sizeof(producer_cpu->dir))
		return -ENAMETOOLONG;
	err = folder_make(producer_cpu->dir, 0755);
	if (err)
		return error_set(why, err, "%s: %s", producer_cpu->dir, strerror(-err));
	snprintf(record, sizeof(record), "%s/record.json", producer_cpu->dir);
	if (!access(record, F_OK))
		return error_set(why, -EEXIST, "%s: there is a record already; name another folder",
				 producer_cpu->dir);
	return 0;
}

/* Adds one kernel on one machine to the lab. */
static int take_producer_cpu(struct lab *lab, const char *kernel, const struct machine *machine,
			     struct error *why)
{
	const struct lab_options *options = &lab->options;
	struct producer_cpu *producer_cpu = &lab->producer_cpus[lab->n];
	int err = 0;

	if (options->program)
		snprintf(producer_cpu->program, sizeof(producer_cpu->program), "%s",
			 options->program);
	else if (machine_program(machine, producer_cpu->program, sizeof(producer_cpu->program),
				 why))
		err = -ENOTSUP;
	if (!err)
		err = kernel_resolve(kernel, machine, options->refresh, &producer_cpu->kernel, why);
	if (err)
		return err;
	name_producer_cpu(lab, producer_cpu);
	lab->n++;
	return 0;
}

/*
 * Adds a kernel on all machines. If only some machines have it, says so and goes on; if none has
 * it, that is an error.
 */
static int take_producer_cpus(struct lab *lab, const char *kernel, struct error *why)
{
	const struct lab_options *options = &lab->options;
	struct error missing[LAB_MACHINES_MAX];
	size_t before = lab->n;
	int err = 0, first = 0;

	for (size_t m = 0; m < options->n_machines; m++) {
		*missing[m].text = '\0';
		err = take_producer_cpu(lab, kernel, options->machines[m], &missing[m]);
		if (err && !first) {
			first = err;
			error_say(why, "%s", missing[m].text);
		}
		if (err == -EINTR)
			return err;
	}
	if (lab->n == before)
		return first;
	for (size_t m = 0; m < options->n_machines; m++)
		if (*missing[m].text)
			fprintf(stderr, "lab: %s: left out: %s\n", options->machines[m]->arch,
				missing[m].text);
	return 0;
}

int lab_prepare(struct lab *lab, const struct lab_options *options, struct error *why)
{
	size_t kernels = options->n_kernels ? options->n_kernels : 1;
	int err = 0;

	memset(lab, 0, sizeof(*lab));
	lab->options = *options;
	lab->producer_cpus = calloc(kernels * lab->options.n_machines, sizeof(*lab->producer_cpus));
	if (!lab->producer_cpus)
		return error_set(why, -ENOMEM, "out of memory");
	if (options->cpus > 1)
		err = withhold_check(options->run_words, options->n_run_words, why);
	for (size_t i = 0; !err && i < kernels; i++)
		err = take_producer_cpus(lab, options->kernels[i], why);
	if (!err) {
		err = folder_make(options->dir, 0755);
		if (err)
			error_say(why, "%s: %s", options->dir, strerror(-err));
	}
	for (size_t i = 0; !err && i < lab->n; i++)
		err = make_dir(lab, i, why);
	if (!err)
		err = scratch_make(NULL, lab->scratch, sizeof(lab->scratch), why);
	return err;
}

void lab_free(struct lab *lab)
{
	for (size_t i = 0; lab->producer_cpus && i < lab->n; i++)
		record_free(lab->producer_cpus[i].record);
	free(lab->producer_cpus);
	scratch_remove(lab->scratch);
	memset(lab, 0, sizeof(*lab));
}

static int build(const struct lab *lab, struct job *job, struct error *why)
{
	char prefix[PATH_MAX + 24];
	struct words w = {0};
	int err;

	words_add(&w, "bpftoll", "run", "--suite", "matrix", "--unit",
		  lab->options.accel == GUEST_KVM ? "ns" : "instructions", "--seed", "1", "-o",
		  IMAGE_RECORD_DIR, NULL);
	if (lab->options.cpus > 1)
		words_add(&w, "--untimed", NULL);
	for (size_t i = 0; i < lab->options.n_run_words; i++)
		words_add(&w, lab->options.run_words[i], NULL);
	job->boot = (struct boot){.kernel = &job->producer_cpu->kernel,
				  .program = job->producer_cpu->program,
				  .argv = w.argv};
	snprintf(prefix, sizeof(prefix), "%s/%zu-", lab->scratch,
		 (size_t)(job->producer_cpu - lab->producer_cpus));
	err = boot_build(&job->boot, lab->options.accel, prefix, why);
	job->boot.argv = NULL;
	return err;
}

static void start(const struct lab *lab, struct job *job)
{
	const struct guest_options options = {
		.append = lab->options.append,
		.accel = lab->options.accel,
		.memory_mib = lab->options.memory_mib,
		.cpus = lab->options.cpus,
		.free_running = lab->options.cpus > 1,
		.timeout_s = lab->options.timeout_s,
		.seed = job->seed,
	};
	struct producer_cpu *producer_cpu = job->producer_cpu;

	if (!*job->boot.image)
		producer_cpu->err = build(lab, job, &producer_cpu->why);
	if (!producer_cpu->err)
		producer_cpu->err =
			boot_start(&job->boot, options, &job->guest, &producer_cpu->why);
	job->started = !producer_cpu->err;
	job->done = producer_cpu->err != 0;
	if (producer_cpu->err)
		guest_close(&job->guest);
	fprintf(stderr, "lab: %s: %s\n", producer_cpu->kernel.release,
		producer_cpu->err ? producer_cpu->why.text : "started");
}

/*
 * Sets the record's time and hypervisor, which the host knows better: the guest's clock starts at a
 * fixed date.
 */
static void complete(const struct lab *lab, const struct machine *machine, struct record *rec)
{
	char what[128], stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	char *text;

	guest_describe(machine, lab->options.accel, lab->options.cpus > 1, what, sizeof(what));
	text = strdup(what);
	if (text) {
		free(rec->host.virtualization);
		rec->host.virtualization = text;
	}
	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &tm);
	text = strdup(stamp);
	if (text) {
		free(rec->created);
		rec->created = text;
	}
}

static void collect(const struct lab *lab, struct job *job)
{
	struct producer_cpu *producer_cpu = job->producer_cpu;
	char words[1024];
	int status;

	producer_cpu->seconds = job->guest.seconds;
	producer_cpu->err = guest_results(&job->guest, producer_cpu->dir, &producer_cpu->why);
	if (producer_cpu->err)
		return;
	status = image_status(producer_cpu->dir);
	producer_cpu->err =
		record_read(producer_cpu->dir, &producer_cpu->record, &producer_cpu->why);
	if (producer_cpu->err && status > 0) {
		guest_last_words(&job->guest, 3, words, sizeof(words));
		error_say(&producer_cpu->why,
			  "bpftoll in the guest ended with %d, and without a record:\n    %s",
			  status, words);
	}
	if (producer_cpu->err)
		return;
	complete(lab, producer_cpu->kernel.machine, producer_cpu->record);
	if (lab->options.cpus > 1)
		withhold_costs(producer_cpu->record, producer_cpu->dir);
	producer_cpu->err =
		record_write(producer_cpu->record, producer_cpu->dir, &producer_cpu->why);
}

/*
 * QEMU 7.2 sometimes gives a guest wrong flags when an interrupt comes right after a cmpxchg16b:
 * the kernel dies of a double fault, always at the same place for one seed. Another seed moves the
 * interrupts.
 */
static bool try_again(const struct lab *lab, struct job *job)
{
	if (lab->options.accel != GUEST_TCG || job->seed >= SEEDS || !guest_died_early(&job->guest))
		return false;
	fprintf(stderr, "lab: %s: died while booting, once more with another seed\n",
		job->producer_cpu->kernel.release);
	job->seed++;
	job->started = false;
	guest_close(&job->guest);
	return true;
}

static void finish(const struct lab *lab, struct job *job)
{
	if (job->guest.state == GUEST_ENDED && try_again(lab, job))
		return;
	collect(lab, job);
	job->done = true;
	guest_close(&job->guest);
	unlink(job->boot.vmlinux);
	if (job->producer_cpu->err)
		fprintf(stderr, "lab: %s: %s\n", job->producer_cpu->kernel.release,
			job->producer_cpu->why.text);
	else
		fprintf(stderr, "lab: %s: %zu results in %.1f s\n",
			job->producer_cpu->kernel.release,
			job->producer_cpu->record->n_results +
				job->producer_cpu->record->n_event_points +
				job->producer_cpu->record->n_slopes,
			job->producer_cpu->seconds);
}

/*
 * The newest of the kernels that wait: it takes longest, and the run would end later if it started
 * last.
 */
static struct job *next_job(const struct lab *lab, struct job *jobs)
{
	struct job *next = NULL;

	for (size_t i = 0; i < lab->n; i++)
		if (!jobs[i].started && !jobs[i].done &&
		    (!next || debversion_compare(jobs[i].producer_cpu->kernel.release,
						 next->producer_cpu->kernel.release) > 0))
			next = &jobs[i];
	return next;
}

/*
 * Starts as many guests as there is room for, waits, and collects results. false: nothing is left
 * to do.
 */
static bool turn(const struct lab *lab, struct job *jobs, size_t room)
{
	struct guest *running[LAB_KERNELS_MAX * LAB_MACHINES_MAX];
	size_t n = 0, open = 0;
	struct job *next;

	for (size_t i = 0; i < lab->n; i++)
		n += jobs[i].started && !jobs[i].done;
	while (n < room && !cli_stop && (next = next_job(lab, jobs))) {
		start(lab, next);
		n += next->started;
	}
	n = 0;
	for (size_t i = 0; i < lab->n; i++)
		if (jobs[i].started && !jobs[i].done)
			running[n++] = &jobs[i].guest;
	guest_wait(running, n, 1000);
	for (size_t i = 0; i < lab->n; i++) {
		if (jobs[i].started && !jobs[i].done && jobs[i].guest.state != GUEST_RUNNING)
			finish(lab, &jobs[i]);
		open += !jobs[i].done;
	}
	return open && !(cli_stop && !n);
}

int lab_run(struct lab *lab, struct error *why)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct job *jobs = calloc(lab->n, sizeof(*jobs));
	size_t records = 0;

	if (!jobs)
		return error_set(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < lab->n; i++) {
		jobs[i].producer_cpu = &lab->producer_cpus[i];
		jobs[i].seed = 1;
	}
	while (turn(lab, jobs, cpus > 0 ? (size_t)cpus : 1))
		continue;
	for (size_t i = 0; i < lab->n; i++) {
		guest_close(&jobs[i].guest);
		records += lab->producer_cpus[i].record && !lab->producer_cpus[i].err;
	}
	free(jobs);
	if (cli_stop)
		return error_set(why, -EINTR, "stopped");
	if (records)
		return 0;
	error_say(why, "no guest brought back a record");
	return lab->n && lab->producer_cpus[0].err ? lab->producer_cpus[0].err : -ENODATA;
}
