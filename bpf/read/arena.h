/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arena: memory at the same address in this process and its reader processes: a shared mapping made
 * before they are forked, handed out in pages. It holds the consumer's control page and what its
 * callbacks write.
 *
 * A process that was forked without exec gets an arena of its own at its first arena_alloc.
 */
#ifndef BPFTOLL_BPF_READ_ARENA_H
#define BPFTOLL_BPF_READ_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed memory, aligned to a page; NULL with errno set where there is no room. */
void *arena_alloc(size_t size);

/*
 * Frees what arena_alloc returned. NULL is fine; memory of the process that this one was forked
 * from is left alone.
 */
void arena_free(void *memory);

/* Are all these bytes in this process's arena? */
bool arena_holds(const void *memory, size_t size);

#endif
