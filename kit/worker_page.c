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

#include "kit/worker_page.h"
#include "reports/samples.h"

/* Arms of a hook that share a baseline: what attaching costs is most of a run's time. */
#define ARMS_A_BASELINE 3

/* ---- where things are ------------------------------------------------------------------------ */

struct layout {
	size_t panels, arms, rows, neighbours, counts, end;
};

static size_t place(size_t *at, size_t bytes)
{
	size_t here = *at;

	*at = (here + bytes + 63) / 64 * 64;
	return here;
}

static struct layout lay_out(size_t n_panels, size_t n_arms, size_t n_counters)
{
	struct layout at;
	size_t end = 0;

	place(&end, sizeof(struct worker_page));
	at.panels = place(&end, n_panels * sizeof(struct worker_panel));
	at.arms = place(&end, n_arms * sizeof(struct worker_arm));
	at.rows = place(&end, n_panels * WORKER_ROWS_MOST * sizeof(struct worker_row));
	at.neighbours = place(&end, n_arms * WORKER_ROWS_MOST * ARM_READINGS *
					    sizeof(struct neighbour_reading));
	at.counts = place(&end, n_arms * WORKER_ROWS_MOST * n_counters * sizeof(double));
	at.end = end;
	return at;
}

static void *at(const struct worker_page *page, size_t offset)
{
	return (char *)page + offset;
}

static struct layout layout_of(const struct worker_page *page)
{
	return lay_out(page->n_panels, page->n_arms, page->n_counters);
}

struct worker_panel *worker_page_panel(const struct worker_page *page, size_t panel)
{
	return (struct worker_panel *)at(page, layout_of(page).panels) + panel;
}

struct worker_arm *worker_page_arm(const struct worker_page *page, size_t panel, size_t arm)
{
	return (struct worker_arm *)at(page, layout_of(page).arms) +
	       worker_page_panel(page, panel)->first_arm + arm;
}

struct worker_row *worker_page_row(const struct worker_page *page, size_t panel, size_t round)
{
	return (struct worker_row *)at(page, layout_of(page).rows) + panel * WORKER_ROWS_MOST +
	       round;
}

static size_t block_of(const struct worker_page *page, size_t panel, size_t arm, size_t round)
{
	return (worker_page_panel(page, panel)->first_arm + arm) * WORKER_ROWS_MOST + round;
}

struct neighbour_reading *worker_page_neighbour(const struct worker_page *page, size_t panel,
						size_t arm, size_t round)
{
	return (struct neighbour_reading *)at(page, layout_of(page).neighbours) +
	       block_of(page, panel, arm, round) * ARM_READINGS;
}

double *worker_page_counts(const struct worker_page *page, size_t panel, size_t arm, size_t round)
{
	size_t row = block_of(page, panel, arm, round);

	return page->n_counters
		       ? (double *)at(page, layout_of(page).counts) + row * page->n_counters
		       : NULL;
}

/* ---- a plan's arms --------------------------------------------------------------------------- */

/* Arms being laid out; arms NULL: only counted. */
struct laying {
	const struct plan *plan;
	const struct plan_panel *what;
	struct worker_arm *arms;
	size_t n;
};

static bool gated(const struct plan_arm *arm)
{
	return arm->drain == DRAIN_CAUGHT_UP;
}

/*
 * What an event costs repeats with its place in the buffer: a perf record of 56 bytes crosses a page's end in 7 of 512 calls. An
 * exact block holds whole turns of that.
 */
#define EXACT_PERF_CALLS 512

static size_t calls_of(const struct laying *l, const struct plan_arm *arm)
{
	const struct plan *plan = l->plan;
	size_t calls = arm && gated(arm) ? plan->gated_calls : plan->calls;

	if (l->what->cache == CACHE_COLD)
		return plan->cold_calls;
	if (plan->unit == UNIT_INSTRUCTIONS && arm && arm->variant &&
	    body_output(arm->variant->body) == OUTPUT_PERF && l->what->trigger->fires &&
	    calls < EXACT_PERF_CALLS)
		calls = EXACT_PERF_CALLS;
	return calls;
}

static struct worker_arm *lay(struct laying *l, enum arm_kind kind, const struct plan_arm *arm,
			      bool again, size_t own)
{
	size_t here = l->n++;

	if (!l->arms)
		return NULL;
	l->arms[here] = (struct worker_arm){
		.kind = kind,
		.variant = arm && arm->variant ? (int)(arm->variant - variants) : -1,
		.drain = arm ? arm->drain : DRAIN_OFF,
		.again = again,
		.own = own,
		.calls = calls_of(l, arm),
		.status = CELL_MEASURED,
	};
	return &l->arms[here];
}

static bool same_group(const struct plan_arm *a, const struct plan_arm *b, bool exact)
{
	return gated(a) == gated(b) && (exact || a->variant->hook == b->variant->hook);
}

/* The baselines of arms[first]'s group; 0: an earlier arm began it. */
static size_t lay_baselines(struct laying *l, size_t first)
{
	const struct plan_arm *arms = l->what->arms;
	bool exact = l->plan->unit == UNIT_INSTRUCTIONS;
	struct plan_arm sham = arms[first];
	size_t members = 0, baselines;

	for (size_t i = 0; i < l->what->n_arms; i++) {
		if (!same_group(&arms[i], &arms[first], exact))
			continue;
		if (i < first)
			return 0;
		members++;
	}
	baselines = exact ? 1 : (members + ARMS_A_BASELINE - 1) / ARMS_A_BASELINE;
	if (exact)
		sham.variant = NULL;
	for (size_t i = 0; i < baselines; i++)
		lay(l, ARM_BARE, &sham, false, 0);
	return baselines;
}

/* The probes of arms[first]'s group share its baselines in turn. */
static void lay_group(struct laying *l, size_t first, size_t baseline, size_t baselines)
{
	const struct plan_arm *arms = l->what->arms;
	bool exact = l->plan->unit == UNIT_INSTRUCTIONS;
	size_t members = 0;

	for (size_t i = first; i < l->what->n_arms; i++)
		if (same_group(&arms[i], &arms[first], exact))
			lay(l, ARM_PROBE, &arms[i], false, baseline + members++ % baselines);
}

/*
 * floor, the groups' baselines each followed by the group's probes, A/A (a baseline once more), and B/B (a probe once more, chosen when
 * it is known what works here).
 */
static void lay_panel(struct laying *l)
{
	const struct plan_panel *what = l->what;
	struct plan_arm first = what->arms[0];

	l->n = 0;
	lay(l, ARM_FLOOR, NULL, false, 0);
	for (size_t i = 0; i < what->n_arms; i++) {
		size_t baseline = l->n, baselines = lay_baselines(l, i);

		if (baselines)
			lay_group(l, i, baseline, baselines);
	}
	if (l->plan->unit == UNIT_INSTRUCTIONS)
		first.variant = NULL;
	lay(l, ARM_BARE, &first, true, 1);
	if (l->plan->unit != UNIT_INSTRUCTIONS)
		lay(l, ARM_PROBE, &first, true, 1);
}

static size_t count_arms(const struct plan *plan)
{
	size_t n = 0;

	for (size_t p = 0; p < plan->n_panels; p++) {
		struct laying l = {.plan = plan, .what = &plan->panels[p]};

		lay_panel(&l);
		n += l.n;
	}
	return n;
}

static void fill(const struct plan *plan, struct worker_page *page)
{
	size_t first = 0;

	for (size_t p = 0; p < plan->n_panels; p++) {
		struct worker_panel *panel = worker_page_panel(page, p);
		struct laying l = {.plan = plan, .what = &plan->panels[p]};

		panel->trigger = (int)(plan->panels[p].trigger - triggers);
		panel->cache = plan->panels[p].cache;
		panel->first_arm = first;
		panel->warmup = -1;
		l.arms = worker_page_arm(page, p, 0);
		lay_panel(&l);
		panel->n_arms = l.n;
		first += l.n;
	}
}

/* ---- memory ------------------------------------------------------------------------------------ */

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
	size_t n_arms = count_arms(plan);
	size_t bytes = lay_out(plan->n_panels, n_arms, n_counters).end;
	void *memory = NULL;
	int err = open_memory(bytes, fd, &memory);

	if (err || !memory)
		return err ? err : -ENOMEM;
	*out = memory;
	**out = (struct worker_page){
		.bytes = bytes,
		.unit = plan->unit,
		.n_counters = n_counters,
		.n_panels = plan->n_panels,
		.n_arms = n_arms,
	};
	fill(plan, *out);
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

/* ---- names --------------------------------------------------------------------------------------- */

const char *worker_arm_variant(const struct worker_page *page, size_t panel, size_t arm)
{
	const struct worker_arm *a = worker_page_arm(page, panel, arm);

	if (a->kind == ARM_FLOOR)
		return "window";
	if (a->kind == ARM_BARE)
		return a->again ? "none_again" : "none";
	return a->again ? "same_probe_again" : variants[a->variant].name;
}

void worker_page_samples(const struct worker_page *page, size_t panel, size_t arm, char *out,
			 size_t len)
{
	const struct worker_panel *p = worker_page_panel(page, panel);
	const struct worker_arm *a = worker_page_arm(page, panel, arm);
	char id[160], number[16] = "";

	if (a->kind == ARM_BARE && !a->again)
		snprintf(number, sizeof(number), "_%zu", arm);
	snprintf(id, sizeof(id), "%s%s/%s/%s/%s", worker_arm_variant(page, panel, arm), number,
		 triggers[p->trigger].name, drain_state_name(a->again ? DRAIN_OFF : a->drain),
		 cache_state_name(p->cache));
	samples_name(id, out, len);
}
