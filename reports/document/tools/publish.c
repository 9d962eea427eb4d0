/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/path.h"
#include "reports/document/tools/publish.h"
#include "reports/user/caller.h"

#define PICTURES      "pictures"
#define FOLDER	      (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define CHUNK	      (1U << 20)
#define ATTEMPTS_MOST 16

/* A new file in the folder, of a name that was not there. */
static int open_new(int folder, char *name, size_t len)
{
	for (int i = 0; i < ATTEMPTS_MOST; i++) {
		uint64_t random;
		int fd;

		if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
			return -errno;
		path_put(name, len, ".bpftoll-%016llx", (unsigned long long)random);
		fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0644);
		if (fd >= 0)
			caller_own(fd);
		if (fd >= 0 || errno != EEXIST)
			return fd >= 0 ? fd : -errno;
	}
	return -EEXIST;
}

static int copy_bytes(int from, int to)
{
	ssize_t n;

	do
		n = sendfile(to, from, NULL, CHUNK);
	while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

static int copy_file(int from, int to, const char *name)
{
	int in = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), out, err;
	char fresh[32];

	if (in < 0)
		return -errno;
	out = err = open_new(to, fresh, sizeof(fresh));
	if (out >= 0) {
		err = copy_bytes(in, out);
		if (close(out) && !err)
			err = -errno;
		if (!err && renameat(to, fresh, to, name))
			err = -errno;
		if (err)
			unlinkat(to, fresh, 0);
	}
	close(in);
	return err;
}

static bool is_file(int folder, const char *name)
{
	struct stat st;

	return !fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode);
}

/* name: of what failed. from is closed. */
static int copy_files(int from, int to, const char *but, char *name, size_t len)
{
	DIR *folder = fdopendir(from);
	const struct dirent *entry;
	int err = 0;

	if (!folder) {
		err = -errno;
		close(from);
		return err;
	}
	while (!err && (entry = readdir(folder))) {
		if (*entry->d_name == '.' || !strcmp(entry->d_name, but) ||
		    !is_file(from, entry->d_name))
			continue;
		err = copy_file(from, to, entry->d_name);
		if (err)
			path_put(name, len, "%s", entry->d_name);
	}
	closedir(folder);
	return err;
}

static int copy_pictures(int from, int to, char *name, size_t len)
{
	int pictures = openat(from, PICTURES, FOLDER | O_NOFOLLOW), there, err;

	if (pictures < 0)
		return 0;
	path_put(name, len, PICTURES);
	err = caller_mkdirat(to, PICTURES, 0755);
	if (err == -EEXIST)
		err = 0;
	there = err ? -1 : openat(to, PICTURES, FOLDER | O_NOFOLLOW);
	if (!err && there < 0)
		err = -errno;
	if (err)
		close(pictures);
	else
		err = copy_files(pictures, there, "", name, len);
	if (there >= 0)
		close(there);
	return err;
}

int publish(const char *from, int to, const char *last, struct error *why)
{
	int source = open(from, FOLDER | O_NOFOLLOW), all, err = 0;
	char name[NAME_MAX + 1] = "";

	if (source < 0)
		return error_set(why, -errno, "%s: %s", from, strerror(errno));
	err = copy_pictures(source, to, name, sizeof(name));
	all = err ? -1 : openat(source, ".", FOLDER);
	if (!err)
		err = all < 0 ? -errno : copy_files(all, to, last, name, sizeof(name));
	if (!err) {
		path_put(name, sizeof(name), "%s", last);
		err = copy_file(source, to, last);
	}
	close(source);
	if (err == -ENOTDIR || err == -ELOOP)
		error_say(why, "%s: not a folder of its own (links are not followed)", name);
	else if (err)
		error_say(why, "%s: %s", name, strerror(-err));
	return err;
}
