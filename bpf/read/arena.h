/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arena: memory that this process and its reader processes see at the same address: a shared
 * mapping made before they are forked, handed out in pages. The consumer's control page and what
 * its callbacks write live here.
 *
 * A process that was forked without exec has an arena of its own, from its first arena_alloc on.
 */
#ifndef BPFTOLL_BPF_READ_ARENA_H
#define BPFTOLL_BPF_READ_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed and aligned to a page; NULL with errno set where there is no room. */
void *arena_alloc(size_t size);

/*
 * What arena_alloc gave; NULL is fine, as is memory of the process that this one was forked from.
 */
void arena_free(void *memory);

/* Do all these bytes lie in this process's arena? */
bool arena_holds(const void *memory, size_t size);

#endif
