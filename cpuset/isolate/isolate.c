/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/error.h"
#include "cpuset/isolate/isolate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpuset/isolate/journal.h"
#include "cpuset/isolate/settings.h"
#include "cpuset/sysfile.h"

struct isolation {
	char root[PATH_MAX / 2];
	struct journal *journal;
	FILE *log;
	int latency_fd;
};

static int default_folder(const char *root, struct error *why)
{
	char path[PATH_MAX];
	struct stat st;
	int err = sysfile_join(path, root, "/run/bpftoll");

	if (!err && mkdir(path, 0755) < 0 && errno != EEXIST)
		err = -errno;
	if (err)
		return error_set(why, err, "%s cannot be made: %s%s", path, strerror(-err),
				 err == -EACCES ? " (--isolate needs root)" : "");
	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode) ||
	    (st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return error_set(why, -EPERM, "%s is not a folder that only its owner can write",
				 path);
	return 0;
}

static int journal_place(const char *root, const char *journal, char path[PATH_MAX])
{
	return journal ? sysfile_join(path, journal, "")
		       : sysfile_join(path, root, "/run/bpftoll/isolate.journal");
}

/* A journal exists already: says whose it is. */
static void explain_busy(const char *root, const char *path, struct error *why)
{
	struct error damage;
	struct journal *found = NULL;
	int err = journal_load(path, &found, &damage);

	if (err)
		error_say(why, "an earlier run left a journal: %s", damage.text);
	else if (owner_state(root, journal_owner(found)) == OWNER_RUNNING)
		error_say(
			why,
			"another bpftoll (pid %d) isolates CPUs just now: wait for it, or stop it",
			journal_owner(found)->pid);
	else
		error_say(why,
			  "an earlier run was killed and its settings are still in place (%s): run "
			  "`bpftoll restore` first",
			  path);
	journal_close(found);
}

/*
 * Limits the latency of all CPUs, for kernels without a limit per CPU, where no reader has to be
 * woken. The kernel drops the request when the descriptor is closed, so there is nothing to put
 * back. -1 when it is not needed or not available.
 */
static int hold_latency(const struct settings_scene *scene)
{
	static const int32_t zero_us;
	char limit[SYSFILE_MAX];
	char file[128];
	char path[PATH_MAX];
	int fd;

	snprintf(file, sizeof(file), "/sys/devices/system/cpu/cpu%d/power/pm_qos_resume_latency_us",
		 scene->measure_cpu);
	if (sysfile_read(scene->root, file, limit) == 0 ||
	    sysfile_join(path, scene->root, "/dev/cpu_dma_latency"))
		return -1;
	if (scene->reader_cpu >= 0) {
		fprintf(scene->log,
			"C-states: left as they are: %s would keep the reader CPU awake as well\n",
			path);
		return -1;
	}
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, &zero_us, sizeof(zero_us)) == (ssize_t)sizeof(zero_us)) {
		fprintf(scene->log, "C-states: all CPUs poll while idle (%s)\n", path);
		return fd;
	}
	fprintf(scene->log, "C-states: %s cannot be set: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Restores from the last entry to the first. Tries all of them; returns the first -errno. */
static int restore_all(const struct settings_scene *scene, const struct journal *journal,
		       size_t *restored)
{
	int err = 0;

	*restored = 0;
	for (size_t i = journal_count(journal); i-- > 0;) {
		bool changed;
		int one = settings_restore(scene, journal_entry_at(journal, i), &changed);

		*restored += changed;
		if (one && !err)
			err = one;
	}
	return err;
}

int isolation_open(const char *root, const char *journal, int measure_cpu, int reader_cpu,
		   FILE *log, struct isolation **out, struct error *why)
{
	struct isolation *iso = NULL;
	char path[PATH_MAX];
	struct settings_scene scene;
	int err = journal_place(root, journal, path);

	if (err || strlen(root) >= PATH_MAX / 2 || measure_cpu < 0)
		return error_set(why, -EINVAL, "there is no CPU to isolate, or a path is too long");
	if (!journal)
		err = default_folder(root, why);
	if (err)
		return err;
	iso = calloc(1, sizeof(*iso));
	if (!iso)
		return error_set(why, -ENOMEM, "no memory");
	iso->latency_fd = -1;
	iso->log = log ? log : stderr;
	snprintf(iso->root, sizeof(iso->root), "%s", root);
	err = journal_create(root, path, &iso->journal, why);
	if (err == -EEXIST) {
		explain_busy(root, path, why);
		err = -EBUSY;
	}
	if (err)
		goto out;
	scene = (struct settings_scene){iso->root, measure_cpu, reader_cpu, iso->journal, iso->log};
	iso->latency_fd = hold_latency(&scene);
	err = settings_apply(&scene, why);
out:
	if (err) {
		isolation_close(iso);
		return err;
	}
	*out = iso;
	return 0;
}

int isolation_close(struct isolation *iso)
{
	int err = 0;

	if (!iso)
		return 0;
	if (iso->journal) {
		struct settings_scene scene = {iso->root, -1, -1, NULL, iso->log};
		size_t restored;

		err = restore_all(&scene, iso->journal, &restored);
		if (!err)
			err = journal_remove(iso->journal);
		if (err)
			fprintf(iso->log, "%s is kept: `bpftoll restore` tries again\n",
				journal_path(iso->journal));
	}
	if (iso->latency_fd >= 0)
		close(iso->latency_fd);
	journal_close(iso->journal);
	free(iso);
	return err;
}

/* Checks every entry before it writes anything. */
static int check_all(const struct settings_scene *scene, const struct journal *journal,
		     struct error *why)
{
	struct error fault;

	for (size_t i = 0; i < journal_count(journal); i++) {
		int err = settings_check(scene, journal_entry_at(journal, i), &fault);

		if (err)
			return error_set(why, err,
					 "%s: %s; nothing was put back: look at the file, put back "
					 "by hand what it names, and delete it",
					 journal_path(journal), fault.text);
	}
	return 0;
}

int isolation_recover(const char *root, const char *journal, FILE *log, size_t *restored,
		      struct error *why)
{
	struct settings_scene scene = {root, -1, -1, NULL, log ? log : stderr};
	struct journal *found = NULL;
	char path[PATH_MAX];
	int err = journal_place(root, journal, path);

	*restored = 0;
	if (err)
		return error_set(why, err, "the journal's path is too long");
	err = journal_load(path, &found, why);
	if (err == -ENOENT)
		return 0;
	if (err)
		return err;
	switch (owner_state(root, journal_owner(found))) {
	case OWNER_RUNNING:
		err = error_set(
			why, -EBUSY,
			"bpftoll (pid %d) is still running and puts its settings back itself",
			journal_owner(found)->pid);
		goto out;
	case OWNER_EARLIER_BOOT:
		fprintf(scene.log, "%s is from before the last boot, which reset all of it\n",
			path);
		break;
	case OWNER_DEAD:
		err = check_all(&scene, found, why);
		if (err)
			goto out;
		err = restore_all(&scene, found, restored);
		if (err) {
			error_say(why,
				  "not all could be put back (%s), so %s is kept: correct that and "
				  "try again, or delete it",
				  strerror(-err), path);
			goto out;
		}
		break;
	}
	err = journal_remove(found);
	if (err)
		error_say(why, "%s cannot be deleted: %s", path, strerror(-err));
out:
	journal_close(found);
	return err;
}
