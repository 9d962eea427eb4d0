/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * csv: the one writer of comma-separated values: what parts two fields, what is quoted, how many
 * digits a number has.
 *
 * csv_text, csv_number … for each field of a line, csv_end after the last. csv_names and csv_values
 * write the members of a structure by its table (field.h), so a new member is written by
 * itself: an estimate is three columns (NAME, NAME_lo, NAME_hi), an object's members are columns of
 * their own (OBJECT_NAME), rows within rows are left out. What is not known is an empty field.
 */
#ifndef BPFTOLL_REPORTS_EXPORT_CSV_H
#define BPFTOLL_REPORTS_EXPORT_CSV_H

#include <stdint.h>
#include <stdio.h>
#include "reports/record/field.h"

/* Digits of a number for people; 15 keep all of it. */
#define CSV_DIGITS 10

struct csv {
	FILE *out;
	int digits;   /* of a number */
	bool shown;   /* words of ours in quotation marks too, and 1 and 0 for true and false */
	size_t begun; /* fields of this line so far */
};

void csv_text(struct csv *csv, const char *text); /* of unknown origin (escape.h); NULL: empty */
void csv_word(struct csv *csv, const char *word); /* as it is: ours, or "" */
void csv_number(struct csv *csv, double value);
void csv_count(struct csv *csv, uint64_t value);
void csv_end(struct csv *csv);

/* The stream, for a field of several parts that the caller writes; a number in one. */
FILE *csv_field(struct csv *csv);
void csv_digits(FILE *out, double value);

/* prefix: "" or what stands before each name, "hits_"; name: "" for an object whose members keep
 * theirs. */
void csv_names(struct csv *csv, const char *prefix, const struct field *fields);
void csv_values(struct csv *csv, const void *row, const struct field *fields);

/* One member: as many fields as it has columns. */
void csv_name(struct csv *csv, const char *prefix, const char *name, const struct field *field);
void csv_value(struct csv *csv, const void *row, const struct field *field);

#endif
