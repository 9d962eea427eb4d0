/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/hybrid.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES	   "/sys/bus/event_source/devices"
#define TYPE_SHIFT 32 /* PERF_PMU_TYPE_SHIFT; older headers lack it */

/*
 * libpfm4 since 4.14. libpfm4 names the core's design, the kernel its class (core, atom, lowpower).
 */
static const struct {
	const char *model, *pmu;
} models[] = {
	{"adl_glc", "cpu_core"},
	{"adl_grt", "cpu_atom"},
};
enum { MODELS = sizeof(models) / sizeof(models[0]) };

/* Core PMUs only: uncore PMUs count a whole socket, software ones nothing of the hardware. */
static bool is_core_pmu(const char *name)
{
	return strcmp(name, "cpu") == 0 || strcmp(name, "cpu_core") == 0 ||
	       strcmp(name, "cpu_atom") == 0 || strcmp(name, "cpu_lowpower") == 0 ||
	       strncmp(name, "armv8_", 6) == 0;
}

static bool read_line(const char *root, const char *pmu, const char *file, char *line, int len)
{
	char path[PATH_MAX];
	FILE *f;
	bool ok;

	snprintf(path, sizeof(path), "%s" DEVICES "/%s/%s", root, pmu, file);
	f = fopen(path, "re");
	ok = f && fgets(line, len, f);
	if (f)
		fclose(f);
	return ok;
}

/* Is the CPU in a list such as "0-15,20"? Text that is not a list contains none. */
static bool lists(const char *text, int cpu)
{
	while (*text) {
		char *end;
		long first = strtol(text, &end, 10), last = first;

		if (end == text)
			return false;
		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		if (cpu >= first && cpu <= last)
			return true;
		text = *end == ',' ? end + 1 : "";
	}
	return false;
}

void hybrid_find(const char *root, int cpu, struct hybrid_pmu *out)
{
	char path[PATH_MAX], line[4096];
	unsigned int found = 0;
	DIR *dir;

	*out = (struct hybrid_pmu){.type = PERF_TYPE_RAW};
	snprintf(path, sizeof(path), "%s" DEVICES, root);
	dir = opendir(path);
	for (struct dirent *d = dir ? readdir(dir) : NULL; d; d = readdir(dir)) {
		if (!is_core_pmu(d->d_name))
			continue;
		found++;
		/* a PMU without a list has every CPU */
		if (cpu >= 0 && read_line(root, d->d_name, "cpus", line, sizeof(line)) &&
		    !lists(line, cpu))
			continue;
		snprintf(out->name, sizeof(out->name), "%.31s", d->d_name);
		if (read_line(root, d->d_name, "type", line, sizeof(line)))
			out->type = (unsigned int)strtoul(line, NULL, 10);
	}
	if (dir)
		closedir(dir);
	out->several = found > 1;
}

static const char *pmu_of(const char *model)
{
	for (size_t i = 0; model && i < MODELS; i++)
		if (strcmp(models[i].model, model) == 0)
			return models[i].pmu;
	return NULL;
}

bool hybrid_serves(const struct hybrid_pmu *pmu, const char *model)
{
	const char *of = pmu_of(model);

	return !pmu->several || !of || strcmp(of, pmu->name) == 0;
}

const char *hybrid_model(const struct hybrid_pmu *pmu, size_t i)
{
	for (size_t k = 0; k < MODELS; k++)
		if (strcmp(models[k].pmu, pmu->name) == 0 && !i--)
			return models[k].model;
	return NULL;
}

int hybrid_aim(const struct hybrid_pmu *pmu, const char *model, struct perf_event_attr *attr)
{
	/* Arm's kernel code finds a CPU's PMU itself, and before 6.4 refuses a type in config */
	if (!pmu->several || strncmp(pmu->name, "cpu_", 4) != 0)
		return 0;
	switch (attr->type) {
	case PERF_TYPE_HARDWARE:
	case PERF_TYPE_HW_CACHE:
		attr->config |= (__u64)pmu->type << TYPE_SHIFT;
		return 0;
	case PERF_TYPE_SOFTWARE:
	case PERF_TYPE_TRACEPOINT:
	case PERF_TYPE_BREAKPOINT:
		return 0;
	default:
		break;
	}
	if (pmu_of(model)) {
		if (!hybrid_serves(pmu, model))
			return -ENOENT;
		attr->type = pmu->type;
		return 0;
	}
	/* a model that is not known here: its raw codes go to the PMU with that type */
	return attr->type == PERF_TYPE_RAW && pmu->type != PERF_TYPE_RAW ? -ENOENT : 0;
}
