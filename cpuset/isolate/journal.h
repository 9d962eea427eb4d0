/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journal: what isolate is about to change, on disk before it is changed.
 *
 * One line an entry: set, name, path, value before, value after, with a tab between and C escapes
 * within. Two lines come first: the format's version, and the owner (pid, its start time, the
 * boot). A line is synced before journal_append returns, so a last line without its newline belongs
 * to a change that was never made. What is read back is not trusted: the caller checks each entry's
 * path before it writes anything.
 */
#ifndef BPFTOLL_CPUSET_ISOLATE_JOURNAL_H
#define BPFTOLL_CPUSET_ISOLATE_JOURNAL_H

#include <stddef.h>

#include "calib/error.h"
#include "cpuset/isolate/owner.h"

struct journal;

struct journal_entry {
	char *name, *path, *before, *after;
	unsigned int line; /* in the file, from 1 */
};

/*
 * A new journal at path, owned by this process, mode 0600; it appears complete or not at all. root
 * tells which boot this is ("" on a real system). -EEXIST: there is one already, or something else
 * is in its place.
 */
int journal_create(const char *root, const char *path, struct journal **out, struct error *why);

/* Adds an entry and syncs it. On -errno the file is as before, and nothing must be changed. */
int journal_append(struct journal *journal, const char *name, const char *path, const char *before,
		   const char *after);

/*
 * Reads the journal at path and locks it against another reader. -ENOENT: there is none; -EBADMSG:
 * damaged (why names the line); -EPERM: not a plain file that only root or this user can write;
 * -EAGAIN: it is being read by another.
 */
int journal_load(const char *path, struct journal **out, struct error *why);

size_t journal_count(const struct journal *journal);
const struct journal_entry *journal_entry_at(const struct journal *journal, size_t index);
const char *journal_path(const struct journal *journal);

/* The process that wrote it. */
const struct owner *journal_owner(const struct journal *journal);

/* Deletes the file, if it is still the one that was created or loaded. 0 or -errno. */
int journal_remove(struct journal *journal);

/* Frees the memory; the file stays. NULL is fine. */
void journal_close(struct journal *journal);

#endif
