/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store: records in a database of the schema in schema/.
 *
 * store_open -> store_add | store_query … -> store_close. A record is added whole, in a transaction
 * of its own, or not at all.
 */
#ifndef BPFTOLL_KIT_STORE_STORE_H
#define BPFTOLL_KIT_STORE_STORE_H

#include "kit/store/sql.h"
#include "reports/record/record.h"

struct store;

/* The schema is made, or brought up to date. A database of a newer bpftoll is refused. */
int store_open(const char *url, struct store **out, struct error *why);
/* The same for one who only asks: makes nothing, and needs no right to write. */
int store_open_to_read(const char *url, struct store **out, struct error *why);
void store_close(struct store *store);

/* For statements of who asks; the columns are those of schema/. */
struct sql *store_sql(struct store *store);

/* Of one folder. 1: it is there already; 0: added; or -errno, and nothing was. Not 0 ends the
 * whole. */
typedef int store_report(void *ctx, const char *dir, int err, const struct error *why);

/*
 * Adds the records in these folders, one after another in this order, while others are read on all
 * CPUs. Returns what report did; or -errno before the first, with why.
 */
int store_add(struct store *store, const char *const *dirs, size_t n, store_report *report,
	      void *ctx, struct error *why);

/* ---- what may be asked for ---- */

#define STORE_FILTERS_MAX 32

/* "kernel~6.1", "variant=kprobe_perf", "since=30d": one of store_keys, an operator and a value. */
struct store_filter {
	const char *words[STORE_FILTERS_MAX];
	size_t n;
	bool probes; /* no baselines, null tests and bare windows */
};

enum store_view {
	STORE_FIGURES,	    /* "figure": of configurations */
	STORE_EVENTS,	    /* "event": of points of suite events */
	STORE_HELPERS,	    /* "helper": of prices of helpers */
	STORE_APPS,	    /* "app": of what programs felt */
	STORE_INSTRUCTIONS, /* "instruction": of prices of instructions */
};

/*
 * Rows of a view that pass all filters, the newest run first and in it what was measured: columns
 * is a list of its columns, never a user's. -EINVAL: a filter that cannot be read, which why names.
 */
int store_query(struct store *store, enum store_view view, const struct store_filter *filter,
		const char *columns, unsigned int limit, sql_take *take, void *ctx,
		struct error *why);

#endif
