/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpuset/isolate/partition.h"

#include <ctype.h>
#include <errno.h>
#include <mntent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpuset/facts.h"
#include "cpuset/sysfile.h"

/* Long enough for a mount's path with a cgroup's path below it. */
enum { GROUP_PATH = 1024 };

#define note(scene, ...) scene_note(scene, PARTITION_GROUP ": " __VA_ARGS__)

/* ---- finding the cgroup ---- */

int partition_find_mount(FILE *mounts, char *mount, size_t mount_len)
{
	char text[4 * PATH_MAX];
	struct mntent entry;

	while (getmntent_r(mounts, &entry, text, sizeof(text)))
		if (strcmp(entry.mnt_type, "cgroup2") == 0)
			return snprintf(mount, mount_len, "%s", entry.mnt_dir) < (int)mount_len
				       ? 0
				       : -ENAMETOOLONG;
	return -ENOENT;
}

static int find_mount(const char *root, char mount[GROUP_PATH])
{
	char path[PATH_MAX];
	FILE *mounts;
	int err = sysfile_join(path, root, "/proc/self/mounts");

	if (err)
		return err;
	mounts = fopen(path, "re");
	if (!mounts)
		return -errno;
	err = partition_find_mount(mounts, mount, GROUP_PATH);
	fclose(mounts);
	return err;
}

/* The cgroup-v2 line of /proc/self/cgroup: "0::/user.slice". "/" when there is none. */
static void own_group(const char *root, char group[GROUP_PATH])
{
	char text[SYSFILE_MAX];
	char *rest = text;
	char *line;

	snprintf(group, GROUP_PATH, "/");
	if (sysfile_read(root, "/proc/self/cgroup", text))
		return;
	while ((line = strsep(&rest, "\n"))) {
		if (strncmp(line, "0::/", 4) == 0 && strlen(line + 3) < GROUP_PATH)
			snprintf(group, GROUP_PATH, "%s", line + 3);
	}
}

/* Is the path absolute and without ".."? */
static bool is_group(const char *group)
{
	const char *at = group;

	if (*at != '/' || strlen(group) >= GROUP_PATH)
		return false;
	for (; *at; at++) {
		if (iscntrl((unsigned char)*at))
			return false;
		if (strncmp(at, "/..", 3) == 0 && (at[3] == '/' || !at[3]))
			return false;
	}
	return true;
}

bool partition_knows(const char *root, const struct journal_entry *entry)
{
	char mount[GROUP_PATH];
	char path[PATH_MAX];

	if (find_mount(root, mount))
		return false;
	if (strcmp(entry->name, PARTITION_CONTROLLER) == 0) {
		return sysfile_join(path, mount, "/cgroup.subtree_control") == 0 &&
		       strcmp(entry->path, path) == 0 && !*entry->before;
	}
	return sysfile_join(path, mount, "/bpftoll") == 0 &&
	       strcmp(entry->name, PARTITION_GROUP) == 0 && strcmp(entry->path, path) == 0 &&
	       is_group(entry->before);
}

/* ---- files of a cgroup ---- */

static int write_below(const char *root, const char *group, const char *name, const char *value)
{
	char path[PATH_MAX];
	int err = sysfile_join(path, group, name);

	return err ? err : sysfile_write(root, path, value);
}

/* Is the word in the file's list of words? -errno when it cannot be read. */
static int has_word(const char *root, const char *group, const char *name, const char *word)
{
	char path[PATH_MAX];
	char text[SYSFILE_MAX];
	char *rest = text;
	char *item;
	int err = sysfile_join(path, group, name);

	if (!err)
		err = sysfile_read(root, path, text);
	if (err)
		return err;
	while ((item = strsep(&rest, " \n"))) {
		if (strcmp(item, word) == 0)
			return 1;
	}
	return 0;
}

static int move_group(const char *root, const char *from, const char *to)
{
	char file[PATH_MAX];
	char full[PATH_MAX];
	char line[32];
	FILE *procs;
	int err = sysfile_join(file, from, "/cgroup.procs");

	if (!err)
		err = sysfile_join(full, root, file);
	if (err)
		return err;
	procs = fopen(full, "re");
	if (!procs)
		return errno == ENOENT ? 0 : -errno;
	while (fgets(line, sizeof(line), procs)) {
		int moved;

		line[strcspn(line, "\n")] = '\0';
		moved = write_below(root, to, "/cgroup.procs", line);
		/* ESRCH: the process has ended */
		if (moved && moved != -ESRCH && !err)
			err = moved;
	}
	fclose(procs);
	return err;
}

/* ---- making the partition ---- */

/*
 * Makes the parent offer the cpuset controller to its children. 1: it does; 0: it cannot, and the
 * log says why; else the journal's -errno.
 */
static int hand_down(const struct settings_scene *scene, const char *mount)
{
	char path[PATH_MAX];
	int has = has_word(scene->root, mount, "/cgroup.controllers", "cpuset");
	int err;

	if (has < 0) {
		note(scene, "%s/cgroup.controllers cannot be read: %s", mount, strerror(-has));
		return 0;
	}
	if (!has) {
		note(scene, "no cpuset controller at %s (a cgroup v1 hierarchy may hold it)",
		     mount);
		return 0;
	}
	has = has_word(scene->root, mount, "/cgroup.subtree_control", "cpuset");
	if (has > 0)
		return 1;
	err = sysfile_join(path, mount, "/cgroup.subtree_control");
	if (!err)
		err = journal_append(scene->journal, PARTITION_CONTROLLER, path, "", "cpuset");
	if (err)
		return err;
	err = sysfile_write(scene->root, path, "+cpuset");
	if (err) {
		note(scene, "%s does not take +cpuset: %s", path, strerror(-err));
		return 0;
	}
	return 1;
}

/*
 * Linux has "isolated" since 6.1; before, "root" reserves the CPUs too, but balances load between
 * them.
 */
static int make_partition(const struct settings_scene *scene, const char *group)
{
	char path[PATH_MAX];
	char cpus[64];
	char now[SYSFILE_MAX];
	int err;

	if (scene->reader_cpu >= 0)
		snprintf(cpus, sizeof(cpus), "%d,%d", scene->measure_cpu, scene->reader_cpu);
	else
		snprintf(cpus, sizeof(cpus), "%d", scene->measure_cpu);
	err = write_below(scene->root, group, "/cpuset.cpus", cpus);
	if (err) {
		note(scene, "%s/cpuset.cpus does not take %s: %s", group, cpus, strerror(-err));
		return err;
	}
	err = write_below(scene->root, group, "/cpuset.cpus.partition", "isolated");
	if (err == -EINVAL)
		err = write_below(scene->root, group, "/cpuset.cpus.partition", "root");
	if (!err)
		err = sysfile_join(path, group, "/cpuset.cpus.partition");
	if (!err)
		err = sysfile_read(scene->root, path, now);
	if (err) {
		note(scene, "%s/cpuset.cpus.partition cannot be set: %s", group, strerror(-err));
		return err;
	}
	/* The kernel accepts the word, and adds the reason when the partition is invalid. */
	if (strcmp(now, "isolated") != 0 && strcmp(now, "root") != 0) {
		note(scene, "CPUs %s cannot be a partition: %s", cpus, now);
		return -EINVAL;
	}
	note(scene, "CPUs %s are %s", cpus,
	     strcmp(now, "root") == 0 ? "a partition, but not isolated: before Linux 6.1"
				      : "isolated");
	return 0;
}

static int undo_group(const char *root, const char *group, const char *home)
{
	char full[PATH_MAX];
	int err = sysfile_join(full, root, group);

	if (err)
		return err;
	/* Repeats, since a process may fork while the others are moved. */
	for (int pass = 0; pass < 16; pass++) {
		err = move_group(root, group, home);
		if (rmdir(full) == 0 || errno == ENOENT)
			return 0;
		if (!err)
			err = -errno;
		if (errno != EBUSY)
			break;
	}
	return err;
}

/*
 * Turns the new, empty group into a partition and moves this process in; removes the group if that
 * fails.
 */
static void fill_group(const struct settings_scene *scene, const char *group, const char *home)
{
	char pid[32];
	int err = make_partition(scene, group);

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	if (!err) {
		err = write_below(scene->root, group, "/cgroup.procs", pid);
		if (err)
			note(scene, "%s does not take this process: %s", group, strerror(-err));
	}
	if (!err)
		return;
	err = undo_group(scene->root, group, home);
	if (err)
		note(scene, "%s cannot be removed: %s", group, strerror(-err));
}

/*
 * Is the partition of use, and is a CPU left for everyone else? A partition of all CPUs that
 * isolcpus left over makes Linux 6.1 oops in partition_sched_domains_locked.
 */
static bool is_sensible(const struct settings_scene *scene)
{
	hwloc_bitmap_t rest = hwloc_bitmap_alloc();
	hwloc_bitmap_t isolated = hwloc_bitmap_alloc();
	struct error why = {"no memory"};
	bool sensible = false;

	if (!rest || !isolated || facts_read_list(scene->root, "online", rest, &why) ||
	    facts_read_list(scene->root, "isolated", isolated, &why) ||
	    hwloc_bitmap_andnot(rest, rest, isolated) < 0) {
		note(scene, "%s", why.text);
		goto out;
	}
	hwloc_bitmap_clr(rest, (unsigned int)scene->measure_cpu);
	if (scene->reader_cpu >= 0)
		hwloc_bitmap_clr(rest, (unsigned int)scene->reader_cpu);
	if (hwloc_bitmap_isset(isolated, (unsigned int)scene->measure_cpu))
		note(scene, "CPU %d is isolated already", scene->measure_cpu);
	else if (hwloc_bitmap_iszero(rest))
		note(scene, "not made, no CPU would be left for the rest of the system");
	else
		sensible = true;
out:
	hwloc_bitmap_free(isolated);
	hwloc_bitmap_free(rest);
	return sensible;
}

int partition_set(const struct settings_scene *scene)
{
	char mount[GROUP_PATH];
	char own[GROUP_PATH];
	char group[PATH_MAX];
	char home[PATH_MAX];
	char full[PATH_MAX];
	int err = find_mount(scene->root, mount);

	if (err) {
		note(scene, "no cgroup v2 here: %s",
		     err == -ENOENT ? "it is not mounted" : strerror(-err));
		return 0;
	}
	own_group(scene->root, own);
	if (sysfile_join(group, mount, "/bpftoll") || sysfile_join(home, mount, own) ||
	    sysfile_join(full, scene->root, group)) {
		note(scene, "%s is too long a path", mount);
		return 0;
	}
	if (!is_sensible(scene))
		return 0;
	err = hand_down(scene, mount);
	if (err <= 0)
		return err;
	if (access(full, F_OK) == 0) {
		note(scene, "%s is there already, left alone: `rmdir %s` if nothing uses it", group,
		     group);
		return 0;
	}
	err = journal_append(scene->journal, PARTITION_GROUP, group, own, "isolated");
	if (err)
		return err;
	if (mkdir(full, 0755) < 0)
		note(scene, "%s cannot be made: %s", group, strerror(errno));
	else
		fill_group(scene, group, home);
	return 0;
}

/* ---- restoring ---- */

static int restore_controller(const struct settings_scene *scene, const char *mount,
			      const char *control, bool *changed)
{
	int has = has_word(scene->root, mount, "/cgroup.subtree_control", "cpuset");
	int err;

	if (has == 0 || has == -ENOENT)
		return 0;
	err = has < 0 ? has : sysfile_write(scene->root, control, "-cpuset");
	if (err)
		note(scene, "%s does not take -cpuset: %s", control, strerror(-err));
	*changed = !err;
	return err;
}

int partition_restore(const struct settings_scene *scene, const struct journal_entry *entry,
		      bool *changed)
{
	char mount[PATH_MAX];
	char home[PATH_MAX];
	char full[PATH_MAX];
	char *slash;
	int err = sysfile_join(mount, entry->path, "");

	*changed = false;
	slash = err ? NULL : strrchr(mount, '/');
	if (!slash)
		return -EBADMSG;
	*slash = '\0';
	if (strcmp(entry->name, PARTITION_CONTROLLER) == 0)
		return restore_controller(scene, mount, entry->path, changed);
	err = sysfile_join(full, scene->root, entry->path);
	if (!err)
		err = sysfile_join(home, mount, entry->before);
	if (err)
		return err;
	if (access(full, F_OK) < 0 && errno == ENOENT)
		return 0;
	/*
	 * The cgroup that the process came from may be gone; the root cgroup takes every process.
	 */
	err = undo_group(scene->root, entry->path, home);
	if (err)
		err = undo_group(scene->root, entry->path, mount);
	if (err)
		note(scene, "%s cannot be removed: %s", entry->path, strerror(-err));
	*changed = !err;
	return err;
}
