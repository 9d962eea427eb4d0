/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * incoming: a record on its way into a store, as far as that needs no database: read, checked, and
 * made into rows. Several threads may do so, each with an incoming of its own.
 *
 * incoming_read -> … -> incoming_free.
 */
#ifndef BPFTOLL_KIT_STORE_INCOMING_H
#define BPFTOLL_KIT_STORE_INCOMING_H

#include "kit/store/content_hash.h"
#include "kit/store/table_rows.h"
#include "reports/record/record.h"

/* Keys of runs that are in the database: what is read again is not taken apart. Sorted. */
struct known_runs {
	long long *keys;
	size_t n;
};

struct incoming_name {
	char key[24];
	const struct record_result *result;
};

struct incoming {
	const char *dir;
	struct record *rec;		       /* NULL where err */
	char hash[CONTENT_HASH_TEXT], run[24]; /* of record.json; its key */
	struct incoming_name *names; /* of its configurations, in the order of their keys */
	struct table_rows cells, points, helpers, apps, instructions, conditions, samples;
	int err; /* 1: is in the database already; -errno: with why */
	struct error why;
};

void incoming_read(const char *dir, const struct known_runs *known, struct incoming *out);
void incoming_free(struct incoming *in);

#endif
