/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/path.h"
#include "kit/lab/lab_gate.h"
#include "reports/export/ci/ci.h"
#include "reports/user/caller.h"

#define KERNELS_MOST (LAB_KERNELS_MAX * LAB_MACHINES_MAX)

/* ---- what is named ---- */

static int read_record(struct lab_gate *g, const char *path, struct error *why)
{
	int err = g->n_records == KERNELS_MOST
			  ? error_set(why, -E2BIG, "more than %d records", KERNELS_MOST)
			  : record_read(path, &g->records[g->n_records], why);

	g->n_records += !err;
	return err;
}

static int read_folders(struct lab_gate *g, const char *base, struct error *why)
{
	struct dirent **names = NULL;
	int n = scandir(base, &names, NULL, versionsort), err = n < 0 ? -errno : 0;

	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];

		if (!err && names[i]->d_name[0] != '.' &&
		    !path_put(path, sizeof(path), "%s/%s/record.json", base, names[i]->d_name) &&
		    !access(path, F_OK))
			err = read_record(g, path, why);
		free(names[i]);
	}
	free(names);
	if (n < 0)
		error_say(why, "%s: %s", base, strerror(-err));
	return err;
}

int lab_gate_read(const char *base, struct lab_gate *out, bool *is_object, struct error *why)
{
	char path[PATH_MAX];
	const char *name = strrchr(base, '/');
	struct stat st;
	int err;

	*out = (struct lab_gate){.n_records = 0};
	*is_object = false;
	if (stat(base, &st))
		return error_set(why, -errno, "%s: %s", base, strerror(errno));
	if (!S_ISDIR(st.st_mode)) {
		*is_object = strcmp(name ? name + 1 : base, "record.json") != 0;
		return *is_object ? 0 : read_record(out, base, why);
	}
	if (path_put(path, sizeof(path), "%s/record.json", base))
		return error_set(why, -ENAMETOOLONG, "%s: %s", base, strerror(ENAMETOOLONG));
	err = access(path, F_OK) ? read_folders(out, base, why) : read_record(out, path, why);
	if (!err && !out->n_records)
		err = error_set(why, -ENOENT, "%s: no record.json, nor a folder that has one",
				base);
	return err;
}

/* ---- sides ---- */

void lab_gate_sides(struct lab_gate *g, const struct lab *lab)
{
	size_t n[2] = {0, 0};

	for (size_t i = 0; i < g->n_records; i++)
		g->kernels[0][n[0]++] = (struct gate_kernel){
			g->records[i],
			g->records[i]->host.kernel ? g->records[i]->host.kernel : "unknown", NULL};
	for (size_t i = 0; i < lab->n; i++) {
		const struct lab_entry *entry = &lab->entries[i];
		int side = entry->is_base ? 0 : 1;

		g->kernels[side][n[side]++] =
			(struct gate_kernel){entry->err ? NULL : entry->record, entry->label,
					     entry->err ? entry->why.text : NULL};
	}
	g->before = (struct gate_side){g->kernels[0], n[0]};
	g->after = (struct gate_side){g->kernels[1], n[1]};
}

int lab_gate_decide(struct lab_gate *g, struct gate_limit limit, struct error *why)
{
	return gate_sides(&g->before, &g->after, limit, &g->gate, why);
}

/* ---- files ---- */

static int write_one(const char *path, const struct lab_gate *g,
		     int (*put)(const struct lab_gate *g, FILE *out), struct error *why)
{
	FILE *out;
	int err;

	if (!path)
		return 0;
	out = strcmp(path, "-") != 0 ? caller_create(path) : stdout;
	if (!out)
		return error_set(why, -errno, "%s: %s", path, strerror(errno));
	err = put(g, out);
	if (out != stdout && fclose(out) && !err)
		err = -errno;
	return err ? error_set(why, err, "%s: %s", path, strerror(-err)) : 0;
}

static int put_junit(const struct lab_gate *g, FILE *out)
{
	return ci_junit(&g->gate, out);
}

static int put_bencher(const struct lab_gate *g, FILE *out)
{
	return ci_bencher(&g->after, out);
}

static int put_github(const struct lab_gate *g, FILE *out)
{
	return ci_github(&g->after, out);
}

int lab_gate_write(const struct lab_gate *g, const struct lab_gate_files *files, struct error *why)
{
	int err = g->gate.rows ? write_one(files->junit, g, put_junit, why) : 0;

	if (!err)
		err = write_one(files->bencher, g, put_bencher, why);
	return err ? err : write_one(files->github, g, put_github, why);
}

void lab_gate_free(struct lab_gate *g)
{
	gate_free(&g->gate);
	for (size_t i = 0; i < g->n_records; i++)
		record_free(g->records[i]);
	g->n_records = 0;
}
