/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page: headings and labelled facts, as text for a terminal or as Markdown.
 *
 * page_open -> (FILE *line = page_line(p); fprintf(line, …); page_heading | page_fact | page_note)
 * … -> page_close. What is written to the line is printed as it is: quote what is not ours
 * (page_quote, escape.h). The functions that take a format write the line and print it at once.
 */
#ifndef BPFTOLL_REPORTS_SHOW_PAGE_H
#define BPFTOLL_REPORTS_SHOW_PAGE_H

#include <stdio.h>
#include "reports/record/record.h"
#include "reports/show/figure.h"
#include "reports/show/format.h"

#define PAGE_WIDTH  118
#define PAGE_QUOTED 8 /* strings that may be quoted in one call */

struct budget;

struct page {
	FILE *out;
	enum render_format format;
	const struct record *rec;
	const struct budget *budget; /* thresholds of what is judged; NULL: the default's */
	FILE *line;
	char *text;
	size_t len;
	char *shown[PAGE_QUOTED];
	size_t next_quoted;
};

/* 0 or -ENOMEM. */
int page_open(struct page *p, const struct record *rec, enum render_format format, FILE *out);
void page_close(struct page *p);

/* An empty line buffer to write to. */
FILE *page_line(struct page *p);

/* Print the line: as a heading, as "label  line" (wrapped below itself), as a paragraph. */
void page_heading(struct page *p);
void page_fact(struct page *p, const char *label);
void page_note(struct page *p);

/* The same of a printf-like text. */
void page_head(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void page_tell(struct page *p, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void page_say(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A paragraph above a table that has no heading of its own: parted from what stands before. */
void page_caption(struct page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The text quoted for the page's format: good until PAGE_QUOTED more are, or the page is closed. */
const char *page_quote(struct page *p, const char *text);

/* Figures (figure.h) as text, kept as long. */
const char *page_effect(struct page *p, struct effect e, enum unit unit, enum figure_style style);
const char *page_count(struct page *p, uint64_t count);

void page_gap(struct page *p);

#endif
