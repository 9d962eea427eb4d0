/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_query: what passes the filters of "store query", as a table, CSV or JSON on stdout. */
#ifndef BPFTOLL_KIT_CMD_FLEET_STORE_QUERY_H
#define BPFTOLL_KIT_CMD_FLEET_STORE_QUERY_H

#include "kit/store/store.h"

struct store_listing {
	bool csv, json;
	unsigned int limit; /* 0: 40 rows of the table, all others */
};

/* words: filters, behind the word of a list (store_views.h). Errors as of store_query. */
int store_list(struct store *store, const struct store_listing *how, const char *const *words,
	       size_t n, struct error *why);

#endif
