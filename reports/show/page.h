/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page: headings and labelled facts, as text for a terminal or as Markdown.
 *
 * page_open -> (FILE *line = page_line(p); fprintf(line, …); page_heading | page_fact | page_note)
 * … -> page_close. What is written to the line is printed as it is: quote what is not ours
 * (quote.h).
 */
#ifndef BPFTOLL_REPORTS_SHOW_PAGE_H
#define BPFTOLL_REPORTS_SHOW_PAGE_H

#include <stdio.h>
#include "reports/record/record.h"
#include "reports/show/format.h"

#define PAGE_WIDTH 118

struct budget;

struct page {
	FILE *out;
	enum render_format format;
	const struct record *rec;
	const struct budget *budget; /* thresholds of what is judged; NULL: the mission's */
	FILE *line;
	char *text;
	size_t len;
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

void page_gap(struct page *p);

#endif
