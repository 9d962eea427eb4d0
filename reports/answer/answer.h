/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * answer: what a record says, in one screen: a title, tables, and labelled lines such as "Summary".
 *
 * answer_open -> answer_head … -> answer_title … -> (answer_table -> (answer_row -> answer_text |
 * answer_effect | answer_number | answer_range | answer_at_most | answer_absent, a cell a column) …
 * -> answer_note …) … -> answer_line … -> answer_print or answer_json -> answer_close. Text is kept
 * as it is given and made safe for the terminal when it is printed. When memory is out, the print
 * functions say so.
 */
#ifndef BPFTOLL_REPORTS_ANSWER_H
#define BPFTOLL_REPORTS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "reports/stats/effect.h"

#define ANSWER_SCHEMA "bpftoll-answer/1"
#define ANSWER_LINES  25 /* of a screen; tables are shortened to fit */
#define ANSWER_NARROW 80 /* columns of a screen, at least and at most */
#define ANSWER_WIDE   200

/* What a column holds. All its figures are shown in one unit, chosen for the column. */
enum answer_unit {
	ANSWER_WORDS,
	ANSWER_NS,	     /* shown in ns, us or ms */
	ANSWER_INSTRUCTIONS, /* no unit is shown: say it in the header */
	ANSWER_COUNT,	     /* grouped in threes */
	ANSWER_PERCENT,
	ANSWER_RATE, /* a second: 999, 12.5 K, 1 M */
	ANSWER_RATIO /* 2.1x */
};

struct answer_column {
	const char *key;    /* the member's name in JSON */
	const char *header; /* on the screen */
	enum answer_unit unit;
	bool if_wide; /* left out where the terminal is too narrow, the last such column first */
};

/* How good or bad a cell or a line is: its colour on a terminal, "mark" in JSON. */
enum answer_mark { ANSWER_PLAIN, ANSWER_GOOD, ANSWER_BAD, ANSWER_UNSURE, ANSWER_DIM };

struct answer_style {
	size_t width; /* ANSWER_NARROW to ANSWER_WIDE */
	bool color;
	bool whole; /* all rows and lines, however long the screen gets */
};

struct answer;

/* kind: "run", "helpers", "verdict", …; record: the folder it was read from, or NULL. NULL: out of
 * memory. */
struct answer *answer_open(const char *kind, const char *record);
void answer_close(struct answer *a);

/* "Label     text", above all else: the question and the decision. */
void answer_head(struct answer *a, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A line above the tables. */
void answer_title(struct answer *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A table begins, the most important one first: the last ones give up rows where a screen is too
 * small. columns are copied. key: its name in JSON. heading: NULL, or a line above it. */
void answer_table(struct answer *a, const char *key, const char *heading,
		  const struct answer_column *columns, size_t n);
/* Rows in the order of their importance: the last ones are left out where a screen is too small. */
void answer_row(struct answer *a);

/* The next cell of the row. A value of NAN is shown as "-". */
void answer_text(struct answer *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void answer_number(struct answer *a, double value);
void answer_at_most(struct answer *a, double bound); /* "< 0.003 %" */
/* What it lies between, "695 to 1,205 ns"; NAN: open at that end, "≥ 695 ns". */
void answer_range(struct answer *a, double lo, double hi);
/* What it would be, in ns, where it was not measured: "≈110..210", dim, "predicted" in JSON. A note
 * has to say so. */
void answer_predict(struct answer *a, double lo, double hi);
/* The same of a difference, with signs: "≈-12..+30", "none". */
void answer_predict_change(struct answer *a, double lo, double hi);
/* With its interval; "not resolved" where that is wider than the value. */
void answer_effect(struct answer *a, struct effect e);
void answer_change(struct answer *a, struct effect e); /* the same with its sign */
/* Why there is no figure, in at most three words; JSON has it as "reason". */
void answer_absent(struct answer *a, const char *reason);

/* The last cell is in another unit than its column's: the rows are of different things. */
void answer_in(struct answer *a, enum answer_unit unit);

/* The last cell, or the last line if no table's row was written since, is good or bad. */
void answer_mark(struct answer *a, enum answer_mark mark);

/* A line below the table. */
void answer_note(struct answer *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "Label     text", below all tables, wrapped below itself. */
void answer_line(struct answer *a, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Takes all lines away again: what they conclude is not for a run that goes on. */
void answer_drop_lines(struct answer *a);

/* The figure as a table shows it, for the text of a line: "23.7 ±0.4 ns", "not resolved". */
void answer_put(FILE *out, struct effect e, enum answer_unit unit);
void answer_put_predicted(FILE *out, double lo, double hi); /* "≈ 110..210 ns" */

/* A screen of it; rows that do not fit are counted below their table. 0 or -errno. */
int answer_print(const struct answer *a, const struct answer_style *style, FILE *out);
/* The same answer, whole, by answer.schema.json. 0 or -errno. */
int answer_json(const struct answer *a, FILE *out);

#endif
