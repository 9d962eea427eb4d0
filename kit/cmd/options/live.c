/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* strchrnul */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/options/live.h"
#include "kit/cmd/options/showing.h"
#include "reports/answer/answers.h"
#include "reports/record/text_stream.h"

#define ROWS_LEAST 10

static size_t drawn; /* lines on the screen */

static struct winsize terminal(void)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		size = (struct winsize){0};
	return size;
}

bool live_possible(void)
{
	const char *term = getenv("TERM");

	return !showing_full() && !showing_json() && isatty(STDOUT_FILENO) &&
	       isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0 &&
	       terminal().ws_col >= ANSWER_NARROW && terminal().ws_row >= ROWS_LEAST;
}

/* The worker processes that the record has rounds of. */
static unsigned int workers_of(const struct record *rec)
{
	unsigned int most = 0;

	for (size_t i = 0; i < rec->n_results; i++)
		if (rec->results[i]->workers > most)
			most = rec->results[i]->workers;
	return most;
}

/* The answer as text; NULL: none. The caller frees it. */
static char *draw(const char *dir)
{
	const struct answer_style style = showing_style();
	struct answer *answer = NULL;
	struct record *rec;
	struct error why;
	char *text = NULL;
	size_t len;
	FILE *out;
	unsigned int workers;

	if (record_read(dir, &rec, &why))
		return NULL;
	workers = workers_of(rec);
	rec->partial = false; /* it is not stopped, it goes on */
	/* one process's interval is over its rounds and misses what differs between processes */
	out = workers >= 2 ? text_stream(&text, &len) : NULL;
	if (out && !answer_of_record(rec, dir, &answer)) {
		answer_drop_lines(answer);
		answer_quality(answer, rec);
		answer_precision(answer, rec);
		answer_line(answer, "Provisional",
			    "%u worker processes so far; figures and intervals still change",
			    workers);
		answer_print(answer, &style, out);
	}
	if (out)
		fclose(out);
	answer_close(answer);
	record_free(rec);
	return text;
}

/* Back to the first line of what was drawn, and all below it away. */
static void erase(void)
{
	if (drawn)
		printf("\033[%zuA\r\033[J", drawn);
	drawn = 0;
}

void live_show(void *dir)
{
	char *text = draw(dir), *line = text;
	size_t most = terminal().ws_row;

	if (!text)
		return;
	cli_progress_end(); /* the line below the table */
	erase();
	/* one line is the progress display's: what scrolls away cannot be erased */
	while (*line && drawn + 2 < most) {
		char *end = strchrnul(line, '\n');

		printf("%.*s\n", (int)(end - line), line);
		drawn++;
		line = *end ? end + 1 : end;
	}
	fflush(stdout);
	free(text);
}

void live_end(void)
{
	erase();
	fflush(stdout);
}
