/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kit/cli.h"
#include "kit/folder.h"
#include "kit/lab/boot.h"
#include "kit/lab/debversion.h"
#include "kit/lab/image.h"
#include "kit/lab/lab.h"
#include "kit/lab/withhold.h"
#include "kit/process.h"
#include "kit/scratch.h"

#define SEEDS 3

/* A guest at work, and the seat that it fills. */
struct job {
	struct guest guest;
	struct seat *seat;
	unsigned int seed;
	struct boot boot;
	bool started, done;
};

/* With several machines the Debian name of each says which. */
static void name_seat(const struct lab *lab, struct seat *seat)
{
	const char *of = lab->options.n_machines > 1 ? seat->kernel.machine->debian : "";

	if (*seat->kernel.version)
		snprintf(seat->label, sizeof(seat->label), "%.*s%s%s",
			 (int)strcspn(seat->kernel.version, "-"), seat->kernel.version,
			 *of ? "-" : "", of);
	else
		snprintf(seat->label, sizeof(seat->label), "%s", seat->kernel.release);
}

/* One kernel: the folder itself. Several: one below it for each release, numbered where two are the same. */
static int make_dir(const struct lab *lab, size_t i, char *why, size_t why_len)
{
	struct seat *seat = &lab->seats[i];
	char record[PATH_MAX + 16];
	unsigned int twins = 0;
	int n, err;

	for (size_t k = 0; k < i; k++)
		twins += !strcmp(lab->seats[k].kernel.release, seat->kernel.release);
	if (lab->n == 1)
		n = snprintf(seat->dir, sizeof(seat->dir), "%s", lab->options.dir);
	else if (twins)
		n = snprintf(seat->dir, sizeof(seat->dir), "%s/%s-%u", lab->options.dir,
			     seat->kernel.release, twins + 1);
	else
		n = snprintf(seat->dir, sizeof(seat->dir), "%s/%s", lab->options.dir,
			     seat->kernel.release);
	if (n >= (int)sizeof(seat->dir))
		return -ENAMETOOLONG;
	err = folder_make(seat->dir, 0755);
	if (err) {
		snprintf(why, why_len, "%s: %s", seat->dir, strerror(-err));
		return err;
	}
	snprintf(record, sizeof(record), "%s/record.json", seat->dir);
	if (!access(record, F_OK)) {
		snprintf(why, why_len, "%s: there is a record already; name another folder",
			 seat->dir);
		return -EEXIST;
	}
	return 0;
}

/* One kernel on one machine, into the next seat. */
static int take_seat(struct lab *lab, const char *kernel, const struct machine *machine, char *why,
		     size_t why_len)
{
	const struct lab_options *options = &lab->options;
	struct seat *seat = &lab->seats[lab->n];
	int err = 0;

	if (options->program)
		snprintf(seat->program, sizeof(seat->program), "%s", options->program);
	else if (machine_program(machine, seat->program, sizeof(seat->program), why, why_len))
		err = -ENOTSUP;
	if (!err)
		err = kernel_resolve(kernel, machine, options->refresh, &seat->kernel, why,
				     why_len);
	if (err)
		return err;
	name_seat(lab, seat);
	lab->n++;
	return 0;
}

/* What only some of the machines have is said, and the rest goes on; what none has is an error. */
static int take_seats(struct lab *lab, const char *kernel, char *why, size_t why_len)
{
	const struct lab_options *options = &lab->options;
	char missing[LAB_MACHINES_MAX][1024];
	size_t before = lab->n;
	int err = 0, first = 0;

	for (size_t m = 0; m < options->n_machines; m++) {
		*missing[m] = '\0';
		err = take_seat(lab, kernel, options->machines[m], missing[m], sizeof(missing[m]));
		if (err && !first) {
			first = err;
			snprintf(why, why_len, "%s", missing[m]);
		}
		if (err == -EINTR)
			return err;
	}
	if (lab->n == before)
		return first;
	for (size_t m = 0; m < options->n_machines; m++)
		if (*missing[m])
			fprintf(stderr, "lab: %s: left out: %s\n", options->machines[m]->arch,
				missing[m]);
	return 0;
}

int lab_prepare(struct lab *lab, const struct lab_options *options, char *why, size_t why_len)
{
	size_t kernels = options->n_kernels ? options->n_kernels : 1;
	int err = 0;

	memset(lab, 0, sizeof(*lab));
	lab->options = *options;
	lab->seats = calloc(kernels * lab->options.n_machines, sizeof(*lab->seats));
	if (!lab->seats) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	if (options->cpus > 1)
		err = withhold_check(options->run_words, options->n_run_words, why, why_len);
	for (size_t i = 0; !err && i < kernels; i++)
		err = take_seats(lab, options->kernels[i], why, why_len);
	if (!err) {
		err = folder_make(options->dir, 0755);
		if (err)
			snprintf(why, why_len, "%s: %s", options->dir, strerror(-err));
	}
	for (size_t i = 0; !err && i < lab->n; i++)
		err = make_dir(lab, i, why, why_len);
	if (!err)
		err = scratch_make(NULL, lab->scratch, sizeof(lab->scratch), why, why_len);
	return err;
}

void lab_free(struct lab *lab)
{
	for (size_t i = 0; lab->seats && i < lab->n; i++)
		record_free(lab->seats[i].record);
	free(lab->seats);
	scratch_remove(lab->scratch);
	memset(lab, 0, sizeof(*lab));
}

static int build(const struct lab *lab, struct job *job, char *why, size_t why_len)
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
	job->boot = (struct boot){
		.kernel = &job->seat->kernel, .program = job->seat->program, .argv = w.argv};
	snprintf(prefix, sizeof(prefix), "%s/%zu-", lab->scratch, (size_t)(job->seat - lab->seats));
	err = boot_build(&job->boot, lab->options.accel, prefix, why, why_len);
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
	struct seat *seat = job->seat;

	if (!*job->boot.image)
		seat->err = build(lab, job, seat->why, sizeof(seat->why));
	if (!seat->err)
		seat->err =
			boot_start(&job->boot, options, &job->guest, seat->why, sizeof(seat->why));
	job->started = !seat->err;
	job->done = seat->err != 0;
	if (seat->err)
		guest_close(&job->guest);
	fprintf(stderr, "lab: %s: %s\n", seat->kernel.release, seat->err ? seat->why : "started");
}

/* What the guest's own clock and hypervisor name would have said less well. */
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
	struct seat *seat = job->seat;
	char words[1024];
	int status;

	seat->seconds = job->guest.seconds;
	seat->err = guest_results(&job->guest, seat->dir, seat->why, sizeof(seat->why));
	if (seat->err)
		return;
	status = image_status(seat->dir);
	seat->err = record_read(seat->dir, &seat->record, seat->why, sizeof(seat->why));
	if (seat->err && status > 0) {
		guest_last_words(&job->guest, 3, words, sizeof(words));
		snprintf(seat->why, sizeof(seat->why),
			 "bpftoll in the guest ended with %d, and without a record:\n    %s",
			 status, words);
	}
	if (seat->err)
		return;
	complete(lab, seat->kernel.machine, seat->record);
	if (lab->options.cpus > 1)
		withhold_costs(seat->record, seat->dir);
	seat->err = record_write(seat->record, seat->dir, seat->why, sizeof(seat->why));
}

/*
 * QEMU 7.2 has been seen to hand a guest wrong flags when an interrupt comes right behind a cmpxchg16b: the kernel dies of a
 * double fault, at one place for one seed. Another seed moves the interrupts.
 */
static bool try_again(const struct lab *lab, struct job *job)
{
	if (lab->options.accel != GUEST_TCG || job->seed >= SEEDS || !guest_died_early(&job->guest))
		return false;
	fprintf(stderr, "lab: %s: died while booting, once more with another seed\n",
		job->seat->kernel.release);
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
	if (job->seat->err)
		fprintf(stderr, "lab: %s: %s\n", job->seat->kernel.release, job->seat->why);
	else
		fprintf(stderr, "lab: %s: %zu results in %.1f s\n", job->seat->kernel.release,
			job->seat->record->n_cells + job->seat->record->n_event_points +
				job->seat->record->n_slopes,
			job->seat->seconds);
}

/* Of those that wait the newest: it takes longest, and begun last it would be waited for alone. */
static struct job *next_job(const struct lab *lab, struct job *jobs)
{
	struct job *next = NULL;

	for (size_t i = 0; i < lab->n; i++)
		if (!jobs[i].started && !jobs[i].done &&
		    (!next || debversion_compare(jobs[i].seat->kernel.release,
						 next->seat->kernel.release) > 0))
			next = &jobs[i];
	return next;
}

/* One turn: starts what there is room for, waits, collects. false: nothing is left to do. */
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

int lab_run(struct lab *lab, char *why, size_t why_len)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct job *jobs = calloc(lab->n, sizeof(*jobs));
	size_t records = 0;

	if (!jobs) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	for (size_t i = 0; i < lab->n; i++) {
		jobs[i].seat = &lab->seats[i];
		jobs[i].seed = 1;
	}
	while (turn(lab, jobs, cpus > 0 ? (size_t)cpus : 1))
		continue;
	for (size_t i = 0; i < lab->n; i++) {
		guest_close(&jobs[i].guest);
		records += lab->seats[i].record && !lab->seats[i].err;
	}
	free(jobs);
	if (cli_stop) {
		snprintf(why, why_len, "stopped");
		return -EINTR;
	}
	if (records)
		return 0;
	snprintf(why, why_len, "no guest brought back a record");
	return lab->n && lab->seats[0].err ? lab->seats[0].err : -ENODATA;
}
