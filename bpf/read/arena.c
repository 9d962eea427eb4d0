/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/read/arena.h"

/*
 * Address space only: a page takes memory when it is written. Room for some 400 readers with a
 * histogram of ages each.
 */
#define ARENA_BYTES ((size_t)16 << 20)
#define UNIT	    ((size_t)4096)
#define UNITS	    (ARENA_BYTES / UNIT)

static struct {
	pid_t owner;
	unsigned char *base;
	uint16_t taken[UNITS]; /* an allocation's length at its first unit, else 1 */
	pthread_mutex_t lock;
} arena = {.lock = PTHREAD_MUTEX_INITIALIZER};

/*
 * After a fork the inherited mapping is the parent's. It stays mapped, since something may point
 * into it, but is not used.
 */
static int own(void)
{
	void *base;

	if (arena.owner == getpid())
		return 0;
	base = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return -errno;
	arena.base = base;
	arena.owner = getpid();
	memset(arena.taken, 0, sizeof(arena.taken));
	return 0;
}

/* Index of the first of n free units; UNITS: no room. */
static size_t find_room(size_t units)
{
	size_t run = 0;

	for (size_t i = 0; i < UNITS; i++) {
		run = arena.taken[i] ? 0 : run + 1;
		if (run == units)
			return i + 1 - units;
	}
	return UNITS;
}

void *arena_alloc(size_t size)
{
	size_t units = (size + UNIT - 1) / UNIT, at = UNITS;
	int err;

	pthread_mutex_lock(&arena.lock);
	err = own();
	if (!err && units && units < UNITS)
		at = find_room(units);
	for (size_t i = 0; at < UNITS && i < units; i++)
		arena.taken[at + i] = i ? 1 : (uint16_t)units;
	pthread_mutex_unlock(&arena.lock);
	if (at == UNITS) {
		errno = err ? -err : ENOMEM;
		return NULL;
	}
	return memset(arena.base + at * UNIT, 0, units * UNIT);
}

bool arena_holds(const void *memory, size_t size)
{
	uintptr_t base = (uintptr_t)arena.base, at = (uintptr_t)memory;

	return arena.owner == getpid() && at >= base && size <= ARENA_BYTES &&
	       at - base <= ARENA_BYTES - size;
}

void arena_free(void *memory)
{
	size_t at, units;

	if (!memory || !arena_holds(memory, 1))
		return;
	at = (size_t)((unsigned char *)memory - arena.base) / UNIT;
	pthread_mutex_lock(&arena.lock);
	units = arena.taken[at];
	memset(&arena.taken[at], 0, units * sizeof(arena.taken[0]));
	pthread_mutex_unlock(&arena.lock);
}
