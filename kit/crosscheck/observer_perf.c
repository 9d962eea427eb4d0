/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * perf stat and perf trace -s, each with and without the probe, as processes that watch this one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/system/guard.h"
#include "kit/crosscheck/tool_session.h"
#include "kit/crosscheck/observer.h"
#include "reports/stats/stats.h"

#define STAT_ROUNDS  8
#define TRACE_ROUNDS 5
#define READY_S	     20

/* What a tool reported of one block, and what bpftoll measured in it. */
struct watched {
	double says;   /* ns a call; NAN: not reported */
	double ours;   /* ns a call */
	double missed; /* share of the calls that it did not see */
};

typedef int (*watch_fn)(struct observer *w, struct watched *out, char **command, struct error *why);

/* ---- perf stat: switched on and off around the block through two fifos ---- */

struct control {
	struct guard *guard;
	char dir[256], ctl[280], ack[280];
	int ctl_fd, ack_fd;
};

static void control_close(struct control *c)
{
	if (c->ctl_fd >= 0)
		close(c->ctl_fd);
	if (c->ack_fd >= 0)
		close(c->ack_fd);
	guard_stop(c->guard, 0, 0);
}

static int control_open(struct control *c, struct error *why)
{
	int err;

	*c = (struct control){.ctl_fd = -1, .ack_fd = -1};
	err = guard_folder(NULL, c->dir, sizeof(c->dir), &c->guard, why);
	if (err)
		return err;
	path_put(c->ctl, sizeof(c->ctl), "%s/ctl", c->dir);
	path_put(c->ack, sizeof(c->ack), "%s/ack", c->dir);
	if (mkfifo(c->ctl, 0600) || mkfifo(c->ack, 0600))
		return error_set(why, -errno, "%s: %s", c->dir, strerror(errno));
	/* opened for reading and writing, so that neither open waits for the other end */
	c->ctl_fd = open(c->ctl, O_RDWR | O_CLOEXEC);
	c->ack_fd = open(c->ack, O_RDWR | O_CLOEXEC);
	return c->ctl_fd < 0 || c->ack_fd < 0 ? -errno : 0;
}

/* Sends a command and waits for the answer. Returns 0 or -errno with why. */
static int control_send(struct control *c, const char *command, struct error *why)
{
	struct pollfd fd = {.fd = c->ack_fd, .events = POLLIN};
	char answer[32];

	if (write(c->ctl_fd, command, strlen(command)) < 0)
		return -errno;
	if (poll(&fd, 1, READY_S * 1000) <= 0 || read(c->ack_fd, answer, sizeof(answer)) <= 0)
		return error_set(why, -ETIMEDOUT, "it does not answer its control fifo");
	return 0;
}

static int watch_stat(struct observer *w, struct watched *out, char **command, struct error *why)
{
	struct session s = {.out_fd = -1};
	struct control c;
	char pid[16], fifos[600];
	char *argv[] = {"perf", "stat", "-x,", "-e",	    "task-clock", "-D",
			"-1",	"-p",	pid,   "--control", fifos,	  NULL};
	const char *text, *line;
	int err = control_open(&c, why);

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	snprintf(fifos, sizeof(fifos), "fifo:%s,%s", c.ctl, c.ack);
	if (!*command)
		*command = session_command(argv);
	if (!err)
		err = session_start(&s, argv, w->env->placement->reader_cpu, why);
	if (!err)
		observer_warm(w);
	if (!err)
		err = control_send(&c, "enable\n", why);
	if (!err)
		out->ours = observer_block(w, OBSERVER_CALLS_MOST, 0);
	if (!err)
		err = control_send(&c, "disable\n", why);
	text = session_stop(&s);
	/* the line is "12.345678,msec,task-clock,…" */
	line = strstr(text, ",msec,task-clock");
	while (line && line > text && line[-1] != '\n')
		line--;
	out->says = line ? strtod(line, NULL) * 1e6 / OBSERVER_CALLS_MOST : NAN;
	if (!err && !(out->says > 0))
		err = error_set(why, -ENODATA, "no task-clock in what it says");
	session_free(&s);
	control_close(&c);
	return err;
}

/* ---- perf trace: its summary at the end ---- */

/* A row of the summary: name, calls, errors, total, min, avg, max; times in milliseconds. */
bool observer_read_summary(const char *text, const char *call, double *calls, double *total_ms)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		char name[32];
		double errors;

		line += *line == '\n';
		if (sscanf(line, " %31s %lf %lf %lf", name, calls, &errors, total_ms) == 4 &&
		    !strcmp(name, call) && *calls > 0)
			return true;
	}
	return false;
}

static int watch_trace(struct observer *w, struct watched *out, char **command, struct error *why)
{
	const char *call = probe_target_name(w->workload->target), *text;
	struct session s = {.out_fd = -1};
	char pid[16];
	char *argv[] = {"perf", "trace", "-s", "-p", pid, NULL};
	double calls = 0, total_ms = 0;
	uint64_t made = w->calls;
	int err;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (!*command)
		*command = session_command(argv);
	err = session_start(&s, argv, w->env->placement->reader_cpu, why);
	if (!err)
		err = session_until_polling(&s, READY_S, why);
	if (!err) {
		observer_warm(w);
		out->ours = observer_block(w, OBSERVER_CALLS_MOST, 0);
	}
	text = session_stop(&s);
	if (!err && !observer_read_summary(text, call, &calls, &total_ms))
		err = error_set(why, -ENODATA, "its summary has no %s", call);
	out->says = err ? NAN : total_ms * 1e6 / calls;
	out->missed = 1 - calls / (double)(w->calls - made);
	session_free(&s);
	return err;
}

/* ---- both ---- */

struct pairs {
	struct watched bare[STAT_ROUNDS], probed[STAT_ROUNDS];
	size_t n;
};

static int run_pairs(struct observer *w, size_t rounds, watch_fn watch, struct pairs *pairs,
		     char **command, struct error *why)
{
	int err = 0;

	for (size_t i = 0; i < rounds && !err; i++) {
		if (*w->env->stop)
			return error_set(why, -EINTR, "stopped");
		err = watch(w, &pairs->bare[i], command, why);
		if (!err)
			err = observer_attach(w, why);
		if (err)
			break;
		err = watch(w, &pairs->probed[i], command, why);
		observer_detach(w);
		pairs->n += !err;
	}
	return err;
}

static struct effect difference(const struct pairs *pairs, bool ours)
{
	double d[STAT_ROUNDS];

	for (size_t i = 0; i < pairs->n; i++)
		d[i] = ours ? pairs->probed[i].ours - pairs->bare[i].ours
			    : pairs->probed[i].says - pairs->bare[i].says;
	return stats_trimmed_interval(d, pairs->n);
}

/* The trimmed mean of the blocks without the probe: bpftoll's figures (ours) or the tool's. */
static double bare(const struct pairs *pairs, bool ours)
{
	double x[STAT_ROUNDS];

	for (size_t i = 0; i < pairs->n; i++)
		x[i] = ours ? pairs->bare[i].ours : pairs->bare[i].says;
	return stats_trimmed_interval(x, pairs->n).value;
}

static void refuse(struct crosscheck *row, int err, const char *why)
{
	if (err == -ENOENT)
		observer_skip(row, "perf is not installed (package linux-perf)");
	else
		observer_skip(row, "%s", why);
}

void observer_ask_perf_stat(struct observer *w, struct crosscheck *row)
{
	struct pairs pairs = {.n = 0};
	struct error why = {0};
	int err = run_pairs(w, STAT_ROUNDS, watch_stat, &pairs, &row->command, &why);

	if (err) {
		refuse(row, err, why.text);
		return;
	}
	row->says = difference(&pairs, false);
	observer_why(row,
		     "it counts the task's whole time on the CPU: %.0f ns a call with the loop "
		     "around it, where the timed region reads %.0f. Nothing of the probe is left "
		     "out, but interrupts and whatever else ran are in its means: over %zu pairs "
		     "of runs the interval is %.0f ns wide.",
		     bare(&pairs, false), bare(&pairs, true), pairs.n, row->says.hi - row->says.lo);
}

void observer_ask_perf_trace(struct observer *w, struct crosscheck *row)
{
	struct pairs pairs = {.n = 0};
	struct error why = {0};
	double missed = 0;
	int err = run_pairs(w, TRACE_ROUNDS, watch_trace, &pairs, &row->command, &why);

	if (err) {
		refuse(row, err, why.text);
		return;
	}
	for (size_t i = 0; i < pairs.n; i++)
		missed += (pairs.bare[i].missed + pairs.probed[i].missed) / 2 / (double)pairs.n;
	row->says = difference(&pairs, false);
	observer_why(
		row,
		"its two raw_syscalls tracepoints write an event each: the bare call reads %.0f ns "
		"there and %.0f in the timed region, which itself reads %.0f while perf trace "
		"watches; there the probe costs the call %.0f ns. It saw %.0f %% of the calls.",
		bare(&pairs, false), w->bare, bare(&pairs, true), difference(&pairs, true).value,
		100 * (1 - missed));
}
