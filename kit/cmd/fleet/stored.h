/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stored: the folders of the records that pass filters of a database, for commands that judge many.
 *
 * The database says where they are; what is judged is read from the files. A boot that has a figure
 * that passes comes with its records that have no figures of configurations (suite events), without
 * which CPU and loss could not be judged.
 */
#ifndef BPFTOLL_KIT_CMD_FLEET_STORED_H
#define BPFTOLL_KIT_CMD_FLEET_STORED_H

#include <stddef.h>

#include "calib/error.h"

#define STORED_DB "reports/runs/store.db"
#define STORED_HELP                                                            \
	"the database of --store: a file (SQLite; default: " STORED_DB ") or " \
	"postgresql://USER@HOST/NAME, with the password in ~/.pgpass or PGPASSWORD"

struct stored {
	char **folders;
	size_t n;
};

/* filters: as of store query. 0; -EINVAL: a filter that cannot be read; -ENOENT: no such file, or
 * nothing passes; other -errno; why. stored_free whatever it returns. */
int stored_find(const char *url, const char *const *filters, size_t n, struct stored *out,
		struct error *why);
void stored_free(struct stored *stored);

#endif
