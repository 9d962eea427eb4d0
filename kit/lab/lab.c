/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/cmd/cli.h"
#include "kit/system/folder.h"
#include "kit/lab/guest/boot.h"
#include "kit/lab/kernels/debversion.h"
#include "kit/lab/guest/image.h"
#include "kit/lab/lab.h"
#include "kit/lab/guest/withhold.h"
#include "kit/system/process.h"
#include "kit/system/guard.h"

#define SEEDS 3

/* A running guest, and the kernel of the lab that it boots. */
struct job {
	struct guest guest;
	struct lab_entry *entry;
	unsigned int seed;
	struct boot boot;
	bool started, done;
};

/* With several machines the Debian name of each says which. */
static void name_entry(const struct lab *lab, struct lab_entry *entry)
{
	const char *of = lab->options.n_machines > 1 ? entry->kernel.machine->debian : "";

	if (*entry->kernel.version)
		snprintf(entry->label, sizeof(entry->label), "%.*s%s%s",
			 (int)strcspn(entry->kernel.version, "-"), entry->kernel.version,
			 *of ? "-" : "", of);
	else
		snprintf(entry->label, sizeof(entry->label), "%s", entry->kernel.release);
}

static size_t count_of(const struct lab *lab, bool is_base)
{
	size_t n = 0;

	for (size_t i = 0; i < lab->n; i++)
		n += lab->entries[i].is_base == is_base;
	return n;
}

/*
 * With one kernel, the folder itself; with several, a folder below it for each release, numbered
 * where two are the same.
 */
static int make_dir(const struct lab *lab, size_t i, struct error *why)
{
	struct lab_entry *entry = &lab->entries[i];
	char record[PATH_MAX + 16];
	const char *base = entry->is_base ? "/" LAB_BASE_DIR : "";
	unsigned int twins = 0;
	int err;

	for (size_t k = 0; k < i; k++)
		twins += lab->entries[k].is_base == entry->is_base &&
			 !strcmp(lab->entries[k].kernel.release, entry->kernel.release);
	if (count_of(lab, entry->is_base) == 1)
		err = path_put(entry->dir, sizeof(entry->dir), "%s%s", lab->options.dir, base);
	else if (twins)
		err = path_put(entry->dir, sizeof(entry->dir), "%s%s/%s-%u", lab->options.dir, base,
			       entry->kernel.release, twins + 1);
	else
		err = path_put(entry->dir, sizeof(entry->dir), "%s%s/%s", lab->options.dir, base,
			       entry->kernel.release);
	if (!err)
		err = folder_make(entry->dir, 0755);
	if (err)
		return error_set(why, err, "%s: %s", lab->options.dir, strerror(-err));
	path_put(record, sizeof(record), "%s/record.json", entry->dir);
	if (!access(record, F_OK))
		return error_set(why, -EEXIST, "%s: there is a record already; name another folder",
				 entry->dir);
	return 0;
}

/* One kernel on one machine, into the next of lab->entries. */
static int take_entry(struct lab *lab, const char *kernel, const struct machine *machine,
		      struct error *why)
{
	const struct lab_options *options = &lab->options;
	struct lab_entry *entry = &lab->entries[lab->n];
	int err = 0;

	if (options->program)
		path_put(entry->program, sizeof(entry->program), "%s", options->program);
	else if (machine_program(machine, entry->program, sizeof(entry->program), why))
		err = -ENOTSUP;
	if (!err)
		err = kernel_resolve(kernel, machine, options->refresh, &entry->kernel, why);
	if (err)
		return err;
	name_entry(lab, entry);
	entry->object = options->object;
	lab->n++;
	return 0;
}

/* What only some of the machines have is said, and the rest goes on; what none has is an error. */
static int take_entries(struct lab *lab, const char *kernel, struct error *why)
{
	const struct lab_options *options = &lab->options;
	struct error missing[LAB_MACHINES_MAX];
	size_t before = lab->n;
	int err = 0, first = 0;

	for (size_t m = 0; m < options->n_machines; m++) {
		*missing[m].text = '\0';
		err = take_entry(lab, kernel, options->machines[m], &missing[m]);
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

/* The same kernels once more, in guests of their own: both objects find the same state. */
static void add_base(struct lab *lab)
{
	size_t n = lab->n;

	for (size_t i = 0; i < n; i++) {
		struct lab_entry *entry = &lab->entries[lab->n++];

		*entry = lab->entries[i];
		entry->object = lab->options.base;
		entry->is_base = true;
	}
}

int lab_prepare(struct lab *lab, const struct lab_options *options, struct error *why)
{
	size_t kernels = options->n_kernels ? options->n_kernels : 1;
	int err = 0;

	memset(lab, 0, sizeof(*lab));
	lab->options = *options;
	lab->entries = calloc(2 * kernels * lab->options.n_machines, sizeof(*lab->entries));
	if (!lab->entries)
		return error_set(why, -ENOMEM, "out of memory");
	if (options->cpus > 1)
		err = withhold_check(options->run_words, options->n_run_words, why);
	for (size_t i = 0; !err && i < kernels; i++)
		err = take_entries(lab, options->kernels[i], why);
	if (!err && options->base)
		add_base(lab);
	if (!err) {
		err = folder_make(options->dir, 0755);
		if (err)
			error_say(why, "%s: %s", options->dir, strerror(-err));
	}
	for (size_t i = 0; !err && i < lab->n; i++)
		err = make_dir(lab, i, why);
	if (!err)
		err = guard_folder(NULL, lab->scratch, sizeof(lab->scratch), &lab->scratch_guard,
				   why);
	return err;
}

void lab_free(struct lab *lab)
{
	for (size_t i = 0; lab->entries && i < lab->n; i++)
		record_free(lab->entries[i].record);
	free(lab->entries);
	guard_stop(lab->scratch_guard, 0, 0);
	memset(lab, 0, sizeof(*lab));
}

static int build(const struct lab *lab, struct job *job, struct error *why)
{
	char prefix[PATH_MAX + 24];
	struct words w = {0};
	int err;

	if (job->entry->object)
		words_add(&w, "bpftoll", "measure", IMAGE_OBJECT, NULL);
	else
		words_add(&w, "bpftoll", "run", "--suite", "matrix", NULL);
	words_add(&w, "--unit", lab->options.accel == GUEST_KVM ? "ns" : "instructions", "--seed",
		  "1", "-o", IMAGE_RECORD_DIR, NULL);
	if (lab->options.cpus > 1)
		words_add(&w, "--untimed", NULL);
	for (size_t i = 0; i < lab->options.n_run_words; i++)
		words_add(&w, lab->options.run_words[i], NULL);
	job->boot = (struct boot){
		.kernel = &job->entry->kernel,
		.program = job->entry->program,
		.object = job->entry->object,
		.argv = w.argv,
	};
	path_put(prefix, sizeof(prefix), "%s/%zu-", lab->scratch,
		 (size_t)(job->entry - lab->entries));
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
	struct lab_entry *entry = job->entry;

	if (!*job->boot.image)
		entry->err = build(lab, job, &entry->why);
	if (!entry->err)
		entry->err = boot_start(&job->boot, options, &job->guest, &entry->why);
	job->started = !entry->err;
	job->done = entry->err != 0;
	if (entry->err)
		guest_close(&job->guest);
	fprintf(stderr, "lab: %s: %s\n", entry->kernel.release,
		entry->err ? entry->why.text : "started");
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

/* Without a record: in the words of bpftoll in the guest, if they are to be found. */
static void say_ended(const struct guest *guest, int status, struct error *why)
{
	char words[1024];
	bool own = guest_own_words(guest, words, sizeof(words));

	if (!own)
		guest_last_words(guest, 3, words, sizeof(words));
	if (own && status == EXIT_NOTHING)
		error_say(why, "nothing can be measured there: %s", words);
	else
		error_say(why, "bpftoll in the guest ended with %d, and without a record:%s%s",
			  status, own ? " " : "\n    ", words);
}

static void collect(const struct lab *lab, struct job *job)
{
	struct lab_entry *entry = job->entry;
	int status;

	entry->seconds = job->guest.seconds;
	entry->err = guest_results(&job->guest, entry->dir, &entry->why);
	if (entry->err)
		return;
	status = image_status(entry->dir);
	entry->err = record_read(entry->dir, &entry->record, &entry->why);
	if (entry->err && status > 0)
		say_ended(&job->guest, status, &entry->why);
	if (entry->err)
		return;
	complete(lab, entry->kernel.machine, entry->record);
	if (lab->options.cpus > 1)
		withhold_costs(entry->record, entry->dir);
	entry->err = record_write(entry->record, entry->dir, &entry->why);
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
		job->entry->kernel.release);
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
	if (job->entry->err)
		fprintf(stderr, "lab: %s: %s\n", job->entry->kernel.release, job->entry->why.text);
	else
		fprintf(stderr, "lab: %s: %zu results in %.1f s\n", job->entry->kernel.release,
			job->entry->record->n_results + job->entry->record->n_event_points +
				job->entry->record->n_slopes,
			job->entry->seconds);
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
		    (!next || debversion_compare(jobs[i].entry->kernel.release,
						 next->entry->kernel.release) > 0))
			next = &jobs[i];
	return next;
}

/*
 * Starts as many guests as there is room for, waits, and collects results. false: nothing is left
 * to do.
 */
static bool turn(const struct lab *lab, struct job *jobs, size_t room)
{
	struct guest *running[2 * LAB_KERNELS_MAX * LAB_MACHINES_MAX];
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
		jobs[i].entry = &lab->entries[i];
		jobs[i].seed = 1;
	}
	while (turn(lab, jobs, cpus > 0 ? (size_t)cpus : 1))
		continue;
	for (size_t i = 0; i < lab->n; i++) {
		guest_close(&jobs[i].guest);
		records += lab->entries[i].record && !lab->entries[i].err;
	}
	free(jobs);
	if (cli_stop)
		return error_set(why, -EINTR, "stopped");
	if (records)
		return 0;
	error_say(why, "no guest brought back a record");
	return lab->n && lab->entries[0].err ? lab->entries[0].err : -ENODATA;
}
