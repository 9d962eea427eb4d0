/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli: what all subcommands share: exit codes, signals, progress and messages on stderr.
 *
 * main calls cli_catch_signals first.
 */
#ifndef BPFTOLL_KIT_CMD_CLI_H
#define BPFTOLL_KIT_CMD_CLI_H

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include "calib/error.h"

enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_WRONG_USAGE = 2,
	EXIT_GATE = 3,	  /* a verdict is RED, there is a regression, or --strict found a fault */
	EXIT_NOTHING = 4, /* nothing could be measured on this machine */
	EXIT_STOPPED = 130
};

/*
 * Set by SIGINT, SIGTERM and SIGHUP. Everything that takes long checks it, and returns so that the
 * system is restored.
 */
extern volatile sig_atomic_t cli_stop;
void cli_catch_signals(void);

/*
 * On a terminal one line with the time left, else a plain line at every tenth. share: 0 to 1.
 * cli_progress_end clears the line.
 */
void cli_progress(double share, const char *what);
void cli_progress_end(void);

/*
 * Flushes stdout when the program ends, however that comes about. A reader that has gone (| head)
 * is no fault; what could not be written for another reason is said in its words, and is exit
 * code 1. Nothing else reports errors of stdout: cli_rendered takes them out of what rendering
 * returned.
 */
void cli_watch_stdout(void);

/* 0 for err 0, and where stdout itself failed; else err, said in why. */
int cli_rendered(int err, struct error *why);

/* Prints words that may quote arguments or files: what would act on a terminal is \xNN there. */
void cli_print(FILE *out, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));

/* Prints "bpftoll: …" on stderr, by cli_print. */
void cli_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints why, and returns the exit code. */
int cli_fail(int code, const struct error *why);

#endif
