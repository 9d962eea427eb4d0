/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cache: what was fetched once and is kept in the user's cache folder: kernels, sysroots, and apt's
 * private state.
 */
#ifndef BPFTOLL_KIT_LAB_KERNELS_CACHE_H
#define BPFTOLL_KIT_LAB_KERNELS_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "kit/lab/kernels/apt.h"
#include "kit/lab/guest/machine.h"

/* Path of ${XDG_CACHE_HOME:-$HOME/.cache}/bpftoll; makes the folder if needed. */
int cache_dir(char *path, size_t len, struct error *why);

/*
 * Locks the cache; waits for another lab that fetches. A descriptor whose close unlocks, or -errno.
 */
int cache_lock(const char *cache, struct error *why);

/*
 * Makes sure that an architecture's package lists are at most a day old; refresh: fetches them now.
 * Also 0 where old lists have to be used; why says so.
 */
int cache_lists(const char *cache, const struct machine *machine, bool refresh, struct apt *apt,
		struct error *why);

#endif
