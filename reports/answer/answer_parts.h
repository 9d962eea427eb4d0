/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer_parts: what an answer holds. Internal to reports/answer: answer.c fills it, answer_print.c
 * and answer_json.c read it. */
#ifndef BPFTOLL_REPORTS_ANSWER_PARTS_H
#define BPFTOLL_REPORTS_ANSWER_PARTS_H

#include "reports/answer/answer.h"

enum cell_kind { CELL_TEXT, CELL_EFFECT, CELL_NUMBER, CELL_AT_MOST, CELL_ABSENT };

struct cell {
	enum cell_kind kind;
	enum answer_mark mark;
	char *text;	     /* of CELL_TEXT and CELL_ABSENT */
	struct effect value; /* lo and hi: NAN where there is no interval */
};

struct answer_part_table {
	const char *key;
	char *heading; /* NULL: none */
	const struct answer_column *columns;
	size_t n_columns;
	struct cell *cells; /* row by row */
	size_t n_cells;
	char **notes;
	size_t n_notes;
};

struct labelled {
	char *label, *text;
	enum answer_mark mark;
};

struct answer {
	char *kind, *record;
	char **titles;
	size_t n_titles;
	struct answer_part_table *tables;
	size_t n_tables;
	struct labelled *lines;
	size_t n_lines;
	bool failed; /* memory was out */
	bool in_line;
};

/* Rows of the table that are whole or begun. */
size_t answer_rows(const struct answer_part_table *table);

#endif
