/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/probes/worker_page.h"
#include "reports/record/samples.h"

/*
 * Configurations of a hook that share one baseline. Attaching for a sham visit takes most of a
 * run's time, so not every configuration has a baseline of its own.
 */
#define CONFIGS_A_BASELINE 3

/* ---- where things are ---- */

struct layout {
	size_t experiments, configs, rows, neighbours, counts, end;
};

static size_t place(size_t *at, size_t bytes)
{
	size_t here = *at;

	*at = (here + bytes + 63) / 64 * 64;
	return here;
}

static struct layout lay_out(size_t n_experiments, size_t n_configs, size_t n_counters)
{
	struct layout at;
	size_t end = 0;

	place(&end, sizeof(struct worker_page));
	at.experiments = place(&end, n_experiments * sizeof(struct worker_experiment));
	at.configs = place(&end, n_configs * sizeof(struct worker_config));
	at.rows = place(&end, n_experiments * WORKER_ROWS_MOST * sizeof(struct worker_row));
	at.neighbours = place(&end, n_configs * WORKER_ROWS_MOST * CONFIG_READINGS *
					    sizeof(struct neighbour_reading));
	at.counts = place(&end, n_configs * WORKER_ROWS_MOST * n_counters * sizeof(double));
	at.end = end;
	return at;
}

static void *at(const struct worker_page *page, size_t offset)
{
	return (char *)page + offset;
}

static struct layout layout_of(const struct worker_page *page)
{
	return lay_out(page->n_experiments, page->n_configs, page->n_counters);
}

struct worker_experiment *worker_page_experiment(const struct worker_page *page, size_t experiment)
{
	return (struct worker_experiment *)at(page, layout_of(page).experiments) + experiment;
}

struct worker_config *worker_page_config(const struct worker_page *page, size_t experiment,
					 size_t config)
{
	return (struct worker_config *)at(page, layout_of(page).configs) +
	       worker_page_experiment(page, experiment)->first_config + config;
}

struct worker_row *worker_page_row(const struct worker_page *page, size_t experiment, size_t round)
{
	return (struct worker_row *)at(page, layout_of(page).rows) + experiment * WORKER_ROWS_MOST +
	       round;
}

static size_t block_of(const struct worker_page *page, size_t experiment, size_t config,
		       size_t round)
{
	return (worker_page_experiment(page, experiment)->first_config + config) *
		       WORKER_ROWS_MOST +
	       round;
}

struct neighbour_reading *worker_page_neighbour(const struct worker_page *page, size_t experiment,
						size_t config, size_t round)
{
	return (struct neighbour_reading *)at(page, layout_of(page).neighbours) +
	       block_of(page, experiment, config, round) * CONFIG_READINGS;
}

double *worker_page_counts(const struct worker_page *page, size_t experiment, size_t config,
			   size_t round)
{
	size_t row = block_of(page, experiment, config, round);

	return page->n_counters
		       ? (double *)at(page, layout_of(page).counts) + row * page->n_counters
		       : NULL;
}

/* ---- a plan's configurations ---- */

/* State while the configurations of a plan are laid out; configs NULL: they are only counted. */
struct laying {
	const struct plan *plan;
	const struct plan_experiment *what;
	struct worker_config *configs;
	size_t n;
};

static bool gated(const struct plan_config *config)
{
	return config->wakeup == WAKEUP_CAUGHT_UP;
}

/*
 * The cost of an event depends on its place in the buffer, with a period: a perf record of 56 bytes
 * crosses a page boundary in 7 of 512 calls. An exact block contains whole periods.
 */
#define EXACT_PERF_CALLS 512

static size_t calls_of(const struct laying *l, const struct plan_config *config)
{
	const struct plan *plan = l->plan;
	size_t calls = config && gated(config) ? plan->gated_calls : plan->calls;

	if (l->what->calls && l->what->cache != CACHE_COLD)
		return l->what->calls < calls ? l->what->calls : calls;
	if (l->what->cache == CACHE_COLD)
		return plan->cold_calls;
	if (plan->unit == UNIT_INSTRUCTIONS && config && config->variant &&
	    body_output(config->variant->body) == OUTPUT_PERF && l->what->workload->fires &&
	    calls < EXACT_PERF_CALLS)
		calls = EXACT_PERF_CALLS;
	return calls;
}

static void lay(struct laying *l, enum config_kind kind, const struct plan_config *config,
		bool again, size_t own)
{
	size_t here = l->n++;

	if (!l->configs)
		return;
	l->configs[here] = (struct worker_config){
		.kind = kind,
		.variant = config && config->variant ? (int)variant_index(config->variant) : -1,
		.wakeup = config ? config->wakeup : WAKEUP_OFF,
		.again = again,
		.own = own,
		.calls = calls_of(l, config),
		.status = RESULT_MEASURED,
	};
}

static bool same_group(const struct plan_config *a, const struct plan_config *b, bool exact)
{
	return gated(a) == gated(b) && (exact || a->variant->hook == b->variant->hook);
}

/*
 * Lays out the baselines of the group of configuration `first`. Returns their number; 0: an earlier
 * configuration of the group has done it.
 */
static size_t lay_baselines(struct laying *l, size_t first)
{
	const struct plan_config *configs = l->what->configs;
	bool exact = l->plan->unit == UNIT_INSTRUCTIONS;
	struct plan_config sham = configs[first];
	size_t members = 0, baselines;

	for (size_t i = 0; i < l->what->n_configs; i++) {
		if (!same_group(&configs[i], &configs[first], exact))
			continue;
		if (i < first)
			return 0;
		members++;
	}
	baselines = exact ? 1 : (members + CONFIGS_A_BASELINE - 1) / CONFIGS_A_BASELINE;
	if (exact)
		sham.variant = NULL;
	for (size_t i = 0; i < baselines; i++)
		lay(l, CONFIG_BARE, &sham, false, 0);
	return baselines;
}

/* Lays out the probes of the group of configuration `first`; its baselines are assigned in turn. */
static void lay_group(struct laying *l, size_t first, size_t baseline, size_t baselines)
{
	const struct plan_config *configs = l->what->configs;
	bool exact = l->plan->unit == UNIT_INSTRUCTIONS;
	size_t members = 0;

	for (size_t i = first; i < l->what->n_configs; i++)
		if (same_group(&configs[i], &configs[first], exact))
			lay(l, CONFIG_PROBE, &configs[i], false, baseline + members++ % baselines);
}

/*
 * Order: timer overhead; for each group its baselines and then its probes; A/A (a baseline once
 * more); B/B (a probe once more, chosen once it is known what works here).
 */
static void lay_experiment(struct laying *l)
{
	const struct plan_experiment *what = l->what;
	struct plan_config first = what->configs[0];

	l->n = 0;
	lay(l, CONFIG_TIMER, NULL, false, 0);
	for (size_t i = 0; i < what->n_configs; i++) {
		size_t baseline = l->n, baselines = lay_baselines(l, i);

		if (baselines)
			lay_group(l, i, baseline, baselines);
	}
	if (l->plan->unit == UNIT_INSTRUCTIONS)
		first.variant = NULL;
	lay(l, CONFIG_BARE, &first, true, 1);
	if (l->plan->unit != UNIT_INSTRUCTIONS)
		lay(l, CONFIG_PROBE, &first, true, 1);
}

static size_t count_configs(const struct plan *plan)
{
	size_t n = 0;

	for (size_t p = 0; p < plan->n_experiments; p++) {
		struct laying l = {.plan = plan, .what = &plan->experiments[p]};

		lay_experiment(&l);
		n += l.n;
	}
	return n;
}

static void fill(const struct plan *plan, struct worker_page *page)
{
	size_t first = 0;

	for (size_t p = 0; p < plan->n_experiments; p++) {
		struct worker_experiment *experiment = worker_page_experiment(page, p);
		struct laying l = {.plan = plan, .what = &plan->experiments[p]};

		experiment->workload = (int)(plan->experiments[p].workload - workloads);
		experiment->cache = plan->experiments[p].cache;
		experiment->first_config = first;
		experiment->warmup = -1;
		l.configs = worker_page_config(page, p, 0);
		lay_experiment(&l);
		experiment->n_configs = l.n;
		first += l.n;
	}
}

/* ---- memory ---- */

static int open_memory(size_t bytes, int *fd, void **out)
{
	int memory = -1;

	if (fd) {
		memory = memfd_create("bpftoll-worker", 0);
		if (memory < 0)
			return -errno;
		if (ftruncate(memory, (off_t)bytes)) {
			close(memory);
			return -errno;
		}
		*fd = memory;
	}
	*out = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		    fd ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, memory, 0);
	if (*out == MAP_FAILED) {
		int err = -errno;

		if (fd)
			close(memory);
		return err;
	}
	return 0;
}

int worker_page_make(const struct plan *plan, size_t n_counters, int *fd, struct worker_page **out)
{
	size_t n_configs = count_configs(plan);
	size_t bytes = lay_out(plan->n_experiments, n_configs, n_counters).end;
	void *memory = NULL;
	int err = open_memory(bytes, fd, &memory);

	if (err || !memory)
		return err ? err : -ENOMEM;
	*out = memory;
	**out = (struct worker_page){
		.bytes = bytes,
		.unit = plan->unit,
		.n_counters = n_counters,
		.n_experiments = plan->n_experiments,
		.n_configs = n_configs,
	};
	fill(plan, *out);
	return 0;
}

int worker_page_like(const struct worker_page *page, struct worker_page **out)
{
	size_t bytes = lay_out(page->n_experiments, page->n_configs, page->n_counters).end;
	void *memory = NULL;
	int err = open_memory(bytes, NULL, &memory);

	if (err || !memory)
		return err ? err : -ENOMEM;
	*out = memory;
	**out = *page;
	(*out)->bytes = bytes;
	return 0;
}

void worker_page_free(struct worker_page *page)
{
	if (page)
		munmap(page, page->bytes);
}

int worker_page_map(int fd, struct worker_page **out)
{
	struct stat st;
	void *memory;

	if (fstat(fd, &st))
		return -errno;
	if (st.st_size < (off_t)sizeof(**out))
		return -EINVAL;
	memory = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return -errno;
	*out = memory;
	return 0;
}

/* ---- names ---- */

const char *worker_config_variant(const struct worker_page *page, size_t experiment, size_t config)
{
	const struct worker_config *a = worker_page_config(page, experiment, config);

	if (a->kind == CONFIG_TIMER)
		return "window";
	if (a->kind == CONFIG_BARE)
		return a->again ? "none_again" : "none";
	return a->again ? "same_probe_again" : variant_at((size_t)a->variant)->name;
}

void worker_page_samples(const struct worker_page *page, size_t experiment, size_t config,
			 char *out, size_t len)
{
	const struct worker_experiment *p = worker_page_experiment(page, experiment);
	const struct worker_config *a = worker_page_config(page, experiment, config);
	char id[160], number[16] = "";

	if (a->kind == CONFIG_BARE && !a->again)
		snprintf(number, sizeof(number), "_%zu", config);
	snprintf(id, sizeof(id), "%s%s/%s/%s/%s", worker_config_variant(page, experiment, config),
		 number, workloads[p->workload].name,
		 wakeup_policy_name(a->again ? WAKEUP_OFF : a->wakeup), cache_state_name(p->cache));
	samples_name(id, out, len);
}
