/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The X-ray's flame graph, drawn from its folded stacks ("a;b;c 12"): a picture that came with a
 * record could load or run anything, stacks are names and counts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/export/export.h"
#include "reports/show/escape.h"
#include "reports/document/report_parts.h"

#define WIDTH  780.0
#define ROW    15.0
#define GLYPH  5.6
#define FRAMES 4096

struct frame {
	char *name;
	size_t parent, depth; /* the root is its own parent, at depth 0 */
	double total, x, used;
};

struct flame {
	struct frame *frames;
	size_t n, deepest;
};

static size_t child(struct flame *f, size_t parent, const char *name, size_t len)
{
	for (size_t i = parent + 1; i < f->n; i++)
		if (f->frames[i].parent == parent && strlen(f->frames[i].name) == len &&
		    memcmp(f->frames[i].name, name, len) == 0)
			return i;
	if (f->n == FRAMES)
		return parent;
	f->frames[f->n] = (struct frame){
		.name = strndup(name, len), .parent = parent, .depth = f->frames[parent].depth + 1};
	if (!f->frames[f->n].name)
		return parent;
	if (f->frames[f->n].depth > f->deepest)
		f->deepest = f->frames[f->n].depth;
	return f->n++;
}

/* One line, checked by export_folded: frames, a space, a number. */
static void add_line(struct flame *f, const char *line, size_t len)
{
	const char *space = memrchr(line, ' ', len), *end;
	double count = space ? strtod(space + 1, NULL) : 0;
	size_t at = 0;

	f->frames[0].total += count;
	for (const char *name = line; space && name < space; name = end + 1) {
		end = memchr(name, ';', (size_t)(space - name));
		end = end ? end : space;
		at = child(f, at, name, (size_t)(end - name));
		f->frames[at].total += count;
	}
}

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

static void put_frame(FILE *out, const struct frame *f, double y, double scale)
{
	double width = f->total * scale;
	size_t letters = width > 4 * GLYPH ? (size_t)((width - 4) / GLYPH) : 0;

	fprintf(out,
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\" fill=\"%s\" "
		"stroke=\"#fff\" stroke-width=\"0.5\"/>\n",
		f->x, y, width, ROW - 1, f->depth % 2 ? "#d9d9d9" : "#c4cfdc");
	if (!letters)
		return;
	fprintf(out,
		"<text x=\"%.1f\" y=\"%.1f\" font-family=\"DejaVu Sans Mono,monospace\" "
		"font-size=\"9\">",
		f->x + 2, y + 10.5);
	put_escaped(out, f->name, letters);
	fputs("</text>\n", out);
}

/* Children stand side by side above their parent, in the order in which the file has them. */
static int draw(struct flame *f, const char *path)
{
	double height = (double)(f->deepest + 1) * ROW + 6, scale = WIDTH / f->frames[0].total;
	FILE *out = fopen(path, "we");

	if (!out)
		return -errno;
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"viewBox=\"0 0 %.0f %.0f\">\n<rect width=\"100%%\" height=\"100%%\" "
		"fill=\"#fff\"/>\n",
		WIDTH, height, WIDTH, height);
	for (size_t i = 1; i < f->n; i++) {
		struct frame *frame = &f->frames[i], *parent = &f->frames[frame->parent];

		frame->x = parent->x + parent->used;
		parent->used += frame->total * scale;
		put_frame(out, frame, height - 3 - (double)frame->depth * ROW, scale);
	}
	fputs("</svg>\n", out);
	return fclose(out) ? -errno : 0;
}

static int load(const char *dir, struct flame *f, struct error *why)
{
	char *text = NULL, *end;
	size_t len;
	FILE *memory = open_memstream(&text, &len);
	int err = memory ? export_folded(dir, memory, why) : -ENOMEM;

	if (memory && fclose(memory) && !err)
		err = -ENOMEM;
	f->frames = calloc(FRAMES, sizeof(*f->frames));
	if (!f->frames)
		err = -ENOMEM;
	f->n = 1;
	for (char *line = text; !err && line && *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		add_line(f, line, (size_t)(end - line));
	}
	free(text);
	return err ? err : f->frames[0].total > 0 ? 0 : -ENODATA;
}

bool picture_flame(struct report *r)
{
	bool any = false;

	for (size_t k = 0; k < r->e->n_xrays; k++) {
		struct flame f = {.n = 0};
		char path[PATH_MAX], name[32];
		struct error why = {"it is empty"};
		int err = load(r->e->xrays[k], &f, &why);
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
		for (size_t i = 0; i < f.n && f.frames; i++)
			free(f.frames[i].name);
		free(f.frames);
	}
	return any;
}
