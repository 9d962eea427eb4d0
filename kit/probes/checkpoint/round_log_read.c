/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "bpf/foreign/foreign_bundle.h"
#include "calib/path.h"
#include "kit/probes/checkpoint/round_log.h"
#include "reports/record/open_regular.h"

#define COUNTERS_MOST 256U
#define CALLS_MOST    65536U
#define FILE_MOST     (1UL << 30)

struct round_log {
	int fd;
	FILE *in;
	bool foreign; /* this process's bundle is this file's */
	struct round_head head;
	struct worker_page *page;
	struct round_counter *kept;
	struct counter *counters;
	struct seen {
		unsigned int worker;
		size_t rounds;
		bool any;
	} * seen;		      /* of each experiment: its last round */
	struct result_events *events; /* of each configuration, in that worker so far */
	struct worker_config *next;   /* room for those of a round that is not checked yet */
};

/* ---- entries ---- */

struct unread {
	unsigned char *all; /* malloc'ed */
	const unsigned char *at;
	size_t len;
};

static bool take(struct unread *from, void *to, size_t len)
{
	if (len > from->len)
		return false;
	if (len)
		memcpy(to, from->at, len);
	from->at += len;
	from->len -= len;
	return true;
}

/* 1; 0: the file ends, or what follows is not whole; or -errno: that is not known. */
static int next_entry(FILE *in, struct unread *out)
{
	struct round_entry entry;
	unsigned char *packed;
	uLongf bytes;
	int result = 0, unpacked;

	*out = (struct unread){NULL, NULL, 0};
	if (fread(&entry, sizeof(entry), 1, in) != 1)
		return ferror(in) ? -EIO : 0;
	if (entry.magic != ROUND_ENTRY_MAGIC || entry.bytes > ROUND_ENTRY_MOST ||
	    entry.packed > compressBound(ROUND_ENTRY_MOST))
		return 0;
	packed = malloc(entry.packed + 1);
	out->all = malloc(entry.bytes + 1);
	bytes = entry.bytes;
	if (!packed || !out->all) {
		result = -ENOMEM;
	} else if (fread(packed, 1, entry.packed, in) != entry.packed) {
		result = ferror(in) ? -EIO : 0;
	} else {
		unpacked = uncompress(out->all, &bytes, packed, entry.packed);
		result = unpacked == Z_MEM_ERROR
				 ? -ENOMEM
				 : unpacked == Z_OK && bytes == entry.bytes &&
					   (uint32_t)crc32(0, out->all, (uInt)bytes) == entry.crc;
	}
	free(packed);
	if (result <= 0) {
		free(out->all);
		out->all = NULL;
		return result;
	}
	out->at = out->all;
	out->len = entry.bytes;
	return 1;
}

/* ---- what a file says is checked before it is an index or a size ---- */

static bool ends(const char *text, size_t room)
{
	return memchr(text, '\0', room) != NULL;
}

/* A bool holds 0 or 1, or reading it means nothing. */
static bool is_bool(const bool *value)
{
	unsigned char byte;

	memcpy(&byte, value, 1);
	return byte <= 1;
}
_Static_assert(sizeof(bool) == 1, "is_bool looks at a byte");

/* Those of variants.def, and the programs of others that the head names. */
static int variants_known(void)
{
	return (int)(variants_count + (bundle() ? bundle()->n_entries : 0));
}

static double finite_or_nan(double value)
{
	return isfinite(value) ? value : NAN;
}

/* The counts alone: texts are pointers of another process, and the head has them. */
static void keep_counts(struct result_foreign *told)
{
	*told = (struct result_foreign){
		.runs = finite_or_nan(told->runs),
		.events = finite_or_nan(told->events),
		.event_bytes = finite_or_nan(told->event_bytes),
	};
}

static bool config_sane(const struct worker_config *c, size_t n_configs)
{
	bool probe = c->kind == CONFIG_PROBE;

	return is_bool(&c->again) && is_bool(&c->rests) && is_bool(&c->told.events.present) &&
	       (unsigned int)c->kind <= CONFIG_PROBE && c->variant >= (probe ? 0 : -1) &&
	       c->variant < variants_known() && (unsigned int)c->wakeup < WAKEUP_COUNT &&
	       c->own < n_configs && c->calls && c->calls <= CALLS_MOST &&
	       (unsigned int)c->status <= RESULT_INVALID && ends(c->reason, sizeof(c->reason)) &&
	       ends(c->told.mechanism, sizeof(c->told.mechanism));
}

/* A probe is compared with a baseline, B/B with a probe, as worker_page.c lays them out. */
static bool configs_sane(struct worker_config *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!config_sane(&c[i], n) || (i && c[i].kind == CONFIG_TIMER))
			return false;
		keep_counts(&c[i].told.foreign);
	}
	if (n < 2 || c[0].kind != CONFIG_TIMER || c[1].kind != CONFIG_BARE || c[1].again)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct worker_config *own = &c[c[i].own];

		if (c[i].kind == CONFIG_PROBE && c[i].status == RESULT_MEASURED && !c[i].again &&
		    (own->kind != CONFIG_BARE || own->again))
			return false;
	}
	return true;
}

static bool page_sane(struct worker_page *page)
{
	page->events[sizeof(page->events) - 1] = '\0';
	page->counter_set[sizeof(page->counter_set) - 1] = '\0';
	page->dir[sizeof(page->dir) - 1] = '\0';
	return is_bool(&page->allow_sysctl) && is_bool(&page->logged) &&
	       is_bool(&page->tsc.invariant) && page->unit == UNIT_NS && page->n_experiments &&
	       page->n_configs && page->n_experiments <= page->n_configs &&
	       page->n_configs <= RECORD_MAX_RESULTS && page->n_counters <= COUNTERS_MOST &&
	       isfinite(page->tsc.hz) && page->tsc.hz > 0 && isfinite(page->tsc.quantum) &&
	       page->tsc.quantum >= 0;
}

/* Before configurations are found by it. */
static bool experiments_sane(const struct worker_page *page)
{
	size_t first = 0;

	for (size_t p = 0; p < page->n_experiments; p++) {
		const struct worker_experiment *e = worker_page_experiment(page, p);

		if (e->workload < 0 || (size_t)e->workload >= workloads_count ||
		    (unsigned int)e->cache >= CACHE_COUNT || e->first_config != first ||
		    e->n_configs > page->n_configs - first)
			return false;
		first += e->n_configs;
	}
	return first == page->n_configs;
}

static bool all_configs_sane(const struct worker_page *page)
{
	for (size_t p = 0; p < page->n_experiments; p++)
		if (!configs_sane(worker_page_config(page, p, 0),
				  worker_page_experiment(page, p)->n_configs))
			return false;
	return true;
}

/* ---- head ---- */

static int read_counters(struct round_log *log, struct unread *from)
{
	size_t n = log->page->n_counters;

	log->kept = calloc(n + 1, sizeof(*log->kept));
	log->counters = calloc(n + 1, sizeof(*log->counters));
	if (!log->kept || !log->counters)
		return -ENOMEM;
	if (!take(from, log->kept, n * sizeof(*log->kept)))
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		struct round_counter *c = &log->kept[i];

		c->name[sizeof(c->name) - 1] = c->event[sizeof(c->event) - 1] = '\0';
		c->reason[sizeof(c->reason) - 1] = '\0';
		log->counters[i] = (struct counter){
			.name = c->name,
			.event = *c->event ? c->event : NULL,
			.reason = *c->reason ? c->reason : NULL,
		};
	}
	return 0;
}

/* The programs' names follow from their order (bundle_add), as they did when they were written. */
static int read_bundle(struct round_log *log, struct unread *from, struct error *why)
{
	static const struct carve_found none;
	struct foreign_bundle *b;
	struct round_bundle kept;
	int err;

	if (!take(from, &kept, sizeof(kept)) || kept.programs > BUNDLE_ENTRIES_MOST ||
	    kept.hooks > BUNDLE_HOOKS_MOST)
		return -EINVAL;
	err = bundle() ? -EBUSY : bundle_make("", &none, why);
	if (err)
		return err;
	log->foreign = true;
	b = bundle();
	for (size_t i = 0; i < kept.programs; i++) {
		struct round_program program;
		struct foreign_entry *entry;

		if (!take(from, &program, sizeof(program)) ||
		    !ends(program.program, sizeof(program.program)) ||
		    !ends(program.section, sizeof(program.section)))
			return -EINVAL;
		entry = bundle_add(0, program.program, program.section);
		entry->together = program.together;
		entry->tool = program.tool;
	}
	b->n_hooks = kept.hooks;
	if (!take(from, b->hooks, kept.hooks * sizeof(b->hooks[0])))
		return -EINVAL;
	bundle_publish();
	return 0;
}

static int read_head(struct round_log *log, struct unread *from, struct error *why)
{
	const struct round_build here = round_build_here();
	struct worker_page page;
	int err;

	if (!take(from, &log->head, sizeof(log->head)))
		return -EINVAL;
	if (memcmp(&log->head.build, &here, sizeof(here)) != 0)
		return error_set(why, -ENOTSUP,
				 "its checkpoint was written by bpftoll %.15s (%.63s), and another "
				 "build cannot read it",
				 log->head.build.version, log->head.build.commit);
	if (!take(from, &page, sizeof(page)))
		return -EINVAL;
	if (!page_sane(&page))
		return -EINVAL;
	err = worker_page_like(&page, &log->page);
	if (err)
		return err;
	if (!take(from, worker_page_experiment(log->page, 0),
		  page.n_experiments * sizeof(struct worker_experiment)) ||
	    !experiments_sane(log->page) ||
	    !take(from, worker_page_config(log->page, 0, 0),
		  page.n_configs * sizeof(struct worker_config)))
		return -EINVAL;
	err = read_counters(log, from);
	if (!err && page.objects_fd >= 0)
		err = read_bundle(log, from, why);
	if (err || !all_configs_sane(log->page))
		return err ? err : -EINVAL;
	log->seen = calloc(page.n_experiments, sizeof(*log->seen));
	log->events = calloc(page.n_configs, sizeof(*log->events));
	log->next = calloc(page.n_configs, sizeof(*log->next));
	return log->seen && log->events && log->next ? 0 : -ENOMEM;
}

int round_log_open(const char *dir, struct round_log **out, struct error *why)
{
	char path[PATH_MAX + 16];
	struct round_log *log = calloc(1, sizeof(*log));
	struct unread head = {NULL, NULL, 0};
	int err;

	*out = NULL;
	if (!log || path_put(path, sizeof(path), "%s/" ROUND_LOG_NAME, dir)) {
		err = error_set(why, log ? -ENAMETOOLONG : -ENOMEM, "%s: cannot be read", dir);
		free(log);
		return err;
	}
	log->in = open_regular_stream(path, O_NOFOLLOW, FILE_MOST, &err, why);
	if (!log->in)
		goto out;
	if (flock(fileno(log->in), LOCK_EX | LOCK_NB)) {
		err = error_set(why, -EBUSY, "%s: the run that writes it is still going on", dir);
		goto out;
	}
	*why->text = '\0';
	err = next_entry(log->in, &head);
	err = err > 0 ? read_head(log, &head, why) : err ? err : -EINVAL;
	if (err && !*why->text)
		error_say(why, "%s: %s", path, err == -EINVAL ? "damaged" : strerror(-err));
out:
	free(head.all);
	if (err)
		round_log_close(log);
	else
		*out = log;
	return err;
}

/* ---- rounds ---- */

/* A round that was not logged would shift all that follow against their readings. */
static bool follows(struct seen *seen, unsigned int worker, size_t rounds)
{
	bool next = seen->any && worker == seen->worker ? rounds == seen->rounds + 1 : rounds == 0;

	if (seen->any && worker < seen->worker)
		next = false;
	*seen = (struct seen){worker, rounds, true};
	return next;
}

/* Of this round alone: the worker tells the sum of its rounds. */
static void split_events(struct result_events *told, struct result_events *before)
{
	const struct result_events sum = *told;

	told->produced -= before->produced;
	told->received -= before->received;
	told->lost -= before->lost;
	told->lost_records -= before->lost_records;
	told->wakeups -= before->wakeups;
	*before = sum;
}

static void clear_round(const struct worker_page *page)
{
	for (size_t p = 0; p < page->n_experiments; p++)
		worker_page_experiment(page, p)->rounds = 0;
	for (size_t i = 0; i < page->n_configs; i++)
		worker_page_config(page, 0, i)->told.events = (struct result_events){0};
}

static bool take_round(struct round_log *log, struct unread *from)
{
	struct worker_page *page = log->page;
	struct worker_config *configs = log->next;
	struct worker_experiment told, *e;
	struct round_told head;

	clear_round(page);
	if (!take(from, &head, sizeof(head)) || head.experiment >= page->n_experiments ||
	    !take(from, &told, sizeof(told)))
		return false;
	e = worker_page_experiment(page, head.experiment);
	if (told.n_configs != e->n_configs)
		return false;
	if (!take(from, configs, e->n_configs * sizeof(*configs)) ||
	    !configs_sane(configs, e->n_configs))
		return false;
	if (!log->seen[head.experiment].any || head.worker != log->seen[head.experiment].worker)
		memset(log->events + e->first_config, 0, e->n_configs * sizeof(*log->events));
	if (!follows(&log->seen[head.experiment], head.worker, told.rounds) ||
	    !take(from, worker_page_row(page, head.experiment, 0), sizeof(struct worker_row)))
		return false;
	for (size_t i = 0; i < e->n_configs; i++) {
		split_events(&configs[i].told.events, &log->events[e->first_config + i]);
		if (!take(from, worker_page_neighbour(page, head.experiment, i, 0),
			  CONFIG_READINGS * sizeof(struct neighbour_reading)))
			return false;
	}
	for (size_t i = 0; i < e->n_configs && page->n_counters; i++)
		if (!take(from, worker_page_counts(page, head.experiment, i, 0),
			  page->n_counters * sizeof(double)))
			return false;
	memcpy(worker_page_config(page, head.experiment, 0), configs,
	       e->n_configs * sizeof(*configs));
	page->number = head.worker;
	e->rounds = 1;
	return true;
}

int round_log_next(struct round_log *log)
{
	struct unread entry;
	int got = next_entry(log->in, &entry);

	if (got > 0)
		got = take_round(log, &entry);
	free(entry.all);
	return got;
}

struct worker_page *round_log_page(const struct round_log *log)
{
	return log->page;
}

const struct round_log_before *round_log_before(const struct round_log *log)
{
	return &log->head.before;
}

const struct counter *round_log_counters(const struct round_log *log)
{
	return log->counters;
}

void round_log_close(struct round_log *log)
{
	if (!log)
		return;
	if (log->in)
		fclose(log->in);
	if (log->foreign)
		bundle_close();
	worker_page_free(log->page);
	free(log->kept);
	free(log->counters);
	free(log->seen);
	free(log->events);
	free(log->next);
	free(log);
}
