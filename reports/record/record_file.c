/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/path.h"
#include "reports/record/open_regular.h"
#include "reports/record/record.h"
#include "reports/record/write_all.h"
#include "reports/user/caller.h"
#include "reports/record/text_stream.h"

/* 15 digits survive any decimal a person typed; more only prints binary noise
 * (0.10000000000000001). */
#define REAL_DIGITS 15

/* The directory's own entry must reach the disk too, or a power cut brings the old name back. */
static int sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	/* EINVAL: a file system that has no fsync for directories. */
	if (fsync(fd) && errno != EINVAL)
		err = -errno;
	close(fd);
	return err;
}

/* Writes text to a new file of that name, all of it on the disk before it is closed. */
static int write_new(const char *name, const char *text, size_t len)
{
	/* Unlinked first: a crashed run with our pid may have left one, and no link is followed. */
	int err, fd;

	unlink(name);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	caller_own(fd);
	err = write_all(fd, text, len);
	if (!err && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlink(name);
	return err;
}

int record_write(const struct record *rec, const char *dir, struct error *why)
{
	char *name = NULL, *temporary = NULL, *text = NULL;
	json_t *json = NULL;
	int err = -ENOMEM;

	if (asprintf(&name, "%s/record.json", dir) < 0)
		name = NULL;
	if (asprintf(&temporary, "%s/.record.json.%ld", dir, (long)getpid()) < 0)
		temporary = NULL;
	json = record_to_json(rec);
	if (json && out_of_memory())
		json_array_append_new(json_object_get(json, "degraded"),
				      json_string("memory ran out while this was measured or made: "
						  "rows, figures or warnings may be missing"));
	if (json)
		text = json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(REAL_DIGITS));
	if (!name || !temporary || !text) {
		error_say(why, "%s/record.json: out of memory", dir);
		goto out;
	}
	err = write_new(temporary, text, strlen(text));
	if (!err && rename(temporary, name)) {
		err = -errno;
		unlink(temporary);
	}
	if (err) {
		error_say(why, "%s: cannot write: %s; what was there before is unchanged", name,
			  strerror(-err));
		goto out;
	}
	err = sync_dir(dir);
	if (err)
		error_say(why, "%s: cannot sync: %s", dir, strerror(-err));
out:
	json_decref(json);
	free(text);
	free(temporary);
	free(name);
	return err;
}

/* The whole of the file; *out is malloc'ed. */
static int read_file(int fd, const char *name, char **out, size_t *len, struct error *why)
{
	struct stat st;
	size_t have = 0;
	ssize_t n = 1;
	char *text;

	if (fstat(fd, &st))
		return error_set(why, -errno, "%s: %s", name, strerror(errno));
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return error_set(why, -ENOMEM, "%s: out of memory", name);
	while (have < (size_t)st.st_size && n > 0) {
		n = read(fd, text + have, (size_t)st.st_size - have);
		if (n > 0)
			have += (size_t)n;
		else if (n < 0 && errno == EINTR)
			n = 1;
	}
	if (n < 0) {
		int err = error_set(why, -errno, "%s: %s", name, strerror(errno));

		free(text);
		return err;
	}
	*out = text;
	*len = have;
	return 0;
}

static bool holds(int dir, const char *folder, const char *name)
{
	char path[NAME_MAX + 32];
	struct stat st;

	return !path_put(path, sizeof(path), "%s/%s", folder, name) &&
	       fstatat(dir, path, &st, 0) == 0;
}

/* A folder that is no record's may be another thing that bpftoll has written. */
static void explain_missing(const char *path, struct error *why)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	char first[NAME_MAX + 1] = "";
	size_t records = 0, xrays = 0;

	if (!dir)
		return;
	if (holds(dirfd(dir), ".", "campaign.json"))
		error_say(why,
			  "%s is a campaign of many runs: bpftoll verdict --fleet %s judges them, "
			  "bpftoll fleet status %s names them",
			  path, path, path);
	if (holds(dirfd(dir), ".", "xray.json"))
		error_say(
			why,
			"%s is an X-ray, no record: its table is table.txt there; bpftoll export "
			"--folded prints its call stacks, bpftoll report -o REPORT RUN --lab puts "
			"it into a report",
			path);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		xrays += holds(dirfd(dir), entry->d_name, "xray.json");
		if (!holds(dirfd(dir), entry->d_name, "record.json"))
			continue;
		if (!records++ || strcmp(entry->d_name, first) < 0)
			snprintf(first, sizeof(first), "%s", entry->d_name);
	}
	if (xrays && !records)
		error_say(why,
			  "%s holds %zu X-ray%s and no record: bpftoll report -o REPORT RUN --lab "
			  "puts one into a report",
			  path, xrays, xrays == 1 ? "" : "s");
	if (records)
		error_say(why, "%s holds %zu record%s and is none itself: give one of them, %s/%s",
			  path, records, records == 1 ? "" : "s", path, first);
	closedir(dir);
}

int record_read(const char *path, struct record **out, struct error *why)
{
	char *name = NULL, *text = NULL;
	struct stat st;
	size_t len = 0;
	int fd = -1, err;

	*out = NULL;
	if (asprintf(&name, stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? "%s/record.json" : "%s",
		     path) < 0)
		return error_set(why, -ENOMEM, "%s: out of memory", path);
	err = fd = open_regular(name, 0, RECORD_MAX_BYTES, why);
	if (fd < 0) {
		if (err == -ENOENT)
			explain_missing(path, why);
		goto out;
	}
	err = read_file(fd, name, &text, &len, why);
	if (!err)
		err = record_parse(text, len, name, out, why);
out:
	if (fd >= 0)
		close(fd);
	free(text);
	free(name);
	return err;
}

bool record_is_lost(const char *name)
{
	const char *ending = strstr(name, RECORD_LOST);
	size_t digits = ending ? strspn(ending + strlen(RECORD_LOST), "0123456789") : 0;

	return digits && !ending[strlen(RECORD_LOST) + digits];
}

bool record_is_orphan(const char *dir)
{
	char path[PATH_MAX];
	struct error ignored;
	bool gone;
	int fd;

	if (path_put(path, sizeof(path), "%s/" RECORD_LOG, dir))
		return false;
	fd = open_regular(path, O_NOFOLLOW, SIZE_MAX, &ignored);
	if (fd < 0)
		return false;
	/* its run holds the lock */
	gone = !flock(fd, LOCK_SH | LOCK_NB);
	close(fd);
	return gone;
}
