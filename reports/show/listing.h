/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listing: rows of any kind and a list of columns -> a table (table.h) on a page. All tables of
 * bpftoll are made by it.
 *
 * A column is its header, how to write a result of it, and what to do when it says nothing:
 *
 *	#define AT(member) offsetof(struct event_point, member)
 *	static const struct column columns[] = {
 *		{"variant", put_text, AT(variant), 0},
 *		{"rate", put_rate, AT(rate_target), COLUMN_RIGHT},
 *		{"lost", put_lost, 0, COLUMN_RIGHT},
 *	};
 *	struct listing l = LISTING(page, columns);
 *
 *	listing_row(&l, point) …; if (l.rows) { the heading }; return listing_print(&l);
 *
 * A listing without rows prints nothing. A new column is a line of the list, and a function if none
 * of those below fits.
 */
#ifndef BPFTOLL_REPORTS_SHOW_LISTING_H
#define BPFTOLL_REPORTS_SHOW_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "reports/show/figure.h"
#include "reports/show/page.h"

struct listing;
struct column;

/* A result to be written. */
struct entry {
	const void *row; /* NULL: the header of a column that has no text for it */
	const struct column *column;
	const struct listing *list;
};

enum column_flags {
	COLUMN_RIGHT = 1,    /* aligned right: figures */
	COLUMN_QUOTED = 2,   /* the header is text of a record */
	COLUMN_WIDE = 4,     /* at least 20 characters, so that tables of a page line up */
	COLUMN_NOT_DASH = 8, /* left out where every row says "-" */
	COLUMN_NOT_HOT = 16, /* left out where every row says "hot" */
	COLUMN_VARIES = 32,  /* left out where all rows say the same */
	COLUMN_FITS = 64,    /* left out of text too wide for a page, first ones first */
	COLUMN_COLD = 128,   /* stays where all rows say "cold" */
};

struct column {
	const char *header; /* NULL: put writes it, for an entry without a row */
	void (*put)(FILE *out, const struct entry *e);
	size_t at; /* offset of the member that put writes; a column of the caller's may count with
		      it */
	unsigned int flags;
};

struct listing {
	struct page *page;
	const struct column *columns;
	size_t n;
	const void *with; /* what the columns' functions need beside the row */
	enum unit unit;	  /* of effects and lengths */
	/* Of put_time's columns, by column, said in their headers; NULL: each figure in the unit
	 * that fits it, and says so. */
	const enum time_unit *time_units;
	/* Does another group begin with this row? On a terminal an empty line parts them; NULL:
	 * never. */
	bool (*parts)(const void *before, const void *row);
	size_t rows;
	/* its own */
	const void *before;
	struct table *table;
	bool failed, hidden_for_width;
};

#define LISTING(on, list)                                                              \
	{                                                                              \
		.page = (on), .columns = (list), .n = sizeof(list) / sizeof((list)[0]) \
	}

/* Writes the headers: only for a table that is to be printed without rows. */
void listing_open(struct listing *l);
void listing_row(struct listing *l, const void *row);
void listing_gap(struct listing *l); /* an empty line on a terminal */

/* What all rows say in that column; NULL: they differ, or there are none. */
const char *listing_same(struct listing *l, size_t column);

/* Leaves out what says nothing; listing_print does it, if it has not been done. */
void listing_fold(struct listing *l);
/* Folds, prints and frees. 0 (nothing is printed without rows) or -ENOMEM. */
int listing_print(struct listing *l);
/* Frees without printing. */
void listing_drop(struct listing *l);
/* In text: leaves these columns out, in that order, while the table is wider than a page. */
void listing_fit(struct listing *l, const size_t *columns, size_t n);
/* Is it wider than a terminal's page? */
bool listing_too_wide(struct listing *l);

/* The member at column->at, of the type named; in text and Markdown "-" where it is unknown. */
void put_text(FILE *out, const struct entry *e);	/* char *, quoted */
void put_wakeup_name(FILE *out, const struct entry *e); /* char *, as wakeup_name shows it */
void put_effect(FILE *out, const struct entry *e);	/* struct effect: "+12.3 ±0.4" */
void put_length(FILE *out, const struct entry *e);	/* double, in the listing's unit */
void put_time(FILE *out, const struct entry *e); /* struct effect, ns, in the unit that fits */
void put_time_alone(FILE *out, const struct entry *e); /* double, the same */
void put_rate(FILE *out, const struct entry *e);       /* double, a second */
void put_decimal(FILE *out, const struct entry *e);    /* double, one decimal */
void put_count(FILE *out, const struct entry *e);      /* uint64_t */
void put_unsigned(FILE *out, const struct entry *e);   /* unsigned int */

/* For columns' functions: the member, and what is to be written of an effect that may not be there.
 */
const void *entry_member(const struct entry *e);
enum render_format entry_format(const struct entry *e);
void put_effect_of(FILE *out, const struct effect *effect, enum unit unit); /* NULL: "-" */
/* In CSV the record's own value. */
void put_wakeup_of(FILE *out, const char *value, enum render_format format);

/*
 * The distinct values of one member, in order of appearance: the rows or columns of a table. What a
 * forged record has beyond AXIS_MOST is left out.
 */
#define AXIS_MOST 32

struct axis {
	const char *name[AXIS_MOST];
	size_t n;
};

/* At most `most` of them (and AXIS_MOST); the string stays the caller's. */
void axis_add(struct axis *axis, const char *name, size_t most);

#endif
