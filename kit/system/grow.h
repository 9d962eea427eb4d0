/* SPDX-License-Identifier: GPL-3.0-or-later */
/* grow: lists that grow. */
#ifndef BPFTOLL_KIT_GROW_H
#define BPFTOLL_KIT_GROW_H

#include <stddef.h>
#include <stdlib.h>

/*
 * Makes room for one more behind the n elements of this size. Returns the list, which is
 * reallocated when it is full, to twice the length and at least `first`. NULL: no memory, and the
 * list is unchanged.
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
