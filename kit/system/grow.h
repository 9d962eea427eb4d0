/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grow: lists that get longer. */
#ifndef BPFTOLL_KIT_GROW_H
#define BPFTOLL_KIT_GROW_H

#include <stddef.h>
#include <stdlib.h>

/*
 * Room for one more behind the n things of this size: the list, moved if it was full, when it
 * becomes twice as long, at least `first`. NULL: no memory, and the list is as it was.
 */
static inline void *grow(void *list, size_t n, size_t *room, size_t size, size_t first)
{
	size_t more = *room ? 2 * *room : first;

	if (n < *room)
		return list;
	list = reallocarray(list, more, size);
	if (list)
		*room = more;
	return list;
}

#endif
