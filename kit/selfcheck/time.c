/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calib/arch/arch.h"
#include "calib/timer_overhead.h"
#include "kit/probes/config.h"
#include "kit/selfcheck/selfcheck.h"
#include "kit/timing/rounds.h"
#include "reports/effects/compare.h"
#include "reports/stats/stats.h"
#include "reports/judge/trust.h"

#define WORKLOAD "munmap_einval"

/* A trial of A/A: rounds as the harness makes them, few enough that 200 trials fit into a minute.
 */
#define AA_ROUNDS 16
#define AA_CALLS  500
/* Between its blocks the harness waits as long as an attach takes: some ms for most hooks. */
#define AA_WAIT_NS 5000000

/*
 * Planted delays: the baseline is a chain as well, so that the chain's start and end are in both
 * and only its length differs; long enough that no branch predictor has learnt its end, as with the
 * longer ones. A turn is four multiplications, 12 core cycles on today's x86.
 */
static const unsigned int extra_turns[] = {0, 4, 8, 16, 32, 64, 128};
#define POINTS	      (sizeof(extra_turns) / sizeof(extra_turns[0]))
#define BASE_TURNS    48
#define DELAY_CALLS   256
#define DELAY_ROUNDS  20 /* a batch */
#define DELAY_BATCHES 30
/* The truth: how much longer the chain in one piece becomes by this many turns, over this many of
 * it. */
#define LONG_TURNS  320
#define SHORT_TURNS 160
#define LOOPS	    32

#define WINDOW_ROUNDS 400
#define WINDOW_CALLS  500 /* short against the time for which a neighbour takes the CPU away */
/* What a window may cost over a bare pair: this share of it, or a step of the clock if that is
 * more. */
#define WINDOW_SHARE 0.05
#define SPEED_LEAST  0.70

static double ns_per_tick(const struct selfcheck *check)
{
	return 1e9 / check->tsc->hz;
}

/* Both sides of a comparison here are on one clock: its rate's error is in neither. */
static struct compare_scale scale_of(const struct selfcheck *check)
{
	return (struct compare_scale){
		.unit_per_tick = ns_per_tick(check),
		.quantum = check->tsc->quantum,
		.seed = check->seed,
	};
}

static struct config_samples samples_of(uint32_t *ticks, size_t rounds, size_t calls)
{
	return (struct config_samples){.ticks = ticks, .rounds = rounds, .calls = calls};
}

/* ---- A/A ---- */

struct aa {
	struct bench bench;
	uint32_t *before, *again; /* AA_ROUNDS * AA_CALLS */
	struct effect *typical, *mean;
};

static int aa_open(const struct selfcheck *check, struct aa *aa)
{
	size_t bytes = AA_ROUNDS * AA_CALLS * sizeof(uint32_t);

	*aa = (struct aa){
		.bench = {.workload = workload_find(WORKLOAD),
			  .measure_cpu = check->placement->cpu,
			  .reader_cpu = -1,
			  .ticks_per_us = (uint64_t)(check->tsc->hz / 1e6),
			  .idle_fd = -1,
			  .scratch = calloc(CONFIG_SCRATCH, sizeof(uint32_t))},
		.before = malloc(bytes),
		.again = malloc(bytes),
		.typical = calloc(check->trials, sizeof(*aa->typical)),
		.mean = calloc(check->trials, sizeof(*aa->mean)),
	};
	if (!aa->bench.scratch || !aa->before || !aa->again || !aa->typical || !aa->mean)
		return -ENOMEM;
	/* the windows find their memory there */
	memset(aa->bench.scratch, 0xff, CONFIG_SCRATCH * sizeof(uint32_t));
	memset(aa->before, 0xff, bytes);
	memset(aa->again, 0xff, bytes);
	return 0;
}

static void aa_close(struct aa *aa)
{
	free(aa->bench.scratch);
	free(aa->before);
	free(aa->again);
	free(aa->typical);
	free(aa->mean);
}

/* In a run a load and an attach lie between two blocks. */
static void wait_as_attach_does(const struct selfcheck *check)
{
	const struct timespec ts = {.tv_nsec = check->quick ? 0 : AA_WAIT_NS};

	nanosleep(&ts, NULL);
}

/* One whole measurement of nothing, made of what a run is made of. */
static int aa_trial(const struct selfcheck *check, struct aa *aa, size_t trial)
{
	struct config_samples again = samples_of(aa->again, AA_ROUNDS, AA_CALLS);
	struct config_samples before = samples_of(aa->before, AA_ROUNDS, AA_CALLS);
	struct config config = {.kind = CONFIG_BARE, .calls = AA_CALLS};
	struct compare_scale scale = scale_of(check);
	struct overhead seen;
	int err;

	for (size_t r = 0; r < AA_ROUNDS; r++) {
		if (*check->stop)
			return -EINTR;
		config_visit(&config, &aa->bench, aa->before + r * AA_CALLS);
		wait_as_attach_does(check);
		config_visit(&config, &aa->bench, aa->again + r * AA_CALLS);
	}
	config_close(&config);
	scale.seed += trial;
	err = compare_overhead(&again, &before, &scale, &seen);
	aa->typical[trial] = seen.typical;
	aa->mean[trial] = seen.mean;
	return err;
}

int selfcheck_intervals(struct selfcheck *check, struct selfcheck_share share)
{
	struct aa aa;
	int err = aa_open(check, &aa);

	for (size_t t = 0; t < check->trials && !err; t++) {
		check->progress(share.from + share.part * (double)t / (double)check->trials,
				"A/A intervals");
		err = aa_trial(check, &aa, t);
	}
	if (!err) {
		selfcheck_say_coverage(check, TOPIC_TYPICAL, "A/A 95 % intervals, typical",
				       aa.typical, check->trials);
		selfcheck_say_coverage(check, TOPIC_MEAN, "A/A 95 % intervals, mean", aa.mean,
				       check->trials);
	}
	aa_close(&aa);
	return err;
}

/* ---- planted delays ---- */

struct delays {
	uint32_t config[POINTS][DELAY_ROUNDS * DELAY_CALLS];
	uint32_t base[POINTS][DELAY_ROUNDS * DELAY_CALLS];
	double truth[POINTS][DELAY_ROUNDS];
	double planted[DELAY_BATCHES * POINTS], found[DELAY_BATCHES * POINTS];
	struct rounds rounds; /* of a batch; a visit is a point */
};

/* Outside any window; of many, so that an interrupt in one does not count. */
static double loop_ticks(uint64_t turns)
{
	double x[LOOPS];

	for (size_t i = 0; i < LOOPS; i++)
		x[i] = (double)arch_delay_ticks(turns);
	gsl_sort(x, 1, LOOPS);
	return stats_interquartile_mean_sorted(x, LOOPS);
}

static double turn_ticks(void)
{
	return (loop_ticks(LONG_TURNS) - loop_ticks(SHORT_TURNS)) / (LONG_TURNS - SHORT_TURNS);
}

/* The clock of the core drifts: the truth is taken on both sides of the two blocks, which come in
 * random order. */
static int delay_round(void *ctx, size_t p)
{
	struct delays *d = ctx;
	size_t r = d->rounds.done;
	uint32_t *config = d->config[p] + r * DELAY_CALLS, *base = d->base[p] + r * DELAY_CALLS;
	double before = turn_ticks();
	bool base_first;

	timer_overhead_delay_block(BASE_TURNS, base, DELAY_CALLS / 4);
	base_first = gsl_rng_uniform_int(d->rounds.rng, 2);
	if (base_first)
		timer_overhead_delay_block(BASE_TURNS, base, DELAY_CALLS);
	timer_overhead_delay_block(BASE_TURNS + extra_turns[p], config, DELAY_CALLS);
	if (!base_first)
		timer_overhead_delay_block(BASE_TURNS, base, DELAY_CALLS);
	d->truth[p][r] = (before + turn_ticks()) / 2 * extra_turns[p];
	return 0;
}

static int delay_batch(const struct selfcheck *check, struct delays *d, gsl_rng *rng, size_t batch)
{
	struct compare_scale scale = scale_of(check);
	int err;

	d->rounds =
		(struct rounds){.n = POINTS, .rng = rng, .stop = check->stop, .most = DELAY_ROUNDS};
	err = rounds_open(&d->rounds);
	if (!err)
		err = rounds_run(&d->rounds, delay_round, d);
	rounds_close(&d->rounds);
	for (size_t p = 0; p < POINTS && !err; p++) {
		struct config_samples config = samples_of(d->config[p], DELAY_ROUNDS, DELAY_CALLS);
		struct config_samples base = samples_of(d->base[p], DELAY_ROUNDS, DELAY_CALLS);
		struct overhead seen;

		err = compare_overhead(&config, &base, &scale, &seen);
		if (err)
			break;
		d->found[batch * POINTS + p] = seen.typical.value;
		d->planted[batch * POINTS + p] =
			stats_trimmed_interval(d->truth[p], DELAY_ROUNDS).value *
			ns_per_tick(check);
	}
	return err;
}

static const char *scatter_remark(bool ok, struct effect e, double target, double most)
{
	return !ok && fabs(e.value - target) <= most ? "; it scatters too much to tell" : "";
}

static int say_delays(struct selfcheck *check, const struct delays *d)
{
	struct trust_line line;
	int err = trust_line(d->planted, d->found, DELAY_BATCHES, POINTS,
			     check->tsc->quantum * ns_per_tick(check), &line);

	if (err)
		return err;
	selfcheck_say(check, TOPIC_DELAYS, line.slope_ok ? SELFCHECK_OK : SELFCHECK_NOT_OK,
		      "planted delays, slope", "%.4f [%.4f, %.4f] (asked: 1 +- %.2f)%s",
		      line.slope.value, line.slope.lo, line.slope.hi, TRUST_SLOPE_ERROR,
		      scatter_remark(line.slope_ok, line.slope, 1, TRUST_SLOPE_ERROR));
	selfcheck_say(check, TOPIC_DELAYS, line.intercept_ok ? SELFCHECK_OK : SELFCHECK_NOT_OK,
		      "planted delays, intercept", "%+.2f ns [%+.2f, %+.2f] (asked: 0 +- %.2f)%s",
		      line.intercept.value, line.intercept.lo, line.intercept.hi,
		      line.intercept_most,
		      scatter_remark(line.intercept_ok, line.intercept, 0, line.intercept_most));
	fprintf(check->out, "         %-32s %+.2f ns [%+.2f, %+.2f], of %.0f ns planted\n",
		"planted delays, largest error", line.worst.value, line.worst.lo, line.worst.hi,
		line.worst_at);
	return 0;
}

int selfcheck_delays(struct selfcheck *check, struct selfcheck_share share)
{
	struct delays *d = calloc(1, sizeof(*d));
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	int err = d && rng ? 0 : -ENOMEM;

	if (rng)
		gsl_rng_set(rng, check->seed);
	for (size_t b = 0; b < DELAY_BATCHES && !err; b++) {
		check->progress(share.from + share.part * (double)b / DELAY_BATCHES,
				"planted delays");
		err = delay_batch(check, d, rng, b);
	}
	if (!err)
		err = say_delays(check, d);
	gsl_rng_free(rng);
	free(d);
	return err;
}

/* ---- the window's own cost, and its speed ---- */

struct windows {
	uint32_t pair[WINDOW_ROUNDS * WINDOW_CALLS], window[WINDOW_ROUNDS * WINDOW_CALLS];
	uint32_t calls[WINDOW_CALLS];
	double speed[WINDOW_ROUNDS]; /* timed calls a second over untimed ones */
};

static void window_round(struct windows *w, size_t r)
{
	const struct workload *workload = workload_find(WORKLOAD);
	double bare;
	uint64_t start;

	/* whichever comes first is the colder */
	if (r % 2)
		timer_overhead_pair_block(w->pair + r * WINDOW_CALLS, WINDOW_CALLS);
	timer_overhead_block(w->window + r * WINDOW_CALLS, WINDOW_CALLS);
	if (r % 2 == 0)
		timer_overhead_pair_block(w->pair + r * WINDOW_CALLS, WINDOW_CALLS);
	bare = workload_bare_loop(workload, WINDOW_CALLS);
	start = arch_clock();
	workload_block(workload, NULL, w->calls, WINDOW_CALLS, NULL);
	w->speed[r] = bare * WINDOW_CALLS / (double)(arch_clock() - start);
}

static int say_window(struct selfcheck *check, struct windows *w)
{
	struct config_samples pair = samples_of(w->pair, WINDOW_ROUNDS, WINDOW_CALLS);
	struct config_samples window = samples_of(w->window, WINDOW_ROUNDS, WINDOW_CALLS);
	struct compare_scale scale = scale_of(check);
	struct distribution bare;
	struct overhead over;
	double most;
	int err = compare_overhead(&window, &pair, &scale, &over);

	if (!err)
		err = compare_distribution(&pair, 0, &scale, &bare);
	if (err)
		return err;
	most = fmax(WINDOW_SHARE * bare.typical, check->tsc->quantum * ns_per_tick(check));
	selfcheck_say(check, TOPIC_REGION,
		      over.typical.value <= most ? SELFCHECK_OK : SELFCHECK_NOT_OK,
		      "empty window over bare read pair",
		      "%+.2f ns [%+.2f, %+.2f] on %.2f ns (asked: %.2f at most)",
		      over.typical.value, over.typical.lo, over.typical.hi, bare.typical, most);
	return 0;
}

static void say_speed(struct selfcheck *check, struct windows *w)
{
	struct effect speed = stats_trimmed_interval(w->speed, WINDOW_ROUNDS);

	selfcheck_say(check, TOPIC_SPEED,
		      speed.value >= SPEED_LEAST ? SELFCHECK_OK : SELFCHECK_NOT_OK,
		      "samples a second over bare loop", "%.4f [%.4f, %.4f] (asked: %.2f at least)",
		      speed.value, speed.lo, speed.hi, SPEED_LEAST);
}

int selfcheck_region(struct selfcheck *check, struct selfcheck_share share)
{
	struct windows *w = malloc(sizeof(*w));
	int err = w ? 0 : -ENOMEM;

	if (w)
		memset(w, 0xff, sizeof(*w));
	for (size_t r = 0; r < WINDOW_ROUNDS && !err; r++) {
		check->progress(share.from + share.part * (double)r / WINDOW_ROUNDS,
				"the window's own cost");
		window_round(w, r);
		if (*check->stop)
			err = -EINTR;
	}
	if (!err)
		err = say_window(check, w);
	if (!err)
		say_speed(check, w);
	free(w);
	return err;
}
