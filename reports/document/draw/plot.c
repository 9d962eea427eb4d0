/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "reports/document/draw/plot.h"
#include "reports/document/draw/svg.h"
#include "reports/document/tools/tool.h"
#include "reports/record/text_stream.h"

struct plot {
	FILE *script;
	char *text;
	size_t len;
};

/* Dark enough for a grey printer, and told apart by dash and mark where colour is lost. */
static const char style[] =
	"set termoption noenhanced\n"
	"set border 3 lw 0.8\nset tics nomirror out\nset grid back lc rgb '#d8d8d8' lw 0.5\n"
	"set key top right samplen 3 spacing 1.1 width 1\n"
	"set linetype 1 lc rgb '#000000' lw 1.6 dt 1 pt 7 ps 0.5\n"
	"set linetype 2 lc rgb '#0060a0' lw 1.6 dt (12,4) pt 5 ps 0.5\n"
	"set linetype 3 lc rgb '#b04000' lw 1.6 dt (4,3) pt 9 ps 0.6\n"
	"set linetype 4 lc rgb '#00704a' lw 1.6 dt (14,3,3,3) pt 4 ps 0.6\n"
	"set linetype 5 lc rgb '#7a3090' lw 1.6 dt (2,3) pt 8 ps 0.6\n"
	"set linetype 6 lc rgb '#707000' lw 1.6 dt (20,3) pt 6 ps 0.6\n"
	"set linetype 7 lc rgb '#505050' lw 2.2 dt (3,6) pt 12 ps 0.6\n"
	"set linetype cycle 7\n";

struct plot *plot_open(unsigned int width, unsigned int height)
{
	struct plot *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->script = text_stream(&p->text, &p->len);
	if (!p->script) {
		free(p);
		return NULL;
	}
	fprintf(p->script,
		"set terminal svg size %u,%u fixed font 'DejaVu Sans,12' background '#ffffff'\n%s",
		width, height, style);
	return p;
}

FILE *plot_script(struct plot *p)
{
	return p->script;
}

void plot_label(FILE *script, const char *text)
{
	fputc('\'', script);
	for (size_t i = 0; text && text[i] && i < 120; i++)
		fputc(isalnum((unsigned char)text[i]) || strchr(" _.,:;()/%+-=<>*&#", text[i])
			      ? text[i]
			      : '?',
		      script);
	fputc('\'', script);
}

void plot_number(FILE *script, double value)
{
	if (isfinite(value))
		fprintf(script, " %.10g", value);
	else
		fputs(" NaN", script);
}

void plot_drop(struct plot *p)
{
	fclose(p->script);
	free(p->text);
	free(p);
}

int plot_close(struct plot *p, const char *path, struct error *why)
{
	char name[] = "gnuplot", minus[] = "-";
	char *argv[] = {name, minus, NULL};
	int err = fclose(p->script) ? -ENOMEM : 0;

	if (err)
		error_say(why, "out of memory");
	else
		err = tool_run(argv, p->text, p->len, path, why);
	if (!err) {
		err = svg_plain(path);
		if (err)
			error_say(why, "%s: %s", path, strerror(-err));
	}
	if (err)
		remove(path);
	free(p->text);
	free(p);
	return err;
}
