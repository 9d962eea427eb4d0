/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/document/page/page_samples.h"
#include "reports/document/read/readings.h"
#include "reports/record/samples.h"

/* Every half per cent to 95 %, then ten levels to each tenth of the rest that remains. */
#define LINEAR	    190
#define LOGARITHMIC 47
#define LEVELS	    (LINEAR + LOGARITHMIC)

#define OVERHEADS_ALIKE 2.0 /* ns */

struct known {
	const struct record *rec; /* of one run: names are the run's own */
	char *name;
	int index; /* or -errno */
};

struct page_samples {
	json_t *array;
	struct known *known;
	size_t n, left_out, unreadable;
};

static double level(size_t i)
{
	if (i < LINEAR)
		return (double)(i + 1) / 200;
	return 1 - 0.05 * pow(10, -(double)(i - LINEAR + 1) / 10);
}

struct page_samples *page_samples_open(void)
{
	struct page_samples *s = calloc(1, sizeof(*s));

	if (s)
		s->array = json_array();
	return s;
}

void page_samples_close(struct page_samples *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++)
		free(s->known[i].name);
	free(s->known);
	json_decref(s->array);
	free(s);
}

size_t page_samples_left_out(const struct page_samples *s)
{
	return s->left_out;
}

size_t page_samples_unreadable(const struct page_samples *s)
{
	return s->unreadable;
}

json_t *page_samples_levels(void)
{
	json_t *levels = json_array();

	for (size_t i = 0; i < LEVELS; i++)
		json_array_append_new(levels, json_real(level(i)));
	return levels;
}

json_t *page_samples_take(struct page_samples *s)
{
	json_t *array = s->array;

	s->array = NULL;
	return array;
}

/*
 * Each experiment has a timer overhead of its own; the record keeps one, and in its quantiles what
 * was taken off. They differ by parts of a ns: a larger difference is of other calls (strata.h).
 */
static double timer_overhead(const struct readings *h, const struct record *rec, double p50)
{
	double kept = isfinite(rec->floor.typical) ? rec->floor.typical : 0, middle = 0.5, ticks,
	       taken;

	readings_quantiles(h, &middle, 1, &ticks);
	taken = ticks * 1e9 / rec->host.tsc_hz - p50;
	return ticks < READINGS_EXACT && fabs(taken - kept) < OVERHEADS_ALIKE ? taken : kept;
}

static json_t *lengths(const double *ticks, size_t n, const struct record *rec, double overhead)
{
	double ns = 1e9 / rec->host.tsc_hz;
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_real(ticks[i] * ns - overhead));
	return array;
}

static json_t *describe(const struct readings *h, const struct record *rec, double overhead)
{
	double levels[LEVELS], values[LEVELS], tail[PAGE_SAMPLES_TAIL];
	uint64_t n = readings_count(h);
	size_t longest = readings_longest(h, tail, PAGE_SAMPLES_TAIL);

	for (size_t i = 0; i < LEVELS; i++)
		levels[i] = level(i);
	readings_quantiles(h, levels, LEVELS, values);
	return json_pack("{s:I, s:I, s:o, s:o, s:b}", "n", (json_int_t)n, "left_out",
			 (json_int_t)readings_left_out(h), "values",
			 lengths(values, LEVELS, rec, overhead), "tail",
			 lengths(tail, longest, rec, overhead), "decimated", n > longest);
}

static int read_one(struct page_samples *s, const struct record *rec, const char *dir,
		    const char *name, double p50)
{
	struct readings *h;
	struct error why;
	int err;

	if (json_array_size(s->array) == PAGE_SAMPLES_MOST) {
		s->left_out++;
		return -E2BIG;
	}
	if (!(rec->host.tsc_hz > 0))
		return -ENOENT;
	h = readings_open();
	if (!h)
		return -ENOMEM;
	/* half a file would be another distribution */
	err = samples_each(dir, name, readings_take, h, &why);
	s->unreadable += err && err != -ENOENT;
	err = err || !readings_count(h) ? -ENOENT : 0;
	if (!err && json_array_append_new(s->array, describe(h, rec, timer_overhead(h, rec, p50))))
		err = -ENOMEM;
	readings_close(h);
	return err ? err : (int)json_array_size(s->array) - 1;
}

int page_samples_add(struct page_samples *s, const struct record *rec, const char *dir,
		     const char *name, double p50)
{
	struct known *known;

	for (size_t i = 0; i < s->n; i++)
		if (s->known[i].rec == rec && strcmp(s->known[i].name, name) == 0)
			return s->known[i].index;
	known = realloc(s->known, (s->n + 1) * sizeof(*known));
	if (!known)
		return -ENOMEM;
	s->known = known;
	known += s->n;
	*known = (struct known){rec, strdup(name), 0};
	if (!known->name)
		return -ENOMEM;
	s->n++;
	known->index = read_one(s, rec, dir, name, p50);
	return known->index;
}
