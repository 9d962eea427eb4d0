/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpuset/facts.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpuset/affinity.h"

enum { CPU_MOST = 1 << 20 };

static int parse_cpu(const char **text, int *cpu)
{
	char *end;
	unsigned long value;

	if (!isdigit((unsigned char)**text))
		return -EBADMSG;
	errno = 0;
	value = strtoul(*text, &end, 10);
	if (errno || value >= CPU_MOST)
		return -EBADMSG;
	*cpu = (int)value;
	*text = end;
	return 0;
}

static int parse_range(const char **text, hwloc_bitmap_t set)
{
	int first;
	int last;
	int err = parse_cpu(text, &first);

	if (err)
		return err;
	last = first;
	if (**text == '-') {
		(*text)++;
		err = parse_cpu(text, &last);
		if (err)
			return err;
	}
	if (last < first)
		return -EBADMSG;
	return hwloc_bitmap_set_range(set, first, last) < 0 ? -ENOMEM : 0;
}

int facts_parse_list(const char *text, hwloc_bitmap_t set)
{
	const char *rest = text;

	hwloc_bitmap_zero(set);
	rest += strspn(rest, " \t\n");
	/*
	 * What %*pbl makes of a mask that was never allocated: nohz_full without the boot option.
	 */
	if (strncmp(rest, "(null)", 6) == 0)
		rest += 6;
	else if (*rest) {
		for (;;) {
			int err = parse_range(&rest, set);

			if (err)
				return err;
			if (*rest != ',')
				break;
			rest++;
		}
	}
	rest += strspn(rest, " \t\n");
	return *rest ? -EBADMSG : 0;
}

int facts_read_list(const char *root, const char *name, hwloc_bitmap_t set, char *why,
		    size_t why_len)
{
	char path[PATH_MAX];
	char *line = NULL;
	size_t size = 0;
	FILE *file;
	int err = 0;

	hwloc_bitmap_zero(set);
	snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/%s", root, name);
	file = fopen(path, "re");
	if (!file) {
		err = errno == ENOENT ? 0 : -errno;
		if (err)
			snprintf(why, why_len, "%s: %s", path, strerror(-err));
		return err;
	}
	errno = 0;
	if (getline(&line, &size, file) < 0) {
		err = ferror(file) ? -(errno ? errno : EIO) : 0;
		if (err)
			snprintf(why, why_len, "%s: %s", path, strerror(-err));
	} else {
		err = facts_parse_list(line, set);
		if (err) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(why, why_len, "%s: \"%s\" is no list of CPUs", path, line);
		}
	}
	free(line);
	fclose(file);
	return err;
}

/*
 * Adds to allowed the CPUs of extra that the thread's cpuset lets it use; asking the kernel is the
 * one sure way.
 */
static int widen(hwloc_bitmap_t allowed, hwloc_const_bitmap_t extra)
{
	hwloc_bitmap_t before = hwloc_bitmap_dup(allowed);
	hwloc_bitmap_t wide = hwloc_bitmap_alloc();
	int err = -ENOMEM;

	if (!before || !wide || hwloc_bitmap_or(wide, before, extra) < 0)
		goto out;
	err = 0;
	if (hwloc_bitmap_isequal(wide, before) || affinity_set(wide) < 0)
		goto out;
	err = affinity_get(allowed);
	if (!err)
		err = affinity_set(before);
	else
		affinity_set(before);
out:
	hwloc_bitmap_free(wide);
	hwloc_bitmap_free(before);
	return err;
}

int facts_gather(const char *root, struct facts *out, char *why, size_t why_len)
{
	int err = -ENOMEM;

	*out = (struct facts){hwloc_bitmap_alloc(), hwloc_bitmap_alloc(), hwloc_bitmap_alloc()};
	if (!out->allowed || !out->isolated || !out->nohz_full) {
		snprintf(why, why_len, "no memory for sets of CPUs");
		goto out;
	}
	err = facts_read_list(root, "isolated", out->isolated, why, why_len);
	if (!err)
		err = facts_read_list(root, "nohz_full", out->nohz_full, why, why_len);
	if (err)
		goto out;
	err = affinity_get(out->allowed);
	if (!err)
		err = widen(out->allowed, out->isolated);
	if (err)
		snprintf(why, why_len, "the CPUs of this process cannot be read: %s",
			 strerror(-err));
out:
	if (err)
		facts_release(out);
	return err;
}

void facts_release(struct facts *facts)
{
	if (!facts)
		return;
	hwloc_bitmap_free(facts->nohz_full);
	hwloc_bitmap_free(facts->isolated);
	hwloc_bitmap_free(facts->allowed);
	*facts = (struct facts){0};
}
