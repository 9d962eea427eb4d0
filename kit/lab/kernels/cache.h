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

/* ${XDG_CACHE_HOME:-$HOME/.cache}/bpftoll, made if it isn't there. */
int cache_dir(char *path, size_t len, struct error *why);

/* Another lab may be fetching: it is waited for. A descriptor, whose close unlocks, or -errno. */
int cache_lock(const char *cache, struct error *why);

/* An architecture's package lists, no older than a day; refresh: fetched now. 0 also where old ones
 * must do, why says so. */
int cache_lists(const char *cache, const struct machine *machine, bool refresh, struct apt *apt,
		struct error *why);

#endif
