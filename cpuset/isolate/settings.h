/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings: the table of what --isolate changes: governor, turbo, IRQs, cgroup partition, NUMA
 * balancing, THP, watchdogs.
 *
 * Each row knows its file, the value it sets, and how to restore an earlier value. settings_apply,
 * then settings_restore for each journal entry from the last to the first; entries read from a file
 * go through settings_check before that.
 */
#ifndef BPFTOLL_CPUSET_ISOLATE_SETTINGS_H
#define BPFTOLL_CPUSET_ISOLATE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "cpuset/isolate/scene.h"

/*
 * Sets every row in order. What is missing or refused is a line on log. 0, or the -errno of a
 * journal that cannot be written, with why; the journal holds what was changed until then.
 */
int settings_apply(const struct settings_scene *scene, struct error *why);

/*
 * Could a row have made this entry? Checks its name, its whole path, and whether the values are of
 * the row's kind; nothing else from the file may be written. 0, or -EBADMSG and why names the
 * fault.
 */
int settings_check(const struct settings_scene *scene, const struct journal_entry *entry,
		   struct error *why);

/*
 * Restores one entry if the value is still the one that was set; *changed tells. Another value, or
 * a missing file, is left alone and named on log: 0. -errno, with a line on log, when the kernel
 * refused.
 */
int settings_restore(const struct settings_scene *scene, const struct journal_entry *entry,
		     bool *changed);

#endif
