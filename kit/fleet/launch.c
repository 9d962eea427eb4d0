/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* asprintf */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calib/path.h"
#include "kit/fleet/launch.h"
#include "kit/fleet/slurm.h"
#include "kit/fleet/stream_task.h"
#include "kit/system/file.h"
#include "kit/system/process.h"

#define LAUNCHES_MOST 100000
#define WATCH_MS      500
#define STOP_TRIES    4
#define SILENCES      4 /* unanswered questions of ssh until a machine is lost */

/* clush says it in this way of each machine whose command failed, as soon as it did. */
#define EXITED "exited with exit code "

void launch_path(const char *dir, const char *name, const char *ending, char *path, size_t len)
{
	path_put(path, len, "%s/%s%s", dir, name, ending);
}

bool launch_lives(const char *dir, const char *name)
{
	char path[PATH_MAX];
	bool lives;
	int fd;

	launch_path(dir, name, ".err", path, sizeof(path));
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	lives = flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
	close(fd);
	return lives;
}

/* Has the line "clush: NODE: exited with exit code N"? */
static bool line_ends(const char *line, const char *node, const char **code)
{
	size_t len = strlen(node);

	if (strncmp(line, "clush: ", 7) != 0 || strncmp(line + 7, node, len) != 0 ||
	    strncmp(line + 7 + len, ": " EXITED, 2 + strlen(EXITED)) != 0)
		return false;
	*code = line + 7 + len + 2 + strlen(EXITED);
	return true;
}

bool launch_words(const struct campaign *campaign, const char *name, const char *node, char *words,
		  size_t len)
{
	char path[PATH_MAX], *save = NULL;
	struct file_bytes bytes = {.at = NULL};
	const char *code = NULL, *of_all = "", *of_node = "";
	size_t node_len = strlen(node);

	words[0] = '\0';
	launch_path(campaign->dir, name, ".err", path, sizeof(path));
	if (file_read(path, O_NOFOLLOW, &bytes))
		return false;
	for (char *line = strtok_r((char *)bytes.at, "\n", &save); line && !code;
	     line = strtok_r(NULL, "\n", &save)) {
		bool of_clush = !strncmp(line, "clush: ", 7) && !strstr(line, EXITED);

		if (campaign->slurm || of_clush)
			of_all = line;
		else if (line_ends(line, node, &code))
			break;
		else if (!strncmp(line, node, node_len) && line[node_len] == ':')
			of_node = line + node_len + 1 + (line[node_len + 1] == ' ');
	}
	snprintf(words, len, "%.300s", *of_node ? of_node : of_all);
	if (code && !*words)
		snprintf(words, len, "exit %.10s", code);
	free(bytes.at);
	return code != NULL;
}

/* ---- the process that outlives this one ---- */

struct steps {
	const struct campaign *campaign;
	const struct launch_order *order;
	char place[64], program[PATH_MAX + 16], *words;
	int out_fd, err_fd;
};

/*
 * To its end, or until it is told to stop. An srun whose machine died may wait for ever: it is
 * asked to end, then killed.
 */
static void await(const struct steps *steps, pid_t pid)
{
	struct pollfd end = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	char path[PATH_MAX];
	int told = 0;

	launch_path(steps->campaign->dir, steps->order->name, ".stop", path, sizeof(path));
	while (end.fd >= 0 && poll(&end, 1, WATCH_MS) <= 0)
		if (told || !access(path, F_OK))
			kill(pid, told++ < STOP_TRIES ? SIGTERM : SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (end.fd >= 0)
		close(end.fd);
}

/* One command to its end. */
static void step(const struct steps *steps, char *const argv[], bool output)
{
	struct process_io io = {.out_fd = output ? steps->out_fd : -1, .err_fd = steps->err_fd};
	struct error why = {0};
	pid_t pid;

	if (process_start(argv, &io, &pid, &why)) {
		dprintf(steps->err_fd, "%s%s\n", steps->campaign->slurm ? "" : "clush: ", why.text);
		return;
	}
	await(steps, pid);
}

/*
 * "-x a,b": machines where an earlier step failed. There the folder is not ours, or not complete.
 * NULL: none.
 */
static char *failed_so_far(const struct steps *steps)
{
	char *nodes = strdup(steps->order->nodes), *save = NULL, *list = NULL, words[512];

	for (char *node = nodes ? strtok_r(nodes, ",", &save) : NULL; node;
	     node = strtok_r(NULL, ",", &save)) {
		char *more = NULL;

		if (!launch_words(steps->campaign, steps->order->name, node, words, sizeof(words)))
			continue;
		if (asprintf(&more, "%s%s%s", list ? list : "", list ? "," : "", node) < 0)
			break;
		free(list);
		list = more;
	}
	free(nodes);
	return list;
}

static void clush_step(const struct steps *steps, bool output, char *a, char *b, char *c, char *d)
{
	struct words words = {.n = 0};
	char *failed = failed_so_far(steps), path[128], connect[16];
	double patience_s = steps->campaign->patience_s, interval = patience_s / SILENCES;

	/* not ssh_options, which are the user's: a machine that died says nothing at all */
	path_put(path, sizeof(path),
		 "ssh_path=ssh -oServerAliveInterval=%.0f -oServerAliveCountMax=%d",
		 interval < 1 ? 1 : interval, SILENCES);
	words_add(&words, "clush", "--nostdin", "--color=never", "-O", path, "-w",
		  steps->order->nodes, NULL);
	/* clush's own is 15 s, or the user's */
	path_put(connect, sizeof(connect), "%.0f", patience_s < 1 ? 1 : patience_s);
	if (patience_s < 15)
		words_add(&words, "--connect_timeout", connect, NULL);
	if (failed)
		words_add(&words, "-x", failed, NULL);
	words_add(&words, a, b, c, d, NULL);
	step(steps, words.argv, output);
	free(failed);
}

/* A folder that only its owner can enter, and that nobody made before: then the program in it. */
static void by_clush(struct steps *steps)
{
	char *make = NULL, *run = NULL, dest[80];

	path_put(dest, sizeof(dest), "%s/", steps->place);
	if (asprintf(&make, "mkdir -m 700 %s", steps->place) > 0)
		clush_step(steps, false, make, NULL, NULL, NULL);
	clush_step(steps, false, (char[]){"--copy"}, steps->program, (char[]){"--dest"}, dest);
	if (asprintf(&run, "%s/bpftoll " STREAM_TASK_COMMAND " %s %u %s %s remove", steps->place,
		     steps->campaign->id, steps->order->boot, steps->order->runs, steps->words) > 0)
		clush_step(steps, true, run, NULL, NULL, NULL);
	free(make);
	free(run);
}

static void by_srun(struct steps *steps)
{
	const struct campaign *campaign = steps->campaign;
	char name[96], list[CAMPAIGN_NODE_MOST + 16], copy[96], boot[16];
	struct slurm_asked asked;
	struct words words = {.n = 0};

	path_put(name, sizeof(name), "--job-name=bpftoll-%s-%s", campaign->id, steps->order->name);
	path_put(list, sizeof(list), "--nodelist=%s", steps->order->nodes);
	path_put(copy, sizeof(copy), "--bcast=%s", steps->place);
	path_put(boot, sizeof(boot), "%u", steps->order->boot);
	words_add(&words, "srun", "--exclusive", "--nodes=1", "--ntasks=1", "--input=none",
		  "--chdir=/", name, list, copy, NULL);
	slurm_ask_for(&words, campaign, &asked);
	words_add(&words, steps->program, STREAM_TASK_COMMAND, (char *)campaign->id, boot,
		  (char *)steps->order->runs, steps->words, "remove", NULL);
	step(steps, words.argv, true);
}

/* Twice a fork: nobody waits for it, and no signal of a terminal reaches it. */
static int detach(struct steps *steps)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		return 0;
	}
	setsid();
	if (fork())
		_exit(0);
	/* another process may drive the campaign now */
	if (steps->campaign->lock_fd >= 0)
		close(steps->campaign->lock_fd);
	/* clush's lines are there as soon as they came */
	setenv("PYTHONUNBUFFERED", "1", 1);
	if (steps->campaign->slurm)
		by_srun(steps);
	else
		by_clush(steps);
	_exit(0);
}

void launch_stop(const struct campaign *campaign, const char *name)
{
	char path[PATH_MAX], option[128];
	char *argv[] = {"scancel", option, NULL};
	struct error why;

	launch_path(campaign->dir, name, ".stop", path, sizeof(path));
	file_create(path, "", 0);
	path_put(option, sizeof(option), "--name=bpftoll-%s-%s", campaign->id, name);
	if (campaign->slurm)
		process_run(argv, NULL, NULL, &why);
}

int launch_sweep(const struct campaign *campaign, struct error *why)
{
	char *argv[] = {"squeue", "--noheader", "--all", "--format=%j", NULL};
	char mine[64], *lines = NULL, *save = NULL;

	if (!campaign->slurm)
		return 0;
	if (process_run(argv, NULL, &lines, why))
		return -EAGAIN;
	snprintf(mine, sizeof(mine), "bpftoll-%s-", campaign->id);
	for (char *line = strtok_r(lines, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		const char *name = line + strlen(mine);

		if (!strncmp(line, mine, strlen(mine)) && !strncmp(name, "launch-", 7) &&
		    name[7 + strspn(name + 7, "0123456789")] == '\0' &&
		    !launch_lives(campaign->dir, name))
			launch_stop(campaign, name);
	}
	free(lines);
	return 0;
}

/* Its two files, under the first number that is free. */
static int make_files(struct steps *steps, struct launch_order *order, struct error *why)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
	char path[PATH_MAX] = "";
	int err = -EEXIST;

	for (unsigned int n = 1; n < LAUNCHES_MOST && err == -EEXIST; n++) {
		snprintf(order->name, sizeof(order->name), "launch-%u", n);
		launch_path(steps->campaign->dir, order->name, ".err", path, sizeof(path));
		steps->err_fd = open(path, flags, 0644);
		err = steps->err_fd < 0 ? -errno : 0;
	}
	if (!err && flock(steps->err_fd, LOCK_EX | LOCK_NB))
		err = -errno;
	if (!err) {
		launch_path(steps->campaign->dir, order->name, ".out", path, sizeof(path));
		steps->out_fd = open(path, flags, 0644);
		err = steps->out_fd < 0 ? -errno : 0;
	}
	return err ? error_set(why, err, "%s: %s", path, strerror(-err)) : 0;
}

int launch_start(const struct campaign *campaign, struct launch_order *order, struct error *why)
{
	struct steps steps = {.campaign = campaign, .order = order, .out_fd = -1, .err_fd = -1};
	uint64_t random = 0;
	int err;

	steps.words = stream_task_words(campaign);
	if (!steps.words || getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
		free(steps.words);
		return error_set(why, -ENOMEM, "out of memory");
	}
	path_put(steps.place, sizeof(steps.place), "/tmp/bpftoll-%016llx",
		 (unsigned long long)random);
	path_put(steps.program, sizeof(steps.program), "%s/bpftoll", campaign->dir);
	err = make_files(&steps, order, why);
	if (!err) {
		err = detach(&steps);
		if (err)
			error_say(why, "cannot start a process: %s", strerror(-err));
	}
	if (steps.err_fd >= 0)
		close(steps.err_fd);
	if (steps.out_fd >= 0)
		close(steps.out_fd);
	free(steps.words);
	return err;
}
