/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journal: what isolate is about to change, written to disk before it is changed.
 *
 * One line per entry: set, name, path, value before, value after, separated by tabs, with C
 * escapes. Two lines come first: the format's version, and the owner (pid, its start time, the
 * boot). A line is synced before journal_append returns, so a last line without a newline belongs
 * to a change that was never made. The contents are not trusted when read back: the caller checks
 * each entry's path before it writes anything.
 *
 * journal_create -> journal_append … -> journal_remove -> journal_close; or journal_load,
 * journal_entry_at …, journal_remove, journal_close.
 */
#ifndef BPFTOLL_CPUSET_ISOLATE_JOURNAL_H
#define BPFTOLL_CPUSET_ISOLATE_JOURNAL_H

#include <stddef.h>

#include "calib/error.h"
#include "cpuset/isolate/owner.h"

struct journal;

struct journal_entry {
	char *name, *path, *before, *after;
	unsigned int line; /* line in the file, from 1 */
};

/*
 * Makes a journal at path, owned by this process, mode 0600; it appears complete or not at all.
 * root: where the boot's id is read ("" on a real system). -EEXIST: a journal or something else is
 * there already.
 */
int journal_create(const char *root, const char *path, struct journal **out, struct error *why);

/*
 * Adds an entry and syncs it. On -errno the file is as before, and the setting must not be changed.
 */
int journal_append(struct journal *journal, const char *name, const char *path, const char *before,
		   const char *after);

/*
 * Reads the journal at path and locks it against other readers. -ENOENT: there is none; -EBADMSG:
 * damaged (why names the line); -EPERM: not a regular file that only root or this user can write;
 * -EAGAIN: somebody else is reading it.
 */
int journal_load(const char *path, struct journal **out, struct error *why);

size_t journal_count(const struct journal *journal);
const struct journal_entry *journal_entry_at(const struct journal *journal, size_t index);
const char *journal_path(const struct journal *journal);

/* The process that wrote it. */
const struct owner *journal_owner(const struct journal *journal);

/* Deletes the file if it is still the one that was created or loaded. 0 or -errno. */
int journal_remove(struct journal *journal);

/* Frees the memory; the file stays. NULL is fine. */
void journal_close(struct journal *journal);

#endif
