/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/document/read/stacks.h"
#include "reports/export/export.h"
#include "reports/record/text_stream.h"

#define FRAMES 4096

static size_t child(struct stacks *f, size_t parent, const char *name, size_t len)
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
static void add_line(struct stacks *f, const char *line, size_t len)
{
	const char *space = memrchr(line, ' ', len), *end;
	double count = space ? strtod(space + 1, NULL) : 0;
	size_t at = 0, next;

	f->frames[0].total += count;
	for (const char *name = line; space && name < space; name = end + 1) {
		end = memchr(name, ';', (size_t)(space - name));
		end = end ? end : space;
		next = child(f, at, name, (size_t)(end - name));
		if (next == at)
			return; /* no room: the frames above stand for it */
		at = next;
		f->frames[at].total += count;
	}
}

int stacks_load(const char *dir, struct stacks *out, struct error *why)
{
	char *text = NULL, *end;
	size_t len;
	FILE *memory = text_stream(&text, &len);
	int err = memory ? export_folded(dir, memory, why) : -ENOMEM;

	if (memory && fclose(memory) && !err)
		err = -ENOMEM;
	*out = (struct stacks){.frames = calloc(FRAMES, sizeof(*out->frames)), .n = 1};
	if (!out->frames)
		err = -ENOMEM;
	for (char *line = text; !err && line && *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		add_line(out, line, (size_t)(end - line));
	}
	free(text);
	return err ? err : out->frames[0].total > 0 ? 0 : -ENODATA;
}

void stacks_free(struct stacks *f)
{
	for (size_t i = 0; i < f->n && f->frames; i++)
		free(f->frames[i].name);
	free(f->frames);
}
