/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_table: rows of "store query" as a table that fits into the terminal.
 *
 * store_table_open -> store_table_add … -> store_table_print -> store_table_close.
 */
#ifndef BPFTOLL_KIT_CMD_FLEET_STORE_TABLE_H
#define BPFTOLL_KIT_CMD_FLEET_STORE_TABLE_H

#include "kit/cmd/fleet/store_views.h"

struct store_table;

/* NULL: out of memory. */
struct store_table *store_table_open(const struct store_list *list);
void store_table_close(struct store_table *t);

/* values: of the list's columns; NULL: not known. */
void store_table_add(struct store_table *t, const char *const *values);

/* What all rows have in common stands above it. 0 or -ENOMEM. */
int store_table_print(struct store_table *t, size_t width);

#endif
