/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_private: what a store holds. Internal to kit/store. */
#ifndef BPFTOLL_KIT_STORE_STORE_PRIVATE_H
#define BPFTOLL_KIT_STORE_STORE_PRIVATE_H

#include "kit/store/store.h"

struct store {
	struct sql *sql;
	void *configurations; /* search tree of the keys that are in the database for certain */
};

/* Ends a transaction: keeps it where err is 0, else undoes it. Returns the first error. */
int store_end(struct store *store, int err, struct error *why);

/* Forgets which configurations are there. */
void store_forget(struct store *store);

#endif
