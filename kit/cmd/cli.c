/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/cmd/cli.h"
#include "calib/clock.h"
#include "reports/show/escape.h"
#include "reports/record/text_stream.h"

volatile sig_atomic_t cli_stop;

static bool line_open;

static void on_signal(int sig)
{
	(void)sig;
	cli_stop = 1;
}

void cli_catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	/*
	 * output to a closed pipe (| head) must fail in write(), not kill the process before it has
	 * restored the system
	 */
	signal(SIGPIPE, SIG_IGN);
}

static pid_t owner; /* children end with exit() too */

static void finish_stdout(void)
{
	bool failed = ferror(stdout);

	if (getpid() != owner)
		return;
	/* stdio keeps that a write failed, not why: a further one fails for the same reason */
	clearerr(stdout);
	if (failed)
		fputc('\n', stdout);
	if (!fflush(stdout) && !failed) {
		if (!out_of_memory())
			return;
		cli_say("out of memory: what was printed may lack something");
		_exit(EXIT_FAILED);
	}
	if (ferror(stdout) && errno == EPIPE)
		return;
	cli_say("stdout: %s", ferror(stdout) ? strerror(errno) : "a part could not be written");
	_exit(EXIT_FAILED);
}

void cli_watch_stdout(void)
{
	owner = getpid();
	atexit(finish_stdout);
}

int cli_rendered(int err, struct error *why)
{
	if (!err || ferror(stdout))
		return 0;
	error_say(why, "%s", err == -ENOMEM ? "out of memory" : strerror(-err));
	return err;
}

void cli_progress(double share, const char *what)
{
	static double started, last;
	static int last_tenth = -1;
	double now = clock_seconds(), left;

	if (started == 0)
		started = now;
	left = share > 0.02 ? (now - started) * (1 - share) / share : -1;
	if (!isatty(STDERR_FILENO)) {
		if ((int)(share * 10) == last_tenth)
			return;
		last_tenth = (int)(share * 10);
		fprintf(stderr, "bpftoll: %3.0f %%  %s\n", share * 100, what);
		return;
	}
	if (now - last < 0.1)
		return;
	last = now;
	line_open = true;
	if (left < 0)
		fprintf(stderr, "\r\033[K%3.0f %%  %s", share * 100, what);
	else
		fprintf(stderr, "\r\033[K%3.0f %%  %s, %.0f s left", share * 100, what, left);
}

void cli_progress_end(void)
{
	if (line_open)
		fputs("\r\033[K", stderr);
	line_open = false;
}

void cli_print(FILE *out, const char *fmt, va_list args)
{
	char *text, *rest, *line;

	if (vasprintf(&text, fmt, args) < 0)
		return;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		escape_part(out, line, RENDER_TEXT);
		if (rest)
			fputc('\n', out);
	}
	free(text);
}

void cli_say(const char *fmt, ...)
{
	va_list args;

	cli_progress_end();
	fputs("bpftoll: ", stderr);
	va_start(args, fmt);
	cli_print(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

int cli_fail(int code, const struct error *why)
{
	cli_say("%s", why->text);
	return code;
}
