/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli: what all subcommands share: exit codes, signals, progress and warnings on stderr.
 */
#ifndef BPFTOLL_KIT_CMD_CLI_H
#define BPFTOLL_KIT_CMD_CLI_H

#include <signal.h>

#include "calib/error.h"

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_WRONG_USAGE = 2,
	EXIT_GATE = 3,	  /* a verdict, a regression or --strict said no */
	EXIT_NOTHING = 4, /* nothing could be measured here */
	EXIT_STOPPED = 130
};

/* Set by SIGINT, SIGTERM and SIGHUP; everything long looks at it and unwinds. */
extern volatile sig_atomic_t cli_stop;
void cli_catch_signals(void);

/*
 * One line with the time left on a terminal, else a plain line at every tenth. share: 0 to 1.
 * cli_progress_end clears the line.
 */
void cli_progress(double share, const char *what);
void cli_progress_end(void);

/* "bpftoll: …" on stderr. */
void cli_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Says why, and returns the exit code. */
int cli_fail(int code, const struct error *why);

#endif
