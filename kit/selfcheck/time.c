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

/* A null test: rounds as the harness makes them, few enough for 200 null tests in a minute. */
#define NULL_TEST_ROUNDS 16
#define NULL_TEST_CALLS	 500
/* Between its blocks the harness waits for an attach: some ms for most hooks. */
#define NULL_TEST_WAIT_NS 5000000

/*
 * Planted delays: the baseline is a chain as well, so that the start and end of a chain are in both
 * and only the length differs. The chain is so long that no branch predictor learns where it ends,
 * as with the longer ones. A turn is four multiplications, 12 core cycles on today's x86.
 */
static const unsigned int extra_turns[] = {0, 4, 8, 16, 32, 64, 128};
#define POINTS	      (sizeof(extra_turns) / sizeof(extra_turns[0]))
#define BASE_TURNS    48
#define DELAY_CALLS   256
#define DELAY_ROUNDS  20 /* in a batch */
#define DELAY_BATCHES 30
/*
 * The true delay of a turn: how much longer a chain of LONG_TURNS in one piece takes than one of
 * SHORT_TURNS, over the difference in turns.
 */
#define LONG_TURNS  320
#define SHORT_TURNS 160
#define LOOPS	    32

#define REGION_ROUNDS 400
#define REGION_CALLS  500 /* short against the time for which another guest uses the CPU */
/* A timed region may cost this share more than two bare clock reads, or a step of the clock if that
 * is more. */
#define REGION_SHARE 0.05
#define SPEED_LEAST  0.70

static double ns_per_tick(const struct selfcheck *check)
{
	return 1e9 / check->tsc->hz;
}

/* Both sides of a comparison use one clock, so the error of its rate is in neither. */
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

/* ---- null test (A/A) ---- */

struct null_tests {
	struct bench bench;
	uint32_t *before, *again; /* NULL_TEST_ROUNDS * NULL_TEST_CALLS */
	struct effect *typical, *mean;
};

static int null_tests_open(const struct selfcheck *check, struct null_tests *tests)
{
	size_t bytes = NULL_TEST_ROUNDS * NULL_TEST_CALLS * sizeof(uint32_t);

	*tests = (struct null_tests){
		.bench = {.workload = workload_find(WORKLOAD),
			  .measure_cpu = check->placement->cpu,
			  .reader_cpu = -1,
			  .ticks_per_us = (uint64_t)(check->tsc->hz / 1e6),
			  .idle_fd = -1,
			  .scratch = calloc(CONFIG_SCRATCH, sizeof(uint32_t))},
		.before = malloc(bytes),
		.again = malloc(bytes),
		.typical = calloc(check->trials, sizeof(*tests->typical)),
		.mean = calloc(check->trials, sizeof(*tests->mean)),
	};
	if (!tests->bench.scratch || !tests->before || !tests->again || !tests->typical ||
	    !tests->mean)
		return -ENOMEM;
	/* the timed regions find their memory in this state */
	memset(tests->bench.scratch, 0xff, CONFIG_SCRATCH * sizeof(uint32_t));
	memset(tests->before, 0xff, bytes);
	memset(tests->again, 0xff, bytes);
	return 0;
}

static void null_tests_close(struct null_tests *tests)
{
	free(tests->bench.scratch);
	free(tests->before);
	free(tests->again);
	free(tests->typical);
	free(tests->mean);
}

/* in a run there are a load and an attach between two blocks */
static void wait_as_attach_does(const struct selfcheck *check)
{
	const struct timespec ts = {.tv_nsec = check->quick ? 0 : NULL_TEST_WAIT_NS};

	nanosleep(&ts, NULL);
}

/* One whole measurement of a zero difference, with the parts of a run. */
static int null_test(const struct selfcheck *check, struct null_tests *tests, size_t trial)
{
	struct config_samples again = samples_of(tests->again, NULL_TEST_ROUNDS, NULL_TEST_CALLS);
	struct config_samples before = samples_of(tests->before, NULL_TEST_ROUNDS, NULL_TEST_CALLS);
	struct config config = {.kind = CONFIG_BARE, .calls = NULL_TEST_CALLS};
	struct compare_scale scale = scale_of(check);
	struct overhead seen;
	int err;

	for (size_t r = 0; r < NULL_TEST_ROUNDS; r++) {
		if (*check->stop)
			return -EINTR;
		config_visit(&config, &tests->bench, tests->before + r * NULL_TEST_CALLS);
		wait_as_attach_does(check);
		config_visit(&config, &tests->bench, tests->again + r * NULL_TEST_CALLS);
	}
	config_close(&config);
	scale.seed += trial;
	err = compare_overhead(&again, &before, &scale, &seen);
	tests->typical[trial] = seen.typical;
	tests->mean[trial] = seen.mean;
	return err;
}

int selfcheck_intervals(struct selfcheck *check, struct selfcheck_share share)
{
	struct null_tests tests;
	int err = null_tests_open(check, &tests);

	for (size_t t = 0; t < check->trials && !err; t++) {
		check->progress(share.from + share.part * (double)t / (double)check->trials,
				"null tests");
		err = null_test(check, &tests, t);
	}
	if (!err) {
		selfcheck_say_coverage(check, TOPIC_TYPICAL, "null test intervals, typical",
				       tests.typical, check->trials);
		selfcheck_say_coverage(check, TOPIC_MEAN, "null test intervals, mean", tests.mean,
				       check->trials);
	}
	null_tests_close(&tests);
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

/*
 * Outside of any timed region; the interquartile mean of many, so that an interrupt does not count.
 */
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

/*
 * The core's frequency drifts, so the true delay is measured before and after the two blocks, which
 * come in random order.
 */
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
		      "planted delays, slope", "%.4f [%.4f, %.4f] (asked: 1 ±%.2f)%s",
		      line.slope.value, line.slope.lo, line.slope.hi, TRUST_SLOPE_ERROR,
		      scatter_remark(line.slope_ok, line.slope, 1, TRUST_SLOPE_ERROR));
	selfcheck_say(check, TOPIC_DELAYS, line.intercept_ok ? SELFCHECK_OK : SELFCHECK_NOT_OK,
		      "planted delays, intercept", "%+.2f ns [%+.2f, %+.2f] (asked: 0 ±%.2f)%s",
		      line.intercept.value, line.intercept.lo, line.intercept.hi,
		      line.intercept_most,
		      scatter_remark(line.intercept_ok, line.intercept, 0, line.intercept_most));
	selfcheck_tell(check, "planted delays, largest error",
		       "%+.2f ns [%+.2f, %+.2f], of %.0f ns planted", line.worst.value,
		       line.worst.lo, line.worst.hi, line.worst_at);
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

/* ---- the timer overhead, and the speed ---- */

struct regions {
	uint32_t pair[REGION_ROUNDS * REGION_CALLS], region[REGION_ROUNDS * REGION_CALLS];
	uint32_t calls[REGION_CALLS];
	double speed[REGION_ROUNDS]; /* timed calls per second over untimed ones */
};

static void region_round(struct regions *w, size_t r)
{
	const struct workload *workload = workload_find(WORKLOAD);
	double bare;
	uint64_t start;

	/* the first one finds colder caches, so they take turns */
	if (r % 2)
		timer_overhead_pair_block(w->pair + r * REGION_CALLS, REGION_CALLS);
	timer_overhead_block(w->region + r * REGION_CALLS, REGION_CALLS);
	if (r % 2 == 0)
		timer_overhead_pair_block(w->pair + r * REGION_CALLS, REGION_CALLS);
	bare = workload_bare_loop(workload, REGION_CALLS);
	start = arch_clock();
	workload_block(workload, NULL, w->calls, REGION_CALLS, NULL);
	w->speed[r] = bare * REGION_CALLS / (double)(arch_clock() - start);
}

static int say_region(struct selfcheck *check, struct regions *w)
{
	struct config_samples pair = samples_of(w->pair, REGION_ROUNDS, REGION_CALLS);
	struct config_samples region = samples_of(w->region, REGION_ROUNDS, REGION_CALLS);
	struct compare_scale scale = scale_of(check);
	struct distribution bare;
	struct overhead over;
	double most;
	int err = compare_overhead(&region, &pair, &scale, &over);

	if (!err)
		err = compare_distribution(&pair, 0, &scale, &bare);
	if (err)
		return err;
	most = fmax(REGION_SHARE * bare.typical, check->tsc->quantum * ns_per_tick(check));
	selfcheck_say(check, TOPIC_REGION,
		      over.typical.value <= most ? SELFCHECK_OK : SELFCHECK_NOT_OK,
		      "timed region over clock reads",
		      "%+.2f ns [%+.2f, %+.2f] on %.2f ns (asked: %.2f at most)",
		      over.typical.value, over.typical.lo, over.typical.hi, bare.typical, most);
	return 0;
}

static void say_speed(struct selfcheck *check, struct regions *w)
{
	struct effect speed = stats_trimmed_interval(w->speed, REGION_ROUNDS);

	selfcheck_say(check, TOPIC_SPEED,
		      speed.value >= SPEED_LEAST ? SELFCHECK_OK : SELFCHECK_NOT_OK,
		      "samples a second over bare loop", "%.4f [%.4f, %.4f] (asked: %.2f at least)",
		      speed.value, speed.lo, speed.hi, SPEED_LEAST);
}

int selfcheck_region(struct selfcheck *check, struct selfcheck_share share)
{
	struct regions *w = malloc(sizeof(*w));
	int err = w ? 0 : -ENOMEM;

	if (w)
		memset(w, 0xff, sizeof(*w));
	for (size_t r = 0; r < REGION_ROUNDS && !err; r++) {
		check->progress(share.from + share.part * (double)r / REGION_ROUNDS,
				"timer overhead");
		region_round(w, r);
		if (*check->stop)
			err = -EINTR;
	}
	if (!err)
		err = say_region(check, w);
	if (!err)
		say_speed(check, w);
	free(w);
	return err;
}
