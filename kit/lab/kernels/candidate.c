/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/path.h"
#include "kit/lab/kernels/apt.h"
#include "kit/lab/kernels/debversion.h"

/* Cloud kernels: the smallest, with the same options on all architectures. */
static const char *const flavours[] = {"cloud-amd64", "cloud-arm64"};

static bool is_flavour(const char *release)
{
	size_t len = strlen(release);

	for (size_t i = 0; i < sizeof(flavours) / sizeof(flavours[0]); i++)
		if (len > strlen(flavours[i]) &&
		    !strcmp(release + len - strlen(flavours[i]), flavours[i]))
			return true;
	return false;
}

/* linux-image-REL[-unsigned] or linux-binary-[unsigned-]REL -> REL; false for anything else. */
static bool name_release(struct candidate *c)
{
	static const char suffix[] = "-unsigned";
	const char *rel = c->package;
	size_t len;

	if (!strncmp(rel, "linux-binary-", 13)) {
		c->binary = true;
		rel += 13;
	} else if (!strncmp(rel, "linux-image-", 12)) {
		rel += 12;
	} else {
		return false;
	}
	if (!strncmp(rel, "unsigned-", 9)) {
		c->is_unsigned = true;
		rel += 9;
	}
	len = strlen(rel);
	if (len > sizeof(suffix) - 1 && !strcmp(rel + len - (sizeof(suffix) - 1), suffix)) {
		c->is_unsigned = true;
		len -= sizeof(suffix) - 1;
	}
	if (len >= sizeof(c->release))
		return false;
	memcpy(c->release, rel, len);
	c->release[len] = '\0';
	/*
	 * "6.12-cloud-amd64" and "cloud-amd64" are meta packages for the newest kernel and hold
	 * none
	 */
	if (!is_flavour(c->release))
		return false;
	return strchr(c->release, '.') && strchr(strchr(c->release, '.') + 1, '.');
}

int candidates_parse(const char *madison, struct candidate **out, size_t *n)
{
	char *copy = strdup(madison), *save = NULL;
	struct candidate *list = NULL;
	size_t count = 0;
	int err = copy ? 0 : -ENOMEM;

	*out = NULL;
	*n = 0;
	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		struct candidate c = {0}, *more;

		if (sscanf(line, " %127[^ |] | %63[^ |] |", c.package, c.version) != 2 ||
		    !name_release(&c))
			continue;
		more = realloc(list, (count + 1) * sizeof(*list));
		if (!more) {
			err = -ENOMEM;
			break;
		}
		list = more;
		list[count++] = c;
	}
	free(copy);
	if (err) {
		free(list);
		list = NULL;
		count = 0;
	}
	*out = list;
	*n = count;
	return err;
}

static bool fits(const struct candidate *c, const char *spec)
{
	return debversion_begins(c->version, spec) || debversion_begins(c->release, spec) ||
	       !strcmp(c->package, spec);
}

/* Which of two candidates for the same words is better? */
static bool better(const struct candidate *a, const struct candidate *b)
{
	int order = debversion_compare(a->version, b->version);

	if (order)
		return order > 0;
	if (a->binary != b->binary)
		return a->binary;
	return !a->is_unsigned && b->is_unsigned;
}

/*
 * 6.1.0-0.deb11.50 on bullseye is a rebuild with other tools: taken only when asked for by its full
 * name.
 */
static bool is_rebuild(const struct candidate *c)
{
	return strstr(c->release, "-0.deb") != NULL;
}

const struct candidate *candidate_pick(const struct candidate *all, size_t n, const char *spec)
{
	const struct candidate *best = NULL;

	for (size_t i = 0; all && i < n; i++) {
		if (!fits(&all[i], spec))
			continue;
		if (best && is_rebuild(&all[i]) != is_rebuild(best)) {
			if (is_rebuild(best))
				best = &all[i];
			continue;
		}
		if (!best || better(&all[i], best))
			best = &all[i];
	}
	return best;
}

/* "6.12" of "6.12.107-1". */
static void series(const char *version, char *out, size_t len)
{
	const char *dot = strchr(version, '.');
	size_t n =
		dot ? (size_t)(dot - version) + 1 + strspn(dot + 1, "0123456789") : strlen(version);

	snprintf(out, len, "%.*s", (int)n, version);
}

static int by_version(const void *a, const void *b)
{
	return debversion_compare(((const struct candidate *)a)->version,
				  ((const struct candidate *)b)->version);
}

void candidates_describe(const struct candidate *all, size_t n, char *text, size_t len)
{
	struct candidate *sorted = calloc(n ? n : 1, sizeof(*sorted));
	size_t used = 0;

	text[0] = '\0';
	if (!sorted)
		return;
	if (n)
		memcpy(sorted, all, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_version);
	for (size_t i = 0; i < n; i++) {
		char mine[32], next[32] = "";

		series(sorted[i].version, mine, sizeof(mine));
		if (i + 1 < n)
			series(sorted[i + 1].version, next, sizeof(next));
		if (!strcmp(mine, next))
			continue;
		if (used < len)
			used += (size_t)snprintf(
				text + used, len - used, "%s%s (%.*s)", used ? ", " : "", mine,
				(int)strcspn(sorted[i].version, "-"), sorted[i].version);
	}
	free(sorted);
}

/*
 * Is it one of Debian's own suites, by any of their names? Others on the machine hold no Debian
 * kernels.
 */
int mirrors_parse(const char *targets, char *main_uri, char *security_uri, size_t len)
{
	char *copy = strdup(targets), *save = NULL;

	main_uri[0] = security_uri[0] = '\0';
	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char origin[64], release[64], component[64], uri[512], *to;

		if (sscanf(line, "%63[^|]|%63[^|]|%63[^|]|%511[^|\n]", origin, release, component,
			   uri) != 4 ||
		    strcmp(origin, "Debian") != 0 || strcmp(component, "main") != 0)
			continue;
		to = strstr(release, "security") ? security_uri : main_uri;
		if (!*to)
			path_put(to, len, "%s", uri);
	}
	free(copy);
	return *main_uri ? 0 : -ENOTSUP;
}
