/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calib/error.h"
#include "bpf/foreign/foreign_bundle.h"
#include "bpf/load/attach.h"
#include "bpf/read/arena.h"
#include "bpf/read/reader_host.h"
#include "bpf/read/wakeup_policy.h"
#include "calib/clock.h"
#include "kit/cmd/cli.h"
#include "kit/system/mounts.h"
#include "kit/probes/experiment.h"
#include "kit/system/place.h"
#include "kit/probes/worker.h"

#define SELF	 "/proc/self/exe"
#define WATCH_MS 200
/* A worker told to stop ends between two configurations; one that has not by then is killed. */
#define STOP_PATIENCE_S 10
#define NO_TIME_S	1e-9

/* ---- the slice ---- */

static size_t configs_that_work(const struct worker_page *page, size_t experiment)
{
	size_t n = 0;

	for (size_t i = 0; i < worker_page_experiment(page, experiment)->n_configs; i++) {
		const struct worker_config *config = worker_page_config(page, experiment, i);

		n += config->status == RESULT_MEASURED && !config->rests;
	}
	return n;
}

/* Does anything of the experiment wait for more rounds? */
static bool goes_on(const struct worker_page *page, size_t experiment)
{
	for (size_t i = 0; i < worker_page_experiment(page, experiment)->n_configs; i++)
		if (!worker_page_config(page, experiment, i)->rests)
			return true;
	return false;
}

/* A short slice is enough where rounds are short. part: the experiment's share of the slice. */
static bool enough(const struct worker_page *page, const struct rounds *r, double part)
{
	return page->seconds_enough > 0 && r->done >= WORKER_ROUNDS_ENOUGH &&
	       clock_seconds() - r->started >= part * page->seconds_enough;
}

/*
 * Rounds of one experiment for so many seconds. part: its share of the slice; from: the share
 * before it, for the progress display.
 */
static int rounds(struct experiment *experiment, double seconds, double from, double part,
		  struct error *why)
{
	struct worker_page *page = experiment->env->page;
	struct rounds *r = &experiment->rounds;
	int err = 0;

	r->most = page->rounds_most;
	if (!r->most || r->most > WORKER_ROWS_MOST)
		r->most = WORKER_ROWS_MOST;
	/* an experiment in which nothing works gets no time, but one round to report why */
	r->seconds = page->seconds > 0 ? fmax(seconds, NO_TIME_S) : 0;
	r->fits = 0.5;
	rounds_begin(r);
	while (!err && rounds_go_on(r) && !enough(page, r, part)) {
		page->share = from + part * rounds_share(r);
		err = experiment_round(experiment, why);
	}
	return err;
}

/* Marks all configurations of an experiment that cannot run here with the reason; others go on. */
static void skip(struct experiment *experiment, const char *why)
{
	for (size_t i = 0; i < experiment->n_configs; i++) {
		experiment->configs[i].status = RESULT_SKIPPED;
		snprintf(experiment->configs[i].reason, sizeof(experiment->configs[i].reason),
			 "%.255s", why);
	}
}

static int one_experiment(const struct experiment_env *env, size_t number, double seconds,
			  double from, double part, struct error *why)
{
	struct experiment *experiment = timing_memory(sizeof(*experiment));
	int err;

	if (!experiment)
		return -ENOMEM;
	env->page->experiment = number;
	env->page->share = from;
	err = experiment_open(experiment, env, number, why);
	if (err && place_lost()) {
		err = -EINTR;
	} else if (err) {
		skip(experiment, why->text);
		err = 0;
	} else {
		err = rounds(experiment, seconds, from, part, why);
	}
	experiment_close(experiment);
	timing_memory_free(experiment, sizeof(*experiment));
	return err;
}

static int all_experiments(struct experiment_env *env, struct error *why)
{
	struct worker_page *page = env->page;
	double all = 0, from = 0;
	int err = 0;

	for (size_t p = 0; p < page->n_experiments; p++)
		all += (double)configs_that_work(page, p);
	for (size_t p = 0; p < page->n_experiments && !err; p++) {
		double part = all > 0 ? (double)configs_that_work(page, p) / all : 0;

		if (page->stop)
			return -EINTR;
		if (!goes_on(page, p))
			continue;
		err = one_experiment(env, p, page->seconds * part, from, part, why);
		from += part;
	}
	return err;
}

static int slice(struct worker_page *page, bool alone, struct counters *counters, struct error *why)
{
	struct experiment_env env = {
		.page = page,
		.alone = alone,
		.counters = counters,
		.rng = gsl_rng_alloc(gsl_rng_mt19937),
		.stop = &page->stop,
	};
	int err;

	if (!env.rng)
		return -ENOMEM;
	gsl_rng_set(env.rng, (page->seed + page->number) & UINT32_MAX);
	err = all_experiments(&env, why);
	gsl_rng_free(env.rng);
	return err;
}

/* Clears what the previous worker reported. */
static void forget(struct worker_page *page)
{
	for (size_t p = 0; p < page->n_experiments; p++) {
		struct worker_experiment *experiment = worker_page_experiment(page, p);

		experiment->rounds = 0;
		for (size_t i = 0; i < experiment->n_configs; i++)
			worker_page_config(page, p, i)->told.events = (struct result_events){0};
	}
}

int worker_slice(struct worker_page *page, struct counters *counters, struct error *why)
{
	int err;

	forget(page);
	place_timed_by(getpid());
	err = slice(page, true, counters, why);
	place_timed_by(0);
	return err;
}

/* ---- the child ---- */

static int work(struct worker_page *page)
{
	const char *lost;
	int err;

	attach_allow_sysctl(page->allow_sysctl);
	reader_sampled_every(page->wake_every);
	if (bundle_adopt(page->objects_fd))
		return error_set(&page->why, -EINVAL, "the foreign objects cannot be read");
	place_adopt(page->cpus, page->n_cpus);
	place_watch(page->cpu, page->reader_cpu);
	mounts_complete();
	/*
	 * Before any fork: starts the process that will fork readers, while this one has little
	 * memory mapped, and the memory shared by readers and the process that times. Its error is
	 * reported when a reader is wanted.
	 */
	if (page->reader_cpu >= 0)
		reader_host_start(&page->why);
	arena_free(arena_alloc(1));
	*page->why.text = '\0';
	err = slice(page, false, NULL, &page->why);
	lost = place_lost();
	snprintf(page->lost, sizeof(page->lost), "%s", lost ? lost : "");
	return err;
}

int worker_main(int argc, char **argv)
{
	struct worker_page *page;
	char *end;
	long fd = argc == 2 ? strtol(argv[1], &end, 10) : -1;

	if (fd < 3 || *end || worker_page_map((int)fd, &page)) {
		cli_say("worker: for bpftoll itself");
		return EXIT_WRONG_USAGE;
	}
	close((int)fd);
	page->err = work(page);
	return EXIT_DONE;
}

/* ---- the parent ---- */

static void become_worker(int fd, pid_t parent)
{
	char number[16];
	char *argv[] = {(char[]){"bpftoll"}, (char[]){WORKER_COMMAND}, number, NULL};

	snprintf(number, sizeof(number), "%d", fd);
	/*
	 * The parent handles the terminal's signals and sets stop in the page. They are ignored
	 * before exec, which resets a handler to the default: ^C would kill a worker that has not
	 * got to main.
	 */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	/* survives exec; a parent that died before this call would go unnoticed, hence the check */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(EXIT_FAILED);
	execv(SELF, argv);
	_exit(EXIT_FAILED);
}

static void wait_for(pid_t pid, struct worker_page *page, const struct worker_watch *watch)
{
	struct pollfd end = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	double told = 0;

	if (end.fd < 0)
		return;
	while (poll(&end, 1, WATCH_MS) <= 0) {
		if (watch->tick)
			watch->tick(watch->ctx);
		if (!*watch->stop)
			continue;
		page->stop = 1;
		if (told == 0)
			told = clock_seconds();
		else if (clock_seconds() - told > STOP_PATIENCE_S)
			kill(pid, SIGKILL);
	}
	close(end.fd);
}

int worker_run(struct worker_page *page, int fd, const struct worker_watch *watch,
	       struct error *why)
{
	pid_t parent = getpid(), pid;
	int status;

	page->err = -ECHILD;
	*page->why.text = '\0';
	page->share = 0;
	forget(page);
	pid = fork();
	if (pid < 0)
		return error_set(why, -errno, "no worker process: %s", strerror(errno));
	if (!pid)
		become_worker(fd, parent);
	wait_for(pid, page, watch);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (*page->lost)
		place_lose(page->lost);
	if (WIFSIGNALED(status))
		error_say(why, "a worker process was killed by signal %d (%s)", WTERMSIG(status),
			  strsignal(WTERMSIG(status)));
	else if (page->err == -ECHILD)
		error_say(why, "a worker process ended with code %d", WEXITSTATUS(status));
	else
		error_say(why, "%s", page->why.text);
	return page->err;
}
