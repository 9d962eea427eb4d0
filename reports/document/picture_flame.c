/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The X-ray's flame graph, drawn from its folded stacks ("a;b;c 12"): a picture that came with a
 * record could load or run anything, stacks are names and counts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/escape.h"
#include "reports/document/report_parts.h"
#include "reports/document/read/stacks.h"

#define WIDTH 780.0
#define ROW   15.0
#define HEAD  18.0 /* the title */
#define GLYPH 5.6

/* Where a frame begins, and how much of it its children have taken so far. */
struct place {
	double x, used;
};

static void put_escaped(FILE *out, const char *text, size_t most)
{
	for (size_t i = 0; text[i] && i < most; i++) {
		const char *entity = text[i] == '<'   ? "&lt;"
				     : text[i] == '>' ? "&gt;"
				     : text[i] == '&' ? "&amp;"
						      : NULL;

		if (entity)
			fputs(entity, out);
		else
			fputc(text[i], out);
	}
}

static void put_frame(FILE *out, const struct frame *f, double x, double y, double scale)
{
	double width = f->total * scale;
	size_t letters = width > 4 * GLYPH ? (size_t)((width - 4) / GLYPH) : 0;

	fputs("<g><title>", out);
	put_escaped(out, f->name, strlen(f->name));
	fprintf(out,
		": %.0f instructions</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
		"height=\"%.0f\" fill=\"%s\" "
		"stroke=\"#fff\" stroke-width=\"0.5\"/>",
		f->total, x, y, width, ROW - 1, f->depth % 2 ? "#f2b36b" : "#f7cf9e");
	if (!letters) {
		fputs("</g>\n", out);
		return;
	}
	fprintf(out,
		"<text x=\"%.1f\" y=\"%.1f\" font-family=\"DejaVu Sans Mono,monospace\" "
		"font-size=\"9\">",
		x + 2, y + 10.5);
	put_escaped(out, f->name, letters);
	fputs("</text></g>\n", out);
}

/* Children stand side by side above their parent, in the order in which the file has them. */
static int draw(const struct stacks *f, const char *path)
{
	double height = (double)(f->deepest + 1) * ROW + 6 + HEAD,
	       scale = WIDTH / f->frames[0].total;
	struct place *places = calloc(f->n, sizeof(*places));
	FILE *out;

	if (!places)
		return -ENOMEM;
	out = fopen(path, "we");
	if (!out) {
		free(places);
		return -errno;
	}
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\">\n<rect width=\"100%%\" height=\"100%%\" "
		"fill=\"#fff\"/>\n<text x=\"2\" y=\"12\" font-family=\"DejaVu Sans,sans-serif\" "
		"font-size=\"11\">One hit: %.0f instructions; width: a function with all that it "
		"calls</text>\n",
		WIDTH, height, WIDTH, height, f->frames[0].total);
	for (size_t i = 1; i < f->n; i++) {
		const struct frame *frame = &f->frames[i];
		struct place *parent = &places[frame->parent];

		places[i].x = parent->x + parent->used;
		parent->used += frame->total * scale;
		put_frame(out, frame, places[i].x, height - 3 - (double)frame->depth * ROW, scale);
	}
	fputs("</svg>\n", out);
	free(places);
	return fclose(out) ? -errno : 0;
}

bool picture_flame(struct report *r)
{
	bool any = false;

	for (size_t k = 0; k < r->e->n_xrays; k++) {
		struct stacks f;
		char path[PATH_MAX], name[32];
		struct error why = {"it is empty"};
		int err = stacks_load(r->e->xrays[k], &f, &why);
		FILE *line = page_line(&r->page);

		snprintf(name, sizeof(name), "flame%zu", k + 1);
		if (!err && snprintf(path, sizeof(path), "%s/pictures/%s.svg", r->out, name) <
				    (int)sizeof(path))
			err = draw(&f, path);
		if (err) {
			fputs("*The X-ray's stacks could not be drawn:* ", line);
			escape_part(line, why.text, RENDER_MARKDOWN);
			page_note(&r->page);
		} else {
			fprintf(line,
				"One hit, instruction by instruction: %.0f instructions, the bare "
				"call among them. Width: instructions of a function with all that "
				"it calls. From the X-ray's folded stacks; n = 1 hit, which is "
				"exact.",
				f.frames[0].total);
			report_place_file(r, name);
			any = true;
		}
		stacks_free(&f);
	}
	return any;
}
