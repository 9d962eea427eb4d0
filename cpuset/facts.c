/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/error.h"
#include "cpuset/facts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpuset/affinity.h"
#include "cpuset/sysfile.h"

enum { CPU_MOST = 1 << 20, PARTITIONS_DEEPEST = 16 };

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
	 * what the kernel's %*pbl prints for a mask that was never allocated: nohz_full without the
	 * boot option
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

static int read_file_list(const char *root, const char *file, hwloc_bitmap_t set, struct error *why)
{
	char path[PATH_MAX];
	char *line = NULL;
	size_t size = 0;
	FILE *list;
	int err = 0;

	hwloc_bitmap_zero(set);
	snprintf(path, sizeof(path), "%s%s", root, file);
	list = fopen(path, "re");
	if (!list) {
		err = errno == ENOENT ? 0 : -errno;
		if (err)
			error_say(why, "%s: %s", path, strerror(-err));
		return err;
	}
	errno = 0;
	if (getline(&line, &size, list) < 0) {
		err = ferror(list) ? -(errno ? errno : EIO) : 0;
		if (err)
			error_say(why, "%s: %s", path, strerror(-err));
	} else {
		err = facts_parse_list(line, set);
		if (err) {
			line[strcspn(line, "\n")] = '\0';
			error_say(why, "%s: \"%s\" is no list of CPUs", path, line);
		}
	}
	free(line);
	fclose(list);
	return err;
}

int facts_read_list(const char *root, const char *name, hwloc_bitmap_t set, struct error *why)
{
	char file[256];

	snprintf(file, sizeof(file), "/sys/devices/system/cpu/%s", name);
	return read_file_list(root, file, set, why);
}

/* Adds the CPU list in one file. */
static int add_list(const char *root, const char *file, hwloc_bitmap_t set, struct error *why)
{
	hwloc_bitmap_t more = hwloc_bitmap_alloc();
	int err = more ? read_file_list(root, file, more, why) : -ENOMEM;

	if (!err && hwloc_bitmap_or(set, set, more) < 0)
		err = -ENOMEM;
	hwloc_bitmap_free(more);
	return err;
}

/*
 * Adds the partitions below a folder of cgroup v2 whose parents are partitions. The kernel marks an
 * invalid partition by text after its type.
 */
static int add_partitions(const char *root, const char *folder, hwloc_bitmap_t set, int depth,
			  struct error *why)
{
	char path[PATH_MAX];
	struct dirent *item;
	DIR *dir;
	int err = 0;

	if (depth == PARTITIONS_DEEPEST || sysfile_join(path, root, folder))
		return 0;
	dir = opendir(path);
	while (dir && !err && (item = readdir(dir))) {
		char child[PATH_MAX];
		char type[SYSFILE_MAX];

		if (*item->d_name == '.' ||
		    snprintf(child, sizeof(child), "%s/%s/cpuset.cpus.partition", folder,
			     item->d_name) >= (int)sizeof(child) ||
		    sysfile_read(root, child, type))
			continue;
		if (strcmp(type, "isolated") == 0) {
			snprintf(child, sizeof(child), "%s/%s/cpuset.cpus.effective", folder,
				 item->d_name);
			err = add_list(root, child, set, why);
		}
		if (!err && (strcmp(type, "isolated") == 0 || strcmp(type, "root") == 0)) {
			snprintf(child, sizeof(child), "%s/%s", folder, item->d_name);
			err = add_partitions(root, child, set, depth + 1, why);
		}
	}
	if (dir)
		closedir(dir);
	return err;
}

int facts_read_isolated(const char *root, hwloc_bitmap_t set, struct error *why)
{
	static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	int err = facts_read_list(root, "isolated", set, why);

	for (size_t i = 0; !err && i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		char file[64];

		snprintf(file, sizeof(file), "%s/cpuset.cpus.isolated", mounts[i]);
		err = add_list(root, file, set, why);
		if (!err)
			err = add_partitions(root, mounts[i], set, 0, why);
	}
	return err;
}

/*
 * Arm's big.LITTLE: the fastest cores have the capacity 1024. Where all CPUs have it there is only
 * one type.
 */
static void read_capacities(const char *root, hwloc_const_bitmap_t online, hwloc_bitmap_t fast,
			    hwloc_bitmap_t slow)
{
	int cpu;

	hwloc_bitmap_foreach_begin(cpu, online)
	{
		char capacity[SYSFILE_MAX];
		char path[128];

		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cpu_capacity", cpu);
		if (!sysfile_read(root, path, capacity))
			hwloc_bitmap_set(strcmp(capacity, "1024") == 0 ? fast : slow,
					 (unsigned int)cpu);
	}
	hwloc_bitmap_foreach_end();
}

int facts_read_types(const char *root, hwloc_bitmap_t fast, hwloc_bitmap_t slow, struct error *why)
{
	hwloc_bitmap_t online = hwloc_bitmap_alloc();
	int err = online ? read_file_list(root, "/sys/devices/cpu_core/cpus", fast, why) : -ENOMEM;

	if (online)
		hwloc_bitmap_zero(slow);
	if (!err)
		err = add_list(root, "/sys/devices/cpu_atom/cpus", slow, why);
	if (!err)
		err = add_list(root, "/sys/devices/cpu_lowpower/cpus", slow, why);
	if (!err && hwloc_bitmap_iszero(fast) && hwloc_bitmap_iszero(slow)) {
		err = facts_read_list(root, "online", online, why);
		if (!err)
			read_capacities(root, online, fast, slow);
	}
	if (!err && (hwloc_bitmap_iszero(fast) || hwloc_bitmap_iszero(slow))) {
		hwloc_bitmap_zero(fast);
		hwloc_bitmap_zero(slow);
	}
	hwloc_bitmap_free(online);
	return err;
}

/*
 * Adds to allowed those CPUs of extra that the thread's cpuset lets it use; the only reliable way
 * to know is to try.
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

int facts_gather(const char *root, struct facts *out, struct error *why)
{
	int err = -ENOMEM;

	*out = (struct facts){hwloc_bitmap_alloc(), hwloc_bitmap_alloc(), hwloc_bitmap_alloc(),
			      hwloc_bitmap_alloc(), hwloc_bitmap_alloc()};
	if (!out->allowed || !out->isolated || !out->nohz_full || !out->fast || !out->slow) {
		error_say(why, "no memory for sets of CPUs");
		goto out;
	}
	err = facts_read_isolated(root, out->isolated, why);
	if (!err)
		err = facts_read_list(root, "nohz_full", out->nohz_full, why);
	if (!err)
		err = facts_read_types(root, out->fast, out->slow, why);
	if (err)
		goto out;
	err = affinity_get(out->allowed);
	if (!err)
		err = widen(out->allowed, out->isolated);
	if (err)
		error_say(why, "the CPUs of this process cannot be read: %s", strerror(-err));
out:
	if (err)
		facts_release(out);
	return err;
}

void facts_release(struct facts *facts)
{
	if (!facts)
		return;
	hwloc_bitmap_free(facts->slow);
	hwloc_bitmap_free(facts->fast);
	hwloc_bitmap_free(facts->nohz_full);
	hwloc_bitmap_free(facts->isolated);
	hwloc_bitmap_free(facts->allowed);
	*facts = (struct facts){0};
}
