/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings: the table of what --isolate changes: governor, turbo, IRQs, cgroup partition, NUMA
 * balancing, THP, watchdogs.
 *
 * Each row knows its file, the value it wants, and how to put an earlier value back. Order of
 * calls: settings_apply, then settings_restore for each journal entry from the last to the first;
 * entries that come from a file go through settings_check first.
 */
#ifndef BPFTOLL_CPUSET_ISOLATE_SETTINGS_H
#define BPFTOLL_CPUSET_ISOLATE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "cpuset/isolate/scene.h"

/*
 * Every row in order. What is missing or refused is a line on log. 0, or the -errno of a journal
 * that cannot be written, and why says so; what was changed until then is in the journal.
 */
int settings_apply(const struct settings_scene *scene, struct error *why);

/*
 * Could a row have made this entry? Its name, its path to the last character, and values of the
 * row's kind: nothing else may be written on the word of a file. 0, or -EBADMSG and why names the
 * fault.
 */
int settings_check(const struct settings_scene *scene, const struct journal_entry *entry,
		   struct error *why);

/*
 * Puts one entry back if the value is still the one that was set. *changed: it was, and now it is
 * as before. A third value, or a file that is gone, is left alone and named on log: 0. -errno with
 * a line on log when the kernel refused.
 */
int settings_restore(const struct settings_scene *scene, const struct journal_entry *entry,
		     bool *changed);

#endif
