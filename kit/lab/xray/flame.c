/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab/xray/calltree.h"

#define WIDTH  1200.0
#define MARGIN 10.0
#define ROW    18.0
#define HEAD   44.0
#define GLYPH  6.6 /* px per letter of the 11 px monospaced font */

static void put_escaped(const char *text, size_t most, FILE *out)
{
	for (size_t i = 0; text[i] && i < most; i++)
		switch (text[i]) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		default:
			fputc(text[i], out);
		}
}

/* From grey, where the bare call has as much, to orange, where the probe added all of it. */
static void put_colour(const struct call *c, FILE *out)
{
	double added = c->total > c->bare_total
			       ? (double)(c->total - c->bare_total) / (double)c->total
			       : 0;

	fprintf(out, "rgb(%d,%d,%d)", (int)(206 + 44 * added), (int)(206 - 60 * added),
		(int)(206 - 150 * added));
}

static void put_box(const struct calltree *tree, const struct symbols *symbols, size_t i, double x,
		    double y, double scale, FILE *out)
{
	const struct call *c = &tree->calls[i];
	const char *name = symbols_name(symbols, c->symbol);
	double width = (double)c->total * scale;
	size_t letters = width > 3 * GLYPH ? (size_t)((width - 4) / GLYPH) : 0;

	fputs("<g><title>", out);
	put_escaped(name, strlen(name), out);
	fprintf(out,
		": %" PRIu64 " instructions, %" PRIu64 " its own; in the bare call %" PRIu64 "",
		c->total, c->own, c->bare_total);
	fprintf(out, "</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\" fill=\"",
		x, y, width > 0.4 ? width - 0.3 : 0.1, ROW - 1);
	put_colour(c, out);
	fputs("\"/>", out);
	if (letters >= 3) {
		fprintf(out, "<text x=\"%.1f\" y=\"%.1f\">", x + 2, y + 13);
		put_escaped(name, letters, out);
		fputs("</text>", out);
	}
	fputs("</g>\n", out);
}

static size_t deepest(const struct calltree *tree, size_t *depth)
{
	size_t most = 0;

	for (size_t i = 1; i < tree->n; i++) {
		depth[i] = depth[tree->calls[i].parent] + 1;
		if (tree->calls[i].total && depth[i] > most)
			most = depth[i];
	}
	return most;
}

int calltree_flame(const struct calltree *tree, const struct symbols *symbols, const char *title,
		   FILE *out)
{
	size_t *depth = calloc(tree->n ? tree->n : 1, sizeof(*depth));
	double *x = calloc(tree->n ? tree->n : 1, sizeof(*x)), height, scale;
	double *used = calloc(tree->n ? tree->n : 1, sizeof(*used));
	int err = depth && x && used ? 0 : -ENOMEM;

	if (err || !tree->n || !tree->calls[0].total)
		goto out;
	scale = (WIDTH - 2 * MARGIN) / (double)tree->calls[0].total;
	height = HEAD + (double)(deepest(tree, depth) + 1) * ROW + MARGIN;
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\">\n<style>text{font:11px "
		"monospace}rect:hover{stroke:#000}</style>\n<rect width=\"100%%\" height=\"100%%\" "
		"fill=\"#fff\"/>\n<text x=\"%.0f\" y=\"18\" style=\"font-size:14px\">",
		WIDTH, height, WIDTH, height, MARGIN);
	put_escaped(title, strlen(title), out);
	fprintf(out,
		"</text>\n<text x=\"%.0f\" y=\"35\">width: instructions; grey: the bare call; "
		"orange: added by the probe</text>\n",
		MARGIN);
	x[0] = MARGIN;
	/* children are side by side above their parent, in the order of their first calls */
	for (size_t i = 0; i < tree->n; i++) {
		size_t parent = tree->calls[i].parent;

		if (i) {
			x[i] = x[parent] + used[parent];
			used[parent] += (double)tree->calls[i].total * scale;
		}
		if (tree->calls[i].total)
			put_box(tree, symbols, i, x[i],
				height - MARGIN - (double)(depth[i] + 1) * ROW, scale, out);
	}
	fputs("</svg>\n", out);
	err = ferror(out) ? -EIO : 0;
out:
	free(depth);
	free(x);
	free(used);
	return err;
}
