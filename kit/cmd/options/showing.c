/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kit/cmd/options/showing.h"
#include "reports/answer/answers.h"
#include "reports/predict/predicted.h"

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

static bool full, json;
static unsigned int color = COLOR_AUTO;

static const char *color_word(size_t i)
{
	static const char *const words[] = {"auto", "always", "never"};

	return i < sizeof(words) / sizeof(*words) ? words[i] : NULL;
}

const struct option_row showing_rows[] = {
	{"full", "all tables instead of the answer in one screen", .flag = &full},
	{"json", "the answer as JSON, by reports/answer.schema.json", .flag = &json},
	{"color",
	 "auto (default): on a terminal, unless NO_COLOR is set or TERM is dumb; always; never",
	 "WHEN", .choice = &color, .values = color_word},
	{0}};

bool showing_full(void)
{
	return full;
}

bool showing_json(void)
{
	return json;
}

/* NO_COLOR (no-color.org) counts when it is set to anything. */
static bool wants_color(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (color != COLOR_AUTO)
		return color == COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

struct answer_style showing_style(void)
{
	struct answer_style style = {ANSWER_NARROW, wants_color(), full};
	struct winsize size;

	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		style.width = size.ws_col;
	if (style.width < ANSWER_NARROW)
		style.width = ANSWER_NARROW;
	if (style.width > ANSWER_WIDE)
		style.width = ANSWER_WIDE;
	return style;
}

int showing_answer(struct answer *a)
{
	struct answer_style style = showing_style();
	int err = json ? answer_json(a, stdout) : answer_print(a, &style, stdout);

	answer_close(a);
	if (!err && fflush(stdout))
		err = -errno;
	return err;
}

int showing_run(const struct record *record, const char *where, const struct record_set *set)
{
	struct predicted predicted;
	struct answer *answer;
	int err = predicted_open(set, NULL, false, &predicted);

	if (!err)
		err = answer_of_run(record, where, &predicted, &answer);
	predicted_close(&predicted);
	return err ? err : showing_answer(answer);
}
