/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "calib/error.h"
#include "reports/judge/record_set.h"
#include "reports/show/escape.h"

#define CLOCKS_ALIKE                                                                             \
	1e-3 /* two boots calibrate one clock within parts in a million; another part differs by \
		more */

static bool same(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static void put_pair(FILE *out, size_t *n, const char *what, const char *a, const char *b)
{
	if (same(a, b))
		return;
	fprintf(out, "%s%s ", (*n)++ ? "; " : "", what);
	escape_print(out, a, RENDER_TEXT);
	fputs(" / ", out);
	escape_print(out, b, RENDER_TEXT);
}

size_t record_set_hosts_differ(const struct record *a, const struct record *b, char *out,
			       size_t len)
{
	const struct record_host *x = &a->host, *y = &b->host;
	FILE *file = fmemopen(out, len, "we");
	size_t n = 0;

	if (!file)
		return 0;
	put_pair(file, &n, "kernel", x->kernel, y->kernel);
	put_pair(file, &n, "architecture", x->arch, y->arch);
	put_pair(file, &n, "CPU", x->cpu, y->cpu);
	put_pair(file, &n, "virtualization", x->virtualization, y->virtualization);
	put_pair(file, &n, "mitigations", x->mitigations, y->mitigations);
	if (x->cpus != y->cpus)
		fprintf(file, "%s%u / %u CPUs", n++ ? "; " : "", x->cpus, y->cpus);
	if (fabs(x->tsc_hz - y->tsc_hz) > CLOCKS_ALIKE * x->tsc_hz)
		fprintf(file, "%sclock %.4f / %.4f GHz", n++ ? "; " : "", x->tsc_hz / 1e9,
			y->tsc_hz / 1e9);
	if (x->jit != y->jit)
		fprintf(file, "%sBPF JIT %s / %s", n++ ? "; " : "", x->jit ? "on" : "off",
			y->jit ? "on" : "off");
	/* a longer line is cut: fmemopen ends it only where there is room */
	fputc('\0', file);
	fclose(file);
	out[len - 1] = '\0';
	if (n == 0)
		out[0] = '\0';
	return n;
}

/* Unit of the first measured result; ns when there is none. */
static enum unit record_set_unit(const struct record *rec)
{
	for (size_t i = 0; i < rec->n_results; i++)
		if (rec->results[i]->status == RESULT_MEASURED)
			return rec->results[i]->unit;
	return UNIT_NS;
}

/* The folder of a record that was named itself. */
static char *folder_of(const char *path)
{
	struct stat st;
	char *dir = strdup(path), *slash;

	if (!dir || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
		return dir;
	slash = strrchr(dir, '/');
	if (slash && slash > dir)
		*slash = '\0';
	else
		snprintf(dir, strlen(dir) + 1, slash ? "/" : ".");
	return dir;
}

static int full(struct error *why)
{
	return error_set(why, -E2BIG, "more than %d records", RECORD_SET_MOST);
}

int record_set_add_run(struct record_set *e, const char *path, struct error *why)
{
	char differs[512];
	struct record *rec;
	int err;

	if (e->n_runs == RECORD_SET_MOST)
		return full(why);
	err = record_read(path, &rec, why);
	if (err)
		return err;
	if (record_set_unit(rec) == UNIT_INSTRUCTIONS) {
		err = error_set(why, -EINVAL,
				"%s counts instructions, no time: give it with --lab, beside a run",
				path);
	} else if (e->n_runs &&
		   record_set_hosts_differ(e->runs[0].record, rec, differs, sizeof(differs)))
		err = error_set(
			why, -EXDEV,
			"%s is of another machine than %s (%s): a verdict is for one machine", path,
			e->runs[0].dir, differs);
	if (err) {
		record_free(rec);
		return err;
	}
	e->runs[e->n_runs].record = rec;
	e->runs[e->n_runs++].dir = folder_of(path);
	return 0;
}

static bool same_cpu(const struct record *a, const struct record *b)
{
	const char *x = a->host.cpu, *y = b->host.cpu;

	return x && y ? !strcmp(x, y) : x == y;
}

int record_set_add_other(struct record_set *e, const char *path, struct error *why)
{
	struct record *rec;
	bool there = false;
	int err;

	if (e->n_others == RECORD_SET_MOST)
		return full(why);
	err = record_read(path, &rec, why);
	if (err)
		return err;
	for (size_t i = 0; i < e->n_runs; i++)
		there = there || same_cpu(e->runs[i].record, rec);
	for (size_t i = 0; i < e->n_others; i++)
		there = there ||
			(!e->others[i]->n_instruction_prices && same_cpu(e->others[i], rec));
	/* one kind of machine errs alike: another run of it says nothing of machines */
	if (there && !rec->n_instruction_prices)
		err = error_set(why, -EEXIST, "%s: of the same kind of CPU as a run before it",
				path);
	else if (record_set_unit(rec) == UNIT_INSTRUCTIONS)
		err = error_set(why, -EINVAL, "%s counts instructions, no time", path);
	if (err) {
		record_free(rec);
		return err;
	}
	e->others[e->n_others++] = rec;
	return 0;
}

static int add_lab(struct record_set *e, const char *path, struct error *why)
{
	struct record *rec;
	int err;

	if (e->n_labs == RECORD_SET_MOST)
		return full(why);
	err = record_read(path, &rec, why);
	if (err)
		return err;
	if (record_set_unit(rec) != UNIT_INSTRUCTIONS) {
		error_say(why, "%s counts no instructions: it is no record of the exact lab", path);
		record_free(rec);
		return -EINVAL;
	}
	e->labs[e->n_labs].record = rec;
	e->labs[e->n_labs++].dir = folder_of(path);
	return 0;
}

static bool holds_file(const char *dir, const char *name)
{
	char *path;
	struct stat st;
	bool yes;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return false;
	yes = stat(path, &st) == 0;
	free(path);
	return yes;
}

int record_set_add_lab(struct record_set *e, const char *path, struct error *why)
{
	struct dirent **names;
	struct stat st;
	int n, found = 0, err = 0;

	if (holds_file(path, "hit.folded") && e->n_xrays < RECORD_SET_MOST) {
		e->xrays[e->n_xrays] = strdup(path);
		if (!e->xrays[e->n_xrays])
			return -ENOMEM;
		e->n_xrays++;
		if (!holds_file(path, "record.json"))
			return 0;
	}
	if (stat(path, &st) || !S_ISDIR(st.st_mode) || holds_file(path, "record.json"))
		return add_lab(e, path, why);
	n = scandir(path, &names, NULL, versionsort);
	for (int i = 0; i < n; i++) {
		char *sub = NULL;

		if (!err && names[i]->d_name[0] != '.' &&
		    asprintf(&sub, "%s/%s", path, names[i]->d_name) >= 0 &&
		    holds_file(sub, "record.json")) {
			found++;
			err = add_lab(e, sub, why);
		}
		free(sub);
		free(names[i]);
	}
	if (n >= 0)
		free((void *)names);
	if (!err && !found)
		err = error_set(why, -ENOENT, "%s: no record.json, nor folders that have one",
				path);
	return err;
}

void record_set_close(struct record_set *e)
{
	for (size_t i = 0; i < e->n_runs; i++) {
		record_free(e->runs[i].record);
		free(e->runs[i].dir);
	}
	for (size_t i = 0; i < e->n_labs; i++) {
		record_free(e->labs[i].record);
		free(e->labs[i].dir);
	}
	for (size_t i = 0; i < e->n_others; i++)
		record_free(e->others[i]);
	for (size_t i = 0; i < e->n_xrays; i++)
		free(e->xrays[i]);
	e->n_runs = e->n_labs = e->n_others = e->n_xrays = 0;
}

const struct record_result *record_set_result(const struct record_set *e, const char *id)
{
	const struct record_result *best = NULL;

	for (size_t r = 0; r < e->n_runs; r++) {
		const struct record_result *result = record_find_result(e->runs[r].record, id);

		if (!result)
			continue;
		if (!best || (result->status == RESULT_MEASURED &&
			      (best->status != RESULT_MEASURED || result->n > best->n)))
			best = result;
	}
	return best;
}

static bool holds(const struct record *rec, const struct record_result *result)
{
	for (size_t i = 0; i < rec->n_results; i++)
		if (rec->results[i] == result)
			return true;
	return false;
}

const struct record_result *record_set_aa(const struct record_set *e,
					  const struct record_result *result)
{
	for (size_t r = 0; r < e->n_runs; r++) {
		const struct record *rec = e->runs[r].record;

		for (size_t i = 0; i < rec->n_results && holds(rec, result); i++) {
			const struct record_result *aa = rec->results[i];

			if (aa->status == RESULT_MEASURED && same(aa->hook, "none") &&
			    same(aa->body, "aa") && same(aa->workload, result->workload) &&
			    same(aa->cache, result->cache))
				return aa;
		}
	}
	return NULL;
}

bool record_set_lab_fits(const struct record_set *e, size_t k)
{
	const char *here = e->n_runs ? e->runs[0].record->host.arch : NULL;
	const char *there = e->labs[k].record->host.arch;

	return !here || !there || !strcmp(here, there);
}
