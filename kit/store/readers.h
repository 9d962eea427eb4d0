/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * readers: threads that read records ahead of who adds them, a CPU each.
 *
 * readers_open -> readers_next … -> readers_close. They come in the order of the folders, and a few
 * are in memory at a time.
 */
#ifndef BPFTOLL_KIT_STORE_READERS_H
#define BPFTOLL_KIT_STORE_READERS_H

#include "kit/store/incoming.h"

struct readers;

/* dirs and known stay the caller's, until readers_close. */
int readers_open(const char *const *dirs, size_t n, const struct known_runs *known,
		 struct readers **out, struct error *why);

/* The next, until the call after; NULL past the last. */
struct incoming *readers_next(struct readers *readers);

/* Also before the last: what is being read is waited for. */
void readers_close(struct readers *readers);

#endif
