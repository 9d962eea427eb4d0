/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/export/csv.h"
#include "reports/export/tables.h"

#define DIGITS 15

/* A kind: rows of a record, or rows within those (inner). */
struct kind {
	const struct field *rows, *inner;
};

struct record_letter tables_letter(size_t n, bool lab)
{
	struct record_letter letter;

	if (lab)
		snprintf(letter.text, sizeof(letter.text), "L%zu", n + 1);
	else if (n < 26)
		snprintf(letter.text, sizeof(letter.text), "%c", 'A' + (int)n);
	else
		snprintf(letter.text, sizeof(letter.text), "R%zu", n + 1);
	return letter;
}

/* The record's own names are those of its first version. */
static void file_name(const struct kind *kind, char *out, size_t len)
{
	const char *key = kind->rows->key;
	const char *name = strcmp(key, "cells") == 0   ? "results"
			   : strcmp(key, "knees") == 0 ? "breakpoints"
						       : key;

	snprintf(out, len, "%s%s%s.csv", name, kind->inner ? "_" : "",
		 kind->inner ? kind->inner->key : "");
}

static const struct record *record_of(const struct record_set *e, size_t i)
{
	return i < e->n_runs ? e->runs[i].record : e->labs[i - e->n_runs].record;
}

static size_t rows_of(const struct record *rec, const struct kind *kind)
{
	size_t n = 0;

	if (!kind->inner)
		return field_rows(rec, kind->rows);
	for (size_t i = 0; i < field_rows(rec, kind->rows); i++)
		n += field_rows(field_row(rec, kind->rows, i), kind->inner);
	return n;
}

static void put_from(struct csv *csv, const struct record *rec, struct record_letter letter)
{
	csv_word(csv, letter.text);
	csv_text(csv, rec->suite);
	csv_text(csv, rec->created);
	csv_text(csv, rec->host.kernel);
}

static void put_record(struct csv *csv, const struct record *rec, struct record_letter letter,
		       const struct kind *kind)
{
	for (size_t i = 0; i < field_rows(rec, kind->rows); i++) {
		const void *row = field_row(rec, kind->rows, i);

		if (!kind->inner) {
			put_from(csv, rec, letter);
			csv_values(csv, row, kind->rows->sub);
			csv_end(csv);
			continue;
		}
		for (size_t k = 0; k < field_rows(row, kind->inner); k++) {
			put_from(csv, rec, letter);
			csv_value(csv, row, kind->rows->sub); /* its id is the first member */
			csv_values(csv, field_row(row, kind->inner, k), kind->inner->sub);
			csv_end(csv);
		}
	}
}

static void put_kind(const struct record_set *e, const struct kind *kind, FILE *out)
{
	struct csv csv = {.out = out, .digits = DIGITS};

	for (const char *const *name = (const char *const[]){"record", "suite", "created", "kernel",
							     kind->inner ? "id" : NULL, NULL};
	     *name; name++)
		csv_word(&csv, *name);
	csv_names(&csv, "", kind->inner ? kind->inner->sub : kind->rows->sub);
	csv_end(&csv);
	for (size_t i = 0; i < e->n_runs + e->n_labs; i++) {
		bool lab = i >= e->n_runs;

		put_record(&csv, record_of(e, i), tables_letter(lab ? i - e->n_runs : i, lab),
			   kind);
	}
}

/* Through a temporary name that nobody can have prepared; no link is followed. */
static int write_kind(const struct record_set *e, const struct kind *kind, const char *path)
{
	char *temporary;
	FILE *out = NULL;
	int fd, err = 0;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		free(temporary);
		return err;
	}
	if (fchmod(fd, 0644) || !(out = fdopen(fd, "w"))) {
		err = -errno;
		close(fd);
	} else {
		put_kind(e, kind, out);
		if (ferror(out))
			err = -EIO;
		if (fclose(out) && !err)
			err = -errno;
	}
	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
	free(temporary);
	return err;
}

static int do_kind(const struct record_set *e, const char *dir, const struct kind *kind,
		   char *names, size_t len, struct error *why)
{
	char name[64], *path;
	size_t n = 0, used = strlen(names);
	int err = 0;

	for (size_t i = 0; i < e->n_runs + e->n_labs; i++)
		n += rows_of(record_of(e, i), kind);
	file_name(kind, name, sizeof(name));
	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return -ENOMEM;
	if (n)
		err = write_kind(e, kind, path);
	else if (unlink(path) && errno != ENOENT)
		err = -errno;
	if (err)
		error_say(why, "%s: %s", path, strerror(-err));
	else if (n && used < len)
		snprintf(names + used, len - used, "%s%s", used ? ", " : "", name);
	free(path);
	return err;
}

int tables_write(const struct record_set *e, const char *dir, char *names, size_t len,
		 struct error *why)
{
	int err = 0;

	names[0] = '\0';
	for (const struct field *rows = record_top_fields; rows->key && !err; rows++) {
		if (rows->type != FIELD_ROWS)
			continue;
		err = do_kind(e, dir, &(struct kind){rows, NULL}, names, len, why);
		for (const struct field *inner = rows->sub; inner->key && !err; inner++)
			if (inner->type == FIELD_ROWS)
				err = do_kind(e, dir, &(struct kind){rows, inner}, names, len, why);
	}
	return err;
}
