/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/document/draw/svg.h"
#include "reports/record/text_stream.h"

/* gnuplot's marks by number, as far as plot.c's line types use them. */
static const struct {
	const char *shape;
	bool filled;
} marks[] = {
	[3] = {"<rect x='-1' y='-1' width='2' height='2'/>", false},
	[4] = {"<rect x='-1' y='-1' width='2' height='2'/>", true},
	[5] = {"<circle cx='0' cy='0' r='1'/>", false},
	[6] = {"<circle cx='0' cy='0' r='1'/>", true},
	[7] = {"<path d='M0,-1.33 L-1.33,0.67 L1.33,0.67 z'/>", false},
	[8] = {"<path d='M0,-1.33 L-1.33,0.67 L1.33,0.67 z'/>", true},
	[11] = {"<rect x='-1' y='-1' width='2' height='2' transform='rotate(45)'/>", false},
};
#define MARKS (sizeof(marks) / sizeof(*marks))

/* The value of an attribute of one of the two kinds of quotation marks; false: it has none. */
static bool attribute(const char *line, const char *name, char *out, size_t len)
{
	const char *at = strstr(line, name), *end;
	char mark;

	if (!at)
		return false;
	at += strlen(name);
	mark = *at++;
	end = strchr(at, mark);
	if (!end || (size_t)(end - at) >= len)
		return false;
	memcpy(out, at, (size_t)(end - at));
	out[end - at] = '\0';
	return true;
}

/* <use xlink:href='#gpPt6' transform='…' color='…'/> */
static bool put_mark(FILE *out, const char *line)
{
	const char *use = strstr(line, "<use xlink:href='#gpPt");
	char number[8], transform[128], color[64];
	unsigned long mark;

	if (!use || !attribute(use, "transform=", transform, 128) ||
	    !attribute(use, "color=", color, sizeof(color)))
		return false;
	/* what ends on this line: the path before the first mark */
	fprintf(out, "%.*s", (int)(use - line), line);
	snprintf(number, sizeof(number), "%.4s", strstr(use, "#gpPt") + 5);
	mark = strtoul(number, NULL, 10);
	/* none of ours, of no size, or white, which hides the mark of another curve: better no mark
	 * than a file that cannot be read */
	if (mark >= MARKS || !marks[mark].shape || strstr(transform, "scale(0.00)") ||
	    strcmp(color, "#FFFFFF") == 0)
		return true;
	fprintf(out, "<g transform='%s' fill='%s' stroke='%s' stroke-width='0.3'>%s</g>\n",
		transform, marks[mark].filled ? color : "#ffffff", color, marks[mark].shape);
	return true;
}

/* <g fill="none" color="X" stroke="currentColor" …>: the colour in its place. */
static void put_line(FILE *out, const char *line)
{
	static const char current[] = "currentColor";
	const char *at = strstr(line, current);
	char color[64];

	if (!at || !attribute(line, " color=", color, sizeof(color))) {
		fputs(line, out);
		return;
	}
	fprintf(out, "%.*s%s%s", (int)(at - line), line, color, at + strlen(current));
}

static void rewrite(FILE *in, FILE *out)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, in) > 0) {
		/* the definitions themselves, which nothing refers to any more */
		if (strstr(line, "id='gpPt") || strstr(line, "id='gpDot"))
			continue;
		if (!put_mark(out, line))
			put_line(out, line);
	}
	free(line);
}

int svg_plain(const char *path)
{
	FILE *in = fopen(path, "re"), *out;
	char *text = NULL;
	size_t len;
	int err = 0;

	if (!in)
		return -errno;
	out = text_stream(&text, &len);
	if (out)
		rewrite(in, out);
	fclose(in);
	if (!out || fclose(out))
		err = -ENOMEM;
	out = err ? NULL : fopen(path, "we");
	if (!err && !out)
		err = -errno;
	if (out) {
		if (fwrite(text, 1, len, out) != len)
			err = -EIO;
		if (fclose(out) && !err)
			err = -errno;
	}
	free(text);
	return err;
}
