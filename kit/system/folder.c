/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/system/folder.h"
#include "reports/user/caller.h"

#define RUNS "reports/runs"

/* EEXIST does not say whether it is a folder */
static int make_one(const char *path, mode_t mode)
{
	struct stat st;

	int err = caller_mkdirat(AT_FDCWD, path, mode);

	if (err != -EEXIST)
		return err;
	return !stat(path, &st) && S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int folder_make(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	int err = 0;

	if (!len)
		return -ENOENT;
	if (len >= sizeof(part))
		return -ENAMETOOLONG;
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len && !err; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		err = make_one(part, mode);
		part[i] = i < len ? '/' : '\0';
	}
	return err;
}

int folder_make_run(const char *tail, char *dir, size_t len, struct error *why)
{
	time_t now = time(NULL);
	char stamp[32];
	struct tm tm;
	int err;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
	err = path_put(dir, len, RUNS "/%s%s", stamp, tail);
	if (!err)
		err = folder_make(RUNS, 0755);
	for (int i = 2; !err && (err = caller_mkdirat(AT_FDCWD, dir, 0755)) == -EEXIST && i <= 99;
	     i++)
		err = path_put(dir, len, RUNS "/%s%s-%d", stamp, tail, i);
	if (err)
		error_say(why, RUNS "/%s%s: %s", stamp, tail, strerror(-err));
	return err;
}

int folder_for_record(const char *path, char *dir, size_t len, struct error *why)
{
	char record[PATH_MAX + 16], samples[PATH_MAX + 16];
	int err;

	if (!path)
		return folder_make_run("", dir, len, why);
	err = path_put(dir, len, "%s", path);
	if (!err)
		err = folder_make(path, 0755);
	if (err)
		return error_set(why, err, "%s: %s", path, strerror(-err));
	path_put(record, sizeof(record), "%s/record.json", path);
	path_put(samples, sizeof(samples), "%s/samples", path);
	if (access(record, F_OK) && access(samples, F_OK))
		return 0;
	return error_set(why, -EEXIST,
			 "%s: there is a record already, or a part of one; name another folder",
			 path);
}
