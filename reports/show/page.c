/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/page.h"
#include "reports/show/escape.h"
#include "reports/record/text_stream.h"

#define INDENT 2
#define LABEL  16

int page_open(struct page *p, const struct record *rec, enum render_format format, FILE *out)
{
	*p = (struct page){.out = out, .format = format, .rec = rec};
	p->line = text_stream(&p->text, &p->len);
	return p->line ? 0 : -ENOMEM;
}

void page_close(struct page *p)
{
	if (p->line)
		fclose(p->line);
	free(p->text);
	for (size_t i = 0; i < PAGE_QUOTED; i++)
		free(p->shown[i]);
}

FILE *page_line(struct page *p)
{
	rewind(p->line);
	return p->line;
}

/* The line as a string: a rewound stream keeps the tail of a longer line before it. */
static const char *line_text(struct page *p)
{
	fputc('\0', p->line);
	fflush(p->line);
	return p->text ? p->text : "";
}

/* Breaks at spaces; what follows a break is indented. */
static void put_wrapped(struct page *p, const char *text, size_t column, size_t indent)
{
	while (*text) {
		size_t bytes = strcspn(text, " ");
		char *word = strndup(text, bytes);
		size_t width = word ? escape_width(word) : bytes;

		if (column > indent && column + 1 + width > PAGE_WIDTH) {
			fputc('\n', p->out);
			fprintf(p->out, "%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			fputc(' ', p->out);
			column++;
		}
		fwrite(text, 1, bytes, p->out);
		column += width;
		text += bytes;
		text += strspn(text, " ");
		free(word);
	}
	fputc('\n', p->out);
}

void page_heading(struct page *p)
{
	fprintf(p->out, p->format == RENDER_MARKDOWN ? "\n## %s\n\n" : "\n%s\n", line_text(p));
}

void page_fact(struct page *p, const char *label)
{
	const char *text = line_text(p);

	if (p->format == RENDER_MARKDOWN) {
		fprintf(p->out, "- **%s**: %s\n", label, text);
		return;
	}
	fprintf(p->out, "%*s%-*s", INDENT, "", LABEL, label);
	if (strlen(label) >= LABEL)
		fputc(' ', p->out);
	put_wrapped(p, text, INDENT + LABEL, INDENT + LABEL);
}

void page_note(struct page *p)
{
	const char *text = line_text(p);

	if (p->format == RENDER_MARKDOWN) {
		fprintf(p->out, "\n%s\n", text);
		return;
	}
	fprintf(p->out, "%*s", INDENT, "");
	put_wrapped(p, text, INDENT, INDENT);
}

void page_head(struct page *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(page_line(p), fmt, args);
	va_end(args);
	page_heading(p);
}

void page_tell(struct page *p, const char *label, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(page_line(p), fmt, args);
	va_end(args);
	page_fact(p, label);
}

void page_say(struct page *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(page_line(p), fmt, args);
	va_end(args);
	page_note(p);
}

void page_caption(struct page *p, const char *fmt, ...)
{
	va_list args;

	page_gap(p);
	va_start(args, fmt);
	vfprintf(page_line(p), fmt, args);
	va_end(args);
	page_note(p);
	if (p->format == RENDER_MARKDOWN)
		page_gap(p);
}

/* A stream to the text that is to be kept next; NULL: no memory. */
static FILE *begin(struct page *p, char ***text, size_t *len)
{
	*text = &p->shown[p->next_quoted++ % PAGE_QUOTED];
	free(**text);
	**text = NULL;
	return text_stream(*text, len);
}

static const char *end(FILE *stream, char *const *text)
{
	fclose(stream);
	return *text ? *text : "";
}

const char *page_quote(struct page *p, const char *text)
{
	char **quoted;
	size_t len;
	FILE *stream = begin(p, &quoted, &len);

	if (!stream)
		return "";
	escape_print(stream, text, p->format);
	return end(stream, quoted);
}

const char *page_effect(struct page *p, struct effect e, enum unit unit, enum figure_style style)
{
	char **text;
	size_t len;
	FILE *stream = begin(p, &text, &len);

	if (!stream)
		return "";
	figure_effect(stream, e, unit, style);
	return end(stream, text);
}

const char *page_count(struct page *p, uint64_t count)
{
	char **text;
	size_t len;
	FILE *stream = begin(p, &text, &len);

	if (!stream)
		return "";
	figure_count(stream, count);
	return end(stream, text);
}

void page_gap(struct page *p)
{
	fputc('\n', p->out);
}
