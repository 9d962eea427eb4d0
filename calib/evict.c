/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "calib/error.h"
#include "calib/evict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "calib/arch/emit.h"
#include "calib/evict_private.h"

#define KIB  1024ul
#define MIB  (1024ul * 1024ul)
#define LINE ((size_t)EMIT_LINE)
#define PAGE 4096ul

/*
 * Assumed where sysfs does not tell (many virtual machines): larger than any server core's today.
 */
#define L2_ASSUMED (4 * MIB)
/*
 * Reading this much takes a few milliseconds; ten times as much would leave too few calls a second.
 */
#define SWEEP_MOST (64 * MIB)
/* Twice the largest second-level TLB (AMD Zen 5: 4096 entries for data; Golden Cove: 2048). */
#define PAGES_LEAST 4096
/*
 * Golden Cove's branch target buffer holds 12 K branches, Zen 5's 24 K; each line of code has two.
 */
#define CODE_LINES_LEAST 16384

/*
 * Reads a file of a cache's folder in the manner of scanf; the number of fields, 0 where it is
 * missing.
 */
__attribute__((format(scanf, 3, 4))) static int read_fields(const char *dir, const char *name,
							    const char *fmt, ...)
{
	char path[320];
	int fields = 0;
	va_list args;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "re");
	if (!f)
		return 0;
	va_start(args, fmt);
	fields = vfscanf(f, fmt, args);
	va_end(args);
	fclose(f);
	return fields > 0 ? fields : 0;
}

/* "48K" -> 49152; 0 where the file is missing or does not hold a size. */
static size_t read_size(const char *dir)
{
	char unit = 0;
	size_t size;

	if (!read_fields(dir, "size", "%zu%c", &size, &unit))
		return 0;
	return unit == 'K' ? size * KIB : unit == 'M' ? size * MIB : size;
}

/* The first letter of the cache's type: Data, Instruction, Unified; 0: no such cache. */
static char read_type(const char *dir, int *level)
{
	char type[16] = "";

	if (!read_fields(dir, "level", "%d", level))
		*level = 0;
	return read_fields(dir, "type", "%15s", type) ? *type : 0;
}

void cache_sizes_read(const char *dir, int cpu, struct cache_sizes *out)
{
	memset(out, 0, sizeof(*out));
	for (int i = 0; i < 8; i++) {
		char path[280];
		int level = 0;
		char type;
		size_t size;

		snprintf(path, sizeof(path), "%s/cpu%d/cache/index%d", dir, cpu, i);
		type = read_type(path, &level);
		size = read_size(path);
		if (!type)
			break;
		if (level == 1 && type == 'D')
			out->l1d = size;
		else if (level == 1 && type == 'I')
			out->l1i = size;
		else if (level == 2)
			out->l2 = size;
		else if (level == 3)
			out->l3 = size;
	}
}

/*
 * Twice the caches' size, since the replacement policy is not strictly least recently used. The
 * lines are spread over at least PAGES_LEAST pages, with as many lines per page as that takes, so
 * that one pass evicts TLB entries as well.
 */
void evict_make_plan(const struct cache_sizes *sizes, struct evict_plan *out)
{
	size_t l2 = sizes->l2 ? sizes->l2 : L2_ASSUMED;
	size_t all = 2 * (l2 + sizes->l3), bytes = 2 * l2, lines;

	out->last_level = all <= SWEEP_MOST;
	if (out->last_level)
		bytes = all;
	lines = bytes / LINE;
	out->pages = lines * LINE / PAGE;
	if (out->pages < PAGES_LEAST)
		out->pages = PAGES_LEAST;
	out->lines_a_page = (unsigned int)((lines + out->pages - 1) / out->pages);
	out->code_lines = 4 * sizes->l1i / LINE;
	if (out->code_lines < CODE_LINES_LEAST)
		out->code_lines = CODE_LINES_LEAST;
}

static void name_levels(struct evict *e)
{
	const struct evict_plan *plan = &e->plan;
	char last[64] = "";

	if (!plan->last_level)
		snprintf(last, sizeof(last), "; not L3 (%zu MiB)", e->sizes.l3 / MIB);
	snprintf(e->levels, sizeof(e->levels),
		 "L1, L2%s, TLB and branch predictor: %zu MiB read in lines of %zu pages, %zu "
		 "lines of branches run%s%s",
		 plan->last_level && e->sizes.l3 ? ", L3" : "",
		 plan->pages * plan->lines_a_page * LINE / MIB, plan->pages, plan->code_lines, last,
		 e->sizes.l2 ? ""
			     : " (sysfs does not tell the caches' sizes: 4 MiB of L2 assumed)");
}

static void *map(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	/*
	 * a kernel without THP returns EINVAL and has none to switch off; failing to lock the
	 * memory is no error
	 */
	madvise(at, bytes, MADV_NOHUGEPAGE);
	memset(at, 1, bytes);
	mlock(at, bytes);
	return at;
}

static int make_executable(void *code, size_t bytes, struct error *why)
{
	if (!mprotect(code, bytes, PROT_READ | PROT_EXEC)) {
		__builtin___clear_cache(code, (char *)code + bytes);
		return 0;
	}
	return error_set(why, -errno,
			 "cold caches: memory cannot be made executable (%s): a security module "
			 "forbids generated code",
			 strerror(errno));
}

static void fill_branches(uint8_t *code, size_t lines)
{
	for (size_t i = 0; i < lines; i++)
		emit_branches(code + i * LINE, (unsigned int)(i / 64), (unsigned int)(i % 64),
			      i + 1 == lines);
}

static int make_code(struct evict *e, struct error *why)
{
	size_t region = e->plan.code_lines * LINE;

	e->code_bytes = region + PAGE * 2; /* the two probes follow, a page each */
	e->code = map(e->code_bytes);
	e->bits = malloc(e->plan.code_lines / 64 * sizeof(*e->bits) + sizeof(*e->bits));
	if (!e->code || !e->bits)
		return error_set(why, -ENOMEM, "cold caches: no memory for %zu KiB of code",
				 e->code_bytes / KIB);
	fill_branches(e->code, e->plan.code_lines);
	for (size_t i = 0; i < EVICT_PROBE_LINES; i++)
		emit_straight(e->code + region + i * LINE, i + 1 == EVICT_PROBE_LINES);
	fill_branches(e->code + region + PAGE, EVICT_PROBE_LINES);
	return make_executable(e->code, e->code_bytes, why);
}

int evict_open_plan(const struct cache_sizes *sizes, const struct evict_plan *plan,
		    struct evict **out, struct error *why)
{
	struct evict *e = calloc(1, sizeof(*e));
	int err = -ENOMEM;

	*out = NULL;
	if (!e)
		goto out;
	e->sizes = *sizes;
	e->plan = *plan;
	name_levels(e);
	e->random = 0x9e3779b97f4a7c15u;
	e->sweep = map(e->plan.pages * PAGE);
	e->probe = map(EVICT_PROBE_PAGES * PAGE);
	if (!e->sweep || !e->probe) {
		error_say(why, "cold caches: no memory for a sweep of %zu MiB",
			  e->plan.pages * PAGE / MIB);
		goto out;
	}
	err = make_code(e, why);
	if (err)
		goto out;
	*out = e;
	e = NULL;
out:
	evict_close(e);
	return err;
}

int evict_open(int cpu, struct evict **out, struct error *why)
{
	struct cache_sizes sizes;
	struct evict_plan plan;

	cache_sizes_read("/sys/devices/system/cpu", cpu, &sizes);
	evict_make_plan(&sizes, &plan);
	return evict_open_plan(&sizes, &plan, out, why);
}

void evict_close(struct evict *e)
{
	if (!e)
		return;
	if (e->sweep)
		munmap(e->sweep, e->plan.pages * PAGE);
	if (e->probe)
		munmap(e->probe, EVICT_PROBE_PAGES * PAGE);
	if (e->code)
		munmap(e->code, e->code_bytes);
	free(e->bits);
	free(e);
}

/* Neighbouring pages start at different lines, so that the lines fill all cache sets evenly. */
void evict_sweep(struct evict *e, size_t pages, unsigned int lines_a_page)
{
	unsigned int step = (unsigned int)(PAGE / LINE) / lines_a_page;

	for (size_t page = 0; page < pages; page++) {
		const volatile char *at = e->sweep + page * PAGE;

		for (unsigned int i = 0; i < lines_a_page; i++)
			(void)at[(page + (size_t)i * step) % (PAGE / LINE) * LINE];
	}
}

/* xorshift64 (Marsaglia 2003): branch directions that no predictor has seen. */
void evict_toss(struct evict *e, size_t words)
{
	for (size_t i = 0; i < words; i++) {
		e->random ^= e->random << 13;
		e->random ^= e->random >> 7;
		e->random ^= e->random << 17;
		e->bits[i] = e->random;
	}
}

void evict_run(struct evict *e, size_t offset)
{
	void (*code)(const uint64_t *bits);
	uint8_t *at = e->code + offset;

	memcpy(&code, &at, sizeof(code)); /* ISO C does not allow a cast from data to code */
	code(e->bits);
}

void evict_all(struct evict *e)
{
	evict_sweep(e, e->plan.pages, e->plan.lines_a_page);
	evict_toss(e, e->plan.code_lines / 64);
	evict_run(e, 0);
}

const char *evict_levels(const struct evict *e)
{
	return e->levels;
}
