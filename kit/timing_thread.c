/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpuset/affinity.h"
#include "kit/place.h"
#include "kit/timing_thread.h"

struct timing_thread {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	void (*work)(void *ctx); /* NULL: nothing to do */
	void *ctx;
	int cpu, pinned; /* pinned: 1 not known yet, 0 or -errno */
	bool stop, alone;
};

static void *serve(void *ctx)
{
	struct timing_thread *t = ctx;

	pthread_mutex_lock(&t->lock);
	t->pinned = affinity_pin(t->cpu);
	pthread_cond_signal(&t->changed);
	while (!t->stop) {
		if (!t->work) {
			pthread_cond_wait(&t->changed, &t->lock);
			continue;
		}
		pthread_mutex_unlock(&t->lock);
		t->work(t->ctx);
		pthread_mutex_lock(&t->lock);
		t->work = NULL;
		pthread_cond_signal(&t->changed);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

/* Signals are for the caller: a handler on the timing thread would run inside a timed call. */
static int start(struct timing_thread *t)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&t->thread, NULL, serve, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

int timing_thread_open(int cpu, struct timing_thread **out, char *why, size_t why_len)
{
	struct timing_thread *t = calloc(1, sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	t->cpu = cpu;
	t->pinned = 1;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->changed, NULL);
	err = start(t);
	if (err) {
		snprintf(why, why_len, "no thread for the timed calls: %s", strerror(-err));
		free(t);
		return err;
	}
	pthread_mutex_lock(&t->lock);
	while (t->pinned > 0)
		pthread_cond_wait(&t->changed, &t->lock);
	pthread_mutex_unlock(&t->lock);
	if (t->pinned) {
		err = t->pinned;
		snprintf(why, why_len, "CPU %d: %s", cpu, strerror(-err));
		timing_thread_close(t);
		return err;
	}
	t->alone = place_leave(cpu);
	*out = t;
	return 0;
}

void timing_thread_close(struct timing_thread *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_cond_signal(&t->changed);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->changed);
	free(t);
}

void timing_thread_do(struct timing_thread *t, void (*work)(void *ctx), void *ctx)
{
	if (!t) {
		work(ctx);
		return;
	}
	pthread_mutex_lock(&t->lock);
	t->work = work;
	t->ctx = ctx;
	pthread_cond_signal(&t->changed);
	while (t->work)
		pthread_cond_wait(&t->changed, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

bool timing_thread_alone(const struct timing_thread *t)
{
	return t && t->alone;
}
