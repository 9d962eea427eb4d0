/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Event names: their encoding by libpfm4, and the nearest known names for an unknown one. */
#define _GNU_SOURCE /* sched_getcpu */
#include "calib/error.h"
#include "calib/counters.h"
#include "calib/hybrid.h"

#include <ctype.h>
#include <errno.h>
#include <perfmon/pfmlib_perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_LEN = 96, OFFERS = 3 };

/* The nearest candidates so far, nearest first. The strings are libpfm4's constants. */
struct offers {
	const char *wanted;
	const char *name[OFFERS];
	size_t distance[OFFERS];
	size_t n;
};

/* The parts of "pmu::name:attribute"; empty where absent. */
struct parts {
	char pmu[NAME_MAX_LEN];
	char name[NAME_MAX_LEN];
	char attribute[NAME_MAX_LEN];
};

static void copy_part(char *to, const char *from, size_t len)
{
	if (len >= NAME_MAX_LEN)
		len = NAME_MAX_LEN - 1;
	memcpy(to, from, len);
	to[len] = '\0';
}

static void split_name(const char *event, struct parts *parts)
{
	const char *colons = strstr(event, "::");
	const char *name = colons ? colons + 2 : event;
	size_t len = strcspn(name, ":.");
	const char *last = name + len;

	copy_part(parts->pmu, event, colons ? (size_t)(colons - event) : 0);
	copy_part(parts->name, name, len);
	/* Takes the last attribute as the wrong one: libpfm4 does not say which one it was. */
	for (const char *p = last; *p; p++)
		if (*p == ':' || *p == '.')
			last = p + 1;
	copy_part(parts->attribute, last, strcspn(last, "="));
}

/* libpfm4 ignores case; people mix up '-' and '_' in its names. */
static int fold(char c)
{
	return c == '-' ? '_' : tolower((unsigned char)c);
}

static bool holds(const char *text, const char *part)
{
	size_t len = strlen(part);

	for (; *text; text++) {
		size_t i = 0;

		while (i < len && text[i] && fold(text[i]) == fold(part[i]))
			i++;
		if (i == len)
			return true;
	}
	return false;
}

/* Levenshtein distance of two names, each cut at NAME_MAX_LEN. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LEN + 1];
	size_t na = strnlen(a, NAME_MAX_LEN);
	size_t nb = strnlen(b, NAME_MAX_LEN);

	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t best = diagonal + (fold(a[i - 1]) != fold(b[j - 1]));

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[nb];
}

/*
 * Keeps name if it is among the nearest; drops it if it has too little in common with the wanted
 * one.
 */
static void offer(struct offers *o, const char *name)
{
	size_t len = strlen(o->wanted);
	size_t distance = edit_distance(o->wanted, name);
	size_t at;

	if (len >= 2 && distance > 1 && holds(name, o->wanted))
		distance = 1;
	if (len && 2 * distance > len)
		return;
	for (size_t i = 0; i < o->n; i++)
		if (strcasecmp(o->name[i], name) == 0)
			return;
	for (at = o->n; at > 0 && o->distance[at - 1] > distance; at--)
		if (at < OFFERS) {
			o->name[at] = o->name[at - 1];
			o->distance[at] = o->distance[at - 1];
		}
	if (at >= OFFERS)
		return;
	o->name[at] = name;
	o->distance[at] = distance;
	if (o->n < OFFERS)
		o->n++;
}

static void print_offers(const struct offers *o, const char *lead, struct error *why)
{
	for (size_t i = 0; i < o->n; i++)
		error_add(why, "%s%s", i ? ", " : lead, o->name[i]);
}

/* Offers every event of one PMU; returns the index of the one named exactly, or -1. */
static int offer_events(const pfm_pmu_info_t *pmu, struct offers *o)
{
	int exact = -1;

	for (int i = pmu->first_event; i != -1; i = pfm_get_event_next(i)) {
		pfm_event_info_t info = {.size = sizeof(info)};

		if (pfm_get_event_info(i, PFM_OS_PERF_EVENT_EXT, &info) != PFM_SUCCESS)
			continue;
		if (exact < 0 && strcasecmp(info.name, o->wanted) == 0)
			exact = i;
		offer(o, info.name);
	}
	return exact;
}

/*
 * Offers the events of the PMUs active here, of the one called pmu if that is not empty. Returns
 * the index of the event named exactly, or -1; *pmus counts the PMUs looked at.
 */
static int search_events(const char *pmu, struct offers *o, unsigned int *pmus)
{
	int exact = -1;
	int id;

	*pmus = 0;
	pfm_for_all_pmus(id)
	{
		pfm_pmu_info_t info = {.size = sizeof(info)};
		int found;

		if (pfm_get_pmu_info((pfm_pmu_t)id, &info) != PFM_SUCCESS || !info.is_present)
			continue;
		if (*pmu && strcasecmp(pmu, info.name) != 0)
			continue;
		++*pmus;
		found = offer_events(&info, o);
		if (exact < 0)
			exact = found;
	}
	return exact;
}

/* masks_only: leave out the modifiers ("e", "c", "u"), which every event has. */
static void offer_attributes(int event, bool masks_only, struct offers *o)
{
	pfm_event_info_t info = {.size = sizeof(info)};

	if (pfm_get_event_info(event, PFM_OS_PERF_EVENT_EXT, &info) != PFM_SUCCESS)
		return;
	for (int i = 0; i < info.nattrs; i++) {
		pfm_event_attr_info_t attr = {.size = sizeof(attr)};

		if (pfm_get_event_attr_info(event, i, PFM_OS_PERF_EVENT_EXT, &attr) != PFM_SUCCESS)
			continue;
		if (!masks_only || attr.type == PFM_ATTR_UMASK)
			offer(o, attr.name);
	}
}

/* For an event that exists but whose attributes are wrong: offers those that it has. */
static void explain_attribute(const char *event, int index, const struct parts *parts, int err,
			      struct error *why)
{
	struct offers o = {.wanted = parts->attribute};

	offer_attributes(index, err == PFM_ERR_UMASK, &o);
	if (o.n && strcasecmp(o.name[0], parts->attribute) == 0) {
		error_say(why, "event \"%s\": attributes that do not go together", event);
		return;
	}
	/* "INST_RETIRED:k": the mask is missing, so no part of the text is wrong. */
	if (err == PFM_ERR_UMASK && !o.n) {
		o.wanted = "";
		offer_attributes(index, true, &o);
	}
	if (err == PFM_ERR_UMASK)
		error_say(why, "event \"%s\": unit mask missing or unknown", event);
	else
		error_say(why, "event \"%s\": no attribute \"%s\"", event, parts->attribute);
	print_offers(&o, *o.wanted ? "; nearest: " : "; it has: ", why);
}

static int explain_name(const char *event, int err, struct error *why)
{
	struct parts parts;
	struct offers o = {.wanted = parts.name};
	unsigned int pmus;
	int index;

	split_name(event, &parts);
	index = search_events(parts.pmu, &o, &pmus);
	if (index >= 0 && (err == PFM_ERR_ATTR || err == PFM_ERR_UMASK)) {
		explain_attribute(event, index, &parts, err, why);
		return -ENOENT;
	}
	if (err != PFM_ERR_NOTFOUND)
		return error_set(why, -EINVAL, "event \"%s\": %s", event, pfm_strerror(err));
	if (pmus == 0 && *parts.pmu)
		error_say(why, "event \"%s\": no PMU called \"%s\" is active here", event,
			  parts.pmu);
	else if (pmus == 0)
		error_say(why, "event \"%s\": libpfm4 has no PMU table active here", event);
	else
		error_say(why, "event \"%s\" is unknown to libpfm4 on this machine", event);
	print_offers(&o, "; nearest: ", why);
	return -ENOENT;
}

static int encode(const char *event, struct perf_event_attr *attr)
{
	pfm_perf_encode_arg_t arg = {.attr = attr, .size = sizeof(arg)};

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	return pfm_get_os_event_encoding(event, PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT_EXT, &arg);
}

/*
 * A name without a model is first looked up among this PMU's own events: libpfm4 would take the
 * first model that has it.
 */
static int encode_for(const struct hybrid_pmu *pmu, const char *event, struct perf_event_attr *attr,
		      int *err)
{
	struct parts parts;
	const char *model;
	char name[256];

	split_name(event, &parts);
	for (size_t i = 0; pmu->several && !*parts.pmu && (model = hybrid_model(pmu, i)); i++) {
		snprintf(name, sizeof(name), "%s::%s", model, event);
		*err = encode(name, attr);
		if (*err == PFM_SUCCESS)
			return hybrid_aim(pmu, model, attr);
	}
	*err = encode(event, attr);
	return *err == PFM_SUCCESS ? hybrid_aim(pmu, *parts.pmu ? parts.pmu : NULL, attr) : 0;
}

int counters_encode_on(const char *root, int cpu, const char *event, struct perf_event_attr *attr,
		       struct error *why)
{
	struct hybrid_pmu pmu;
	int err = pfm_initialize(), aimed;

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	if (err != PFM_SUCCESS)
		return error_set(why, -EOPNOTSUPP, "libpfm4 cannot start: %s", pfm_strerror(err));
	hybrid_find(root, cpu, &pmu);
	aimed = encode_for(&pmu, event, attr, &err);
	if (err != PFM_SUCCESS)
		return explain_name(event, err, why);
	if (aimed)
		return error_set(why, aimed,
				 "event \"%s\" is of another type of core than CPU %d's (%s)",
				 event, cpu, pmu.name);
	/* period= and freq= would make the counter sample, and sampling interrupts cost time. */
	if (attr->sample_period || attr->freq)
		return error_set(why, -EINVAL,
				 "event \"%s\": counted, not sampled: no period, no freq", event);
	return 0;
}

int counters_encode(const char *event, struct perf_event_attr *attr, struct error *why)
{
	return counters_encode_on("", sched_getcpu(), event, attr, why);
}
