/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/probes/alone.h"
#include "kit/probes/harness_env.h"
#include "reports/record/record_rows.h"
#include "reports/effects/strata.h"

/*
 * What must remain for a result from uncontended rounds only: a share of the workers, and a number
 * of rounds from each. The share of the rounds does not matter: in runs whose core had a neighbour
 * in 43 to 88 % of the rounds, results from all rounds ranged from 92 to 124 ns, those from
 * uncontended rounds from 91 to 108 ns.
 */
#define WORKERS_LEFT_LEAST 0.75
#define ROUNDS_A_WORKER	   2

static const struct experiment_sum *sum_of(const struct alone *a)
{
	return &a->results->experiments[a->experiment];
}

static const struct worker_config *config_at(const struct alone *a, size_t i)
{
	return worker_page_config(a->results->page, a->experiment, i);
}

/* The readings of all configurations in one array, n_configs x rounds x CONFIG_READINGS. */
static struct neighbour_reading *gather(const struct experiment_sum *sum)
{
	size_t of_config = sum->rounds * CONFIG_READINGS;
	struct neighbour_reading *all = calloc(sum->n_configs * of_config + 1, sizeof(*all));

	for (size_t i = 0; all && i < sum->n_configs; i++)
		if (sum->configs[i].neighbour)
			memcpy(all + i * of_config, sum->configs[i].neighbour,
			       of_config * sizeof(*all));
	return all;
}

/*
 * A block counts as contended if either reading saw a neighbour: one can come or go within a block.
 */
static signed char block_flag(const struct alone *a, const signed char *flags, size_t config,
			      size_t round)
{
	size_t at = (config * sum_of(a)->rounds + round) * CONFIG_READINGS;
	enum neighbour_flag flag = neighbour_join(flags + at, CONFIG_READINGS);

	return (signed char)(flag == NEIGHBOUR_PARTLY ? NEIGHBOUR_SEEN : flag);
}

/* The configuration's block in a round together with its baseline's, if it has one. */
static enum neighbour_flag join(const struct alone *a, const signed char *flags, size_t config,
				size_t round)
{
	size_t own = config_at(a, config)->own;
	signed char both[2] = {block_flag(a, flags, config, round),
			       block_flag(a, flags, own, round)};

	return neighbour_join(both, config_at(a, own)->kind == CONFIG_TIMER ? 1 : 2);
}

static void fill(struct alone *a, const signed char *flags)
{
	const struct experiment_sum *sum = sum_of(a);

	for (size_t i = 0; i < sum->n_configs; i++)
		for (size_t r = 0; r < sum->rounds; r++) {
			size_t at = i * sum->rounds + r;

			a->flag[at] = (signed char)join(a, flags, i, r);
			a->hz[at] =
				neighbour_hz(&a->readings[at * CONFIG_READINGS], a->ticks_per_s);
		}
}

int alone_open(const struct totals *results, size_t experiment, const struct tsc_rate *tsc,
	       struct alone *out)
{
	const struct experiment_sum *sum = &results->experiments[experiment];
	size_t n = sum->n_configs * sum->rounds;
	signed char *flags = calloc(n * CONFIG_READINGS + 1, 1);
	int err = -ENOMEM;

	*out = (struct alone){.results = results,
			      .experiment = experiment,
			      .ticks_per_s = tsc->hz,
			      .readings = gather(sum),
			      .flag = calloc(n + 1, 1),
			      .hz = calloc(n + 1, sizeof(double))};
	if (out->readings && flags && out->flag && out->hz)
		err = neighbour_classify(out->readings, n * CONFIG_READINGS, tsc->quantum, flags,
					 &out->level);
	if (!err)
		fill(out, flags);
	free(flags);
	return err;
}

void alone_close(struct alone *alone)
{
	free(alone->readings);
	free(alone->flag);
	free(alone->hz);
	alone->readings = NULL;
	alone->flag = NULL;
	alone->hz = NULL;
}

bool alone_excludes(const struct alone *a, size_t config, size_t round)
{
	/* a round of unknown state is left out too: the result is said to be of the core alone */
	return a->flag[config * sum_of(a)->rounds + round] != STRATA_ALONE;
}

bool alone_masks(const struct alone *a, size_t config)
{
	const struct experiment_sum *sum = sum_of(a);
	size_t rounds = sum->configs[config].rounds, left = 0, workers = 0;
	uint32_t last = UINT32_MAX;

	/* the rounds of one worker are consecutive */
	for (size_t r = 0; r < rounds; r++) {
		if (alone_excludes(a, config, r))
			continue;
		left++;
		workers += sum->worker[r] != last;
		last = sum->worker[r];
	}
	return left < rounds && left >= HARNESS_ROUNDS_LEAST && left >= ROUNDS_A_WORKER * workers &&
	       (double)workers >= WORKERS_LEFT_LEAST * totals_workers(sum, config);
}

int alone_store(const struct alone *a, size_t config, const double *effect, double widen,
		struct record_result *result)
{
	const struct experiment_sum *sum = sum_of(a);
	const struct strata_rounds rounds = {
		.effect = effect,
		.worker = totals_workers(sum, config) > 1 ? sum->worker : NULL,
		.neighbour = a->flag + config * sum->rounds,
		.hz = a->hz + config * sum->rounds,
		.n = sum->configs[config].rounds,
		.widen = widen,
	};
	struct strata strata;
	int err = strata_evaluate(&rounds, &strata);

	if (!err && !a->level.told) {
		/*
		 * the level could not be classified, so a share of contended rounds would be too
		 * low
		 */
		strata.contended_share = NAN;
		snprintf(strata.note, sizeof(strata.note), "%s", a->level.reason);
	}
	/* without any contended round, the result over all rounds is the uncontended one */
	if (!err && strata.contended_share <= 0) {
		strata.uncontended = result->overhead.typical;
		strata.note[0] = '\0';
	}
	if (!err && alone_masks(a, config)) {
		strata.uncontended = result->overhead.typical;
		free(result->stratum);
		result->stratum = strdup("uncontended");
		err = result->stratum ? 0 : -ENOMEM;
	}
	return err ? err : strata_store(&strata, result);
}

static void note_round(const struct alone *a, struct round_conditions *row, size_t round)
{
	const struct experiment_sum *sum = sum_of(a);
	struct neighbour_reading mean = {0, 0};
	double seen = 0, known = 0, read = 0;

	for (size_t i = 0; i < sum->n_configs; i++) {
		signed char flag = a->flag[i * sum->rounds + round];

		known += flag != STRATA_UNKNOWN;
		seen += flag == STRATA_CONTENDED || flag == STRATA_PARTLY;
		for (size_t k = 0; k < CONFIG_READINGS; k++) {
			const struct neighbour_reading *r =
				&a->readings[(i * sum->rounds + round) * CONFIG_READINGS + k];

			if (isnan(neighbour_cycles(r)))
				continue;
			mean.throughput_ticks += r->throughput_ticks;
			mean.chain_ticks += r->chain_ticks;
			read++;
		}
	}
	row->contended = known > 0 ? seen / known : NAN;
	if (!(read > 0))
		return;
	row->throughput_ticks = mean.throughput_ticks /= read;
	row->chain_ticks = mean.chain_ticks /= read;
	row->frequency_hz = neighbour_hz(&mean, a->ticks_per_s);
}

void alone_note_conditions(const struct alone *a, const char *workload, const char *cache,
			   struct record *record)
{
	for (size_t i = 0; i < record->n_conditions; i++) {
		struct round_conditions *row = &record->conditions[i];

		if (row->workload && !strcmp(row->workload, workload) && row->cache &&
		    !strcmp(row->cache, cache) && row->round < sum_of(a)->rounds)
			note_round(a, row, row->round);
	}
}
