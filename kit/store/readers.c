/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* sched_getaffinity */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "kit/store/readers.h"

#define THREADS_MAX 8
#define SLOTS	    (2 * THREADS_MAX)

struct slot {
	struct incoming in;
	bool ready;
};

struct readers {
	const char *const *dirs;
	size_t n, begun, given; /* records: of all, first is not begun, handed out */
	const struct known_runs *known;
	struct slot slots[SLOTS]; /* record i is in slot i % SLOTS */
	bool stop;
	pthread_t threads[THREADS_MAX];
	unsigned int n_threads;
	pthread_mutex_t lock;
	pthread_cond_t is_ready, is_free;
};

/* Frees what was there before: not the work of who adds. */
static void read_into(struct readers *r, struct slot *slot, const char *dir)
{
	incoming_free(&slot->in);
	incoming_read(dir, r->known, &slot->in);
}

/* The one that was handed out last is still looked at. */
static bool has_room(const struct readers *r)
{
	return r->begun + 1 < r->given + SLOTS;
}

static void *read_ahead(void *ctx)
{
	struct readers *r = ctx;

	pthread_mutex_lock(&r->lock);
	while (!r->stop && r->begun < r->n) {
		size_t i = r->begun;
		struct slot *slot = &r->slots[i % SLOTS];

		if (!has_room(r)) {
			pthread_cond_wait(&r->is_free, &r->lock);
			continue;
		}
		r->begun++;
		pthread_mutex_unlock(&r->lock);
		read_into(r, slot, r->dirs[i]);
		pthread_mutex_lock(&r->lock);
		slot->ready = true;
		pthread_cond_signal(&r->is_ready);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/*
 * A record's few megabytes are taken and given back thousands of times: without this each time by
 * the kernel, page by page, which is a tenth of all.
 */
static void keep_memory(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, 32 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 512 << 20);
}

/* Without one thread of its own all is read by who asks. */
static void start(struct readers *r)
{
	sigset_t all, before;
	cpu_set_t cpus;
	int most = 1;

	if (!sched_getaffinity(0, sizeof(cpus), &cpus))
		most = CPU_COUNT(&cpus);
	if (most > THREADS_MAX)
		most = THREADS_MAX;
	if ((size_t)most > r->n / 2)
		most = (int)(r->n / 2);
	/* the command's own thread is who a signal stops */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (r->n_threads < (unsigned int)most &&
	       !pthread_create(&r->threads[r->n_threads], NULL, read_ahead, r))
		r->n_threads++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int readers_open(const char *const *dirs, size_t n, const struct known_runs *known,
		 struct readers **out, struct error *why)
{
	struct readers *r = calloc(1, sizeof(*r));

	*out = NULL;
	if (!r)
		return error_set(why, -ENOMEM, "out of memory");
	r->dirs = dirs;
	r->n = n;
	r->known = known;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->is_ready, NULL);
	pthread_cond_init(&r->is_free, NULL);
	if (n > SLOTS)
		keep_memory();
	start(r);
	*out = r;
	return 0;
}

struct incoming *readers_next(struct readers *r)
{
	struct slot *slot = &r->slots[r->given % SLOTS];

	if (r->given == r->n)
		return NULL;
	if (!r->n_threads)
		read_into(r, slot, r->dirs[r->given]);
	pthread_mutex_lock(&r->lock);
	while (r->n_threads && !slot->ready)
		pthread_cond_wait(&r->is_ready, &r->lock);
	slot->ready = false;
	r->given++;
	pthread_cond_signal(&r->is_free);
	pthread_mutex_unlock(&r->lock);
	return &slot->in;
}

void readers_close(struct readers *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_broadcast(&r->is_free);
	pthread_mutex_unlock(&r->lock);
	for (unsigned int i = 0; i < r->n_threads; i++)
		pthread_join(r->threads[i], NULL);
	for (size_t i = 0; i < SLOTS; i++)
		incoming_free(&r->slots[i].in);
	pthread_cond_destroy(&r->is_free);
	pthread_cond_destroy(&r->is_ready);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
