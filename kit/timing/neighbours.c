/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "calib/arch/arch.h"
#include "cpuset/affinity.h"
#include "kit/timing/neighbours.h"
#include "reports/stats/stats.h"

#define EVERY_NS      1000000
#define PROOF_TURNS   10 /* with the load, and as many without it */
#define PROOF_A_TURN  50
#define PROOF_READ_NS 500000
#define LOADED_LEAST  0.9
#define APART_LEAST   0.5

static void wait_ns(long ns)
{
	struct timespec ts = {0, ns};

	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

static void frequency(const struct neighbour_reading *readings, size_t n,
		      const struct tsc_rate *tsc, double *x, struct neighbours_sample *out)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		double hz = neighbour_hz(&readings[i], tsc->hz);

		if (!isnan(hz))
			x[known++] = hz;
	}
	gsl_sort(x, 1, known);
	out->hz = stats_quantile_sorted(x, known, 0.5);
	out->hz_low = stats_quantile_sorted(x, known, 0.025);
	out->hz_high = stats_quantile_sorted(x, known, 0.975);
}

static void beside(const struct neighbour_reading *readings, const signed char *flags, size_t n,
		   double *x, struct neighbours_sample *out)
{
	size_t seen = 0;

	for (size_t i = 0; i < n; i++)
		if (flags[i] == NEIGHBOUR_SEEN)
			x[seen++] = neighbour_cycles(&readings[i]);
	gsl_sort(x, 1, seen);
	out->beside = stats_quantile_sorted(x, seen, 0.5);
}

int neighbours_sample(const struct tsc_rate *tsc, unsigned int ms, struct neighbours_sample *out)
{
	struct neighbour_reading *readings = calloc(ms + 1, sizeof(*readings));
	signed char *flags = calloc(ms + 1, sizeof(*flags));
	double *x = calloc(ms + 1, sizeof(*x));
	int err = readings && flags && x ? 0 : -ENOMEM;

	*out = (struct neighbours_sample){.readings = ms};
	for (unsigned int i = 0; i < ms && !err; i++) {
		neighbour_read(&readings[i]);
		wait_ns(EVERY_NS);
	}
	if (!err)
		err = neighbour_classify(readings, ms, tsc->quantum, flags, &out->level);
	if (!err) {
		frequency(readings, ms, tsc, x, out);
		beside(readings, flags, ms, x, out);
	}
	free(x);
	free(flags);
	free(readings);
	return err;
}

void neighbours_say(const struct neighbours_sample *s, char *text, size_t len)
{
	char seen[256];

	if (!s->level.told)
		snprintf(seen, sizeof(seen), "cannot be told: %s", s->level.reason);
	else if (!(s->level.seen > 0))
		snprintf(seen, sizeof(seen),
			 "none in %zu readings (four additions took %.2f core cycles)", s->readings,
			 s->level.alone);
	else
		snprintf(seen, sizeof(seen),
			 "seen in %.1f %% of %zu readings (four additions took %.2f core cycles, "
			 "%.2f beside one)",
			 100 * s->level.seen, s->readings, s->level.alone, s->beside);
	snprintf(text, len,
		 "a neighbour on the core's other hardware thread: %s; the core ran at %.2f GHz "
		 "(%.2f to %.2f)",
		 seen, s->hz / 1e9, s->hz_low / 1e9, s->hz_high / 1e9);
}

/* ---- the proof ---- */

struct load {
	int cpu, err;
	sem_t ready, go;
	atomic_bool on, end;
};

static void *run_load(void *ctx)
{
	struct load *load = ctx;

	load->err = affinity_pin(load->cpu);
	sem_post(&load->ready);
	while (!load->err) {
		sem_wait(&load->go);
		if (load->end)
			break;
		while (load->on)
			arch_add_steps(1000);
		sem_post(&load->ready);
	}
	return NULL;
}

static void read_turn(struct neighbour_reading *readings)
{
	for (size_t i = 0; i < PROOF_A_TURN; i++) {
		wait_ns(PROOF_READ_NS);
		neighbour_read(&readings[i]);
	}
}

/* Turns without and with the load alternate, so that a change of the machine affects both alike. */
static void take_turns(struct load *load, struct neighbour_reading *readings)
{
	for (size_t turn = 0; turn < PROOF_TURNS; turn++) {
		read_turn(readings + 2 * turn * PROOF_A_TURN);
		load->on = true;
		sem_post(&load->go);
		read_turn(readings + (2 * turn + 1) * PROOF_A_TURN);
		load->on = false;
		sem_wait(&load->ready);
	}
}

bool neighbours_proved(double idle, double loaded)
{
	return loaded >= LOADED_LEAST && loaded - idle >= APART_LEAST;
}

int neighbours_prove(int sibling, double quantum, struct neighbours_proof *out)
{
	enum { N = 2 * PROOF_TURNS * PROOF_A_TURN };
	struct neighbour_reading *readings = calloc(N, sizeof(*readings));
	signed char flags[N];
	struct load load = {.cpu = sibling};
	pthread_t thread;
	int err = readings ? 0 : -ENOMEM;

	*out = (struct neighbours_proof){.holds = false};
	if (err)
		return err;
	sem_init(&load.ready, 0, 0);
	sem_init(&load.go, 0, 0);
	err = -pthread_create(&thread, NULL, run_load, &load);
	if (!err) {
		sem_wait(&load.ready);
		err = load.err;
		if (!err)
			take_turns(&load, readings);
		load.end = true;
		sem_post(&load.go);
		pthread_join(thread, NULL);
	}
	if (!err)
		err = neighbour_classify(readings, N, quantum, flags, &out->level);
	for (size_t i = 0; i < N && !err; i++)
		*(i / PROOF_A_TURN % 2 ? &out->loaded : &out->idle) +=
			(flags[i] == NEIGHBOUR_SEEN) * 2.0 / N;
	out->holds = !err && neighbours_proved(out->idle, out->loaded);
	sem_destroy(&load.go);
	sem_destroy(&load.ready);
	free(readings);
	return err;
}
