/* SPDX-License-Identifier: GPL-3.0-or-later */
/* answer_private: what an answer holds. Internal to reports/answer: answer.c fills it,
 * answer_print.c and answer_json.c read it. */
#ifndef BPFTOLL_REPORTS_ANSWER_PRIVATE_H
#define BPFTOLL_REPORTS_ANSWER_PRIVATE_H

#include "reports/answer/answer.h"

enum cell_kind {
	CELL_TEXT,
	CELL_EFFECT,
	CELL_NUMBER,
	CELL_AT_MOST,
	CELL_RANGE,
	CELL_PREDICTED,
	CELL_ABSENT
};

struct cell {
	enum cell_kind kind;
	enum answer_unit unit;
	bool plus; /* what is above zero is shown with its sign */
	enum answer_mark mark;
	char *text;	     /* of CELL_TEXT and CELL_ABSENT */
	struct effect value; /* lo and hi: NAN where there is no interval */
};

struct answer_part_table {
	const char *key;
	char *heading;		       /* NULL: none */
	struct answer_column *columns; /* and their texts: its own */
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
	struct labelled *heads; /* above all else */
	size_t n_heads;
	bool failed;	       /* memory was out */
	bool in_line, in_head; /* what answer_mark is about; else the last cell */
};

/* Rows of the table that are whole or begun. */
size_t answer_rows(const struct answer_part_table *table);

/* A cell as the screen shows it, safe for a terminal (answer_cell.c); NULL: no memory. Beyond the
 * last cell: "". */
char *answer_cell_text(const struct answer_part_table *table, size_t at);

#endif
