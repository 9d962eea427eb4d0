/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/fleet/fleet.h"
#include "reports/judge/fleet/fleet_places.h"
#include "reports/show/figure.h"

static const char *or_unknown(const char *text)
{
	return text ? text : "unknown";
}

/* What must be equal for figures to be of one kind; its first line is what is shown. */
static char *type_of(const struct record_host *host)
{
	bool bare = !host->virtualization || !strcmp(host->virtualization, "none");
	char *type;
	int n = asprintf(&type, "%s, %u CPU%s%s%s%s\n%s\n%s\nJIT %s", or_unknown(host->cpu),
			 host->cpus, host->cpus == 1 ? "" : "s", bare ? "" : " (",
			 bare ? "" : figure_hypervisor(host->virtualization), bare ? "" : ")",
			 or_unknown(host->arch), or_unknown(host->mitigations),
			 host->jit ? "on" : "off");

	return n < 0 ? NULL : type;
}

void fleet_place_free(struct fleet_place *place)
{
	free(place->path);
	free(place->type);
	free(place->kernel);
	free(place->node);
	free(place->boot);
	free(place->suite);
	free(place->created);
	free(place->microcode);
}

static int place_of(const struct record *rec, const char *path, struct fleet_place *out)
{
	*out = (struct fleet_place){
		.path = strdup(path),
		.type = type_of(&rec->host),
		.kernel = strdup(or_unknown(rec->host.kernel)),
		.node = strdup(rec->host.node),
		.boot = strdup(rec->host.boot),
		.suite = strdup(or_unknown(rec->suite)),
		.created = strdup(rec->created ? rec->created : ""),
		.microcode = strdup(rec->host.microcode ? rec->host.microcode : ""),
	};
	if (out->path && out->type && out->kernel && out->node && out->boot && out->suite &&
	    out->created && out->microcode)
		return 0;
	fleet_place_free(out);
	return -ENOMEM;
}

/* A reader's message begins with the path. */
static const char *without_path(const char *text, const char *path)
{
	size_t n = strlen(path);

	return strncmp(text, path, n) == 0 && strncmp(text + n, ": ", 2) == 0 ? text + n + 2 : text;
}

static int add_record(struct fleet *fleet, const char *path, struct error *why)
{
	struct record *rec = NULL;
	struct fleet_place *more;
	struct error fault;
	int err = 0;

	if (fleet->n_places + fleet->n_gaps >= FLEET_RECORDS_MOST)
		return error_set(why, -E2BIG, "more than %d records", FLEET_RECORDS_MOST);
	if (record_read(path, &rec, &fault))
		return fleet_add_gap(fleet, path, "%s", without_path(fault.text, path));
	if (rec->n_results && rec->results[0]->unit == UNIT_INSTRUCTIONS) {
		/* exact counts are the same on all machines: nothing of a fleet's spread */
	} else if (!rec->host.node || !rec->host.boot) {
		err = fleet_add_gap(fleet, path,
				    "does not say its machine and boot (of an older bpftoll)");
	} else {
		more = realloc(fleet->places, (fleet->n_places + 1) * sizeof(*more));
		err = more ? 0 : -ENOMEM;
		if (more)
			fleet->places = more;
		if (more)
			err = place_of(rec, path, &fleet->places[fleet->n_places]);
		fleet->n_places += !err;
	}
	record_free(rec);
	return err;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Every record.json below path, or path itself; not what lost runs left, unless it is path. */
static int walk(struct fleet *fleet, const char *path, size_t *found, struct error *why)
{
	char *copy = strdup(path), *roots[] = {copy, NULL};
	FTS *tree = copy ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name) : NULL;
	FTSENT *entry;
	int err = tree ? 0 : -ENOMEM;

	while (!err && (entry = fts_read(tree))) {
		if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR ||
		    entry->fts_info == FTS_NS) {
			err = fleet_add_gap(fleet, entry->fts_path, "%s",
					    strerror(entry->fts_errno));
		} else if (entry->fts_info == FTS_D && entry->fts_level > 0 &&
			   record_is_lost(entry->fts_name)) {
			err = fleet_add_gap(fleet, entry->fts_path, "what a lost run left");
			fts_set(tree, entry, FTS_SKIP);
		} else if (entry->fts_info == FTS_F &&
			   (entry->fts_level == 0 || !strcmp(entry->fts_name, "record.json"))) {
			(*found)++;
			err = add_record(fleet, entry->fts_path, why);
		}
	}
	if (tree)
		fts_close(tree);
	free(copy);
	return err;
}

static int by_place(const void *left, const void *right)
{
	const struct fleet_place *a = left, *b = right;
	int order = strcmp(a->type, b->type);

	order = order ? order : strverscmp(a->kernel, b->kernel);
	order = order ? order : strcmp(a->node, b->node);
	order = order ? order : strcmp(a->boot, b->boot);
	order = order ? order : strcmp(a->suite, b->suite);
	order = order ? order : strcmp(a->created, b->created);
	return order ? order : strcmp(a->path, b->path);
}

static bool same_boot(const struct fleet_place *a, const struct fleet_place *b)
{
	return !strcmp(a->type, b->type) && !strcmp(a->kernel, b->kernel) &&
	       !strcmp(a->node, b->node) && !strcmp(a->boot, b->boot);
}

/* Runs of one suite in one boot, one after another. */
static void number_repeats(struct fleet *fleet)
{
	for (size_t i = 1; i < fleet->n_places; i++) {
		const struct fleet_place *before = &fleet->places[i - 1];

		if (same_boot(before, &fleet->places[i]) &&
		    !strcmp(before->suite, fleet->places[i].suite))
			fleet->places[i].repeat = before->repeat + 1;
	}
}

/* One run that is there twice (a folder and a copy of it) is one: two would look like agreement. */
static void drop_doubles(struct fleet *fleet)
{
	size_t kept = 0;

	for (size_t i = 0; i < fleet->n_places; i++) {
		struct fleet_place *place = &fleet->places[i];
		const struct fleet_place *before = kept ? &fleet->places[kept - 1] : NULL;

		if (before && same_boot(before, place) && !strcmp(before->suite, place->suite) &&
		    *place->created && !strcmp(before->created, place->created))
			fleet_place_free(place);
		else
			fleet->places[kept++] = *place;
	}
	fleet->n_places = kept;
}

int fleet_find(struct fleet *fleet, const char *const *paths, size_t n, struct error *why)
{
	size_t found = 0;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = walk(fleet, paths[i], &found, why);
	if (!err && !found)
		err = error_set(why, -ENOENT, "%s%s: no record.json there, nor below", paths[0],
				n > 1 ? ", …" : "");
	if (err == -ENOMEM)
		error_say(why, "out of memory");
	if (err || !fleet->n_places)
		return err;
	qsort(fleet->places, fleet->n_places, sizeof(*fleet->places), by_place);
	drop_doubles(fleet);
	number_repeats(fleet);
	return 0;
}

size_t fleet_microcodes(const struct fleet *fleet, size_t first, size_t *n, char *list, size_t len)
{
	const struct fleet_place *places = fleet->places;
	size_t i, used = 0;

	*n = 0;
	list[0] = '\0';
	for (i = first; i < fleet->n_places && !strcmp(places[i].type, places[first].type); i++) {
		bool before = !*places[i].microcode;

		for (size_t k = first; k < i && !before; k++)
			before = !strcmp(places[k].microcode, places[i].microcode);
		if (before)
			continue;
		if (used < len)
			used += (size_t)snprintf(list + used, len - used, "%s%s", *n ? ", " : "",
						 places[i].microcode);
		(*n)++;
	}
	return i;
}

void fleet_places_free(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->n_places; i++)
		fleet_place_free(&fleet->places[i]);
	free(fleet->places);
}
