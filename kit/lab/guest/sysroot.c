/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/lab/kernels/cache.h"
#include "kit/system/guard.h"
#include "kit/system/scratch.h"
#include "kit/system/process.h"
#include "kit/lab/guest/sysroot.h"

/* The packages that the Makefile requires for building, and those that a guest needs. */
/* Changes with the list of packages, here and in the Makefile: an older sysroot lacks some. */
#define SYSROOT_NUMBER "3"

static const char *const packages[] = {
	"libc6-dev",   "libbpf-dev",	 "libelf-dev",	  "zlib1g-dev",
	"libpfm4-dev", "libhwloc-dev",	 "libgsl-dev",	  "libjansson-dev",
	"libyajl-dev", "libsqlite3-dev", "libcmocka-dev", "busybox-static",
	NULL};

/*
 * Of their dependencies, only libraries and headers: the others are programs for the packages'
 * scripts.
 */
static bool is_wanted(const char *file)
{
	const char *name = strrchr(file, '/');

	name = name ? name + 1 : file;
	return (!strncmp(name, "lib", 3) && strncmp(name, "libperl", 7) != 0) ||
	       !strncmp(name, "zlib1g", 6) || !strncmp(name, "linux-libc-dev", 14) ||
	       !strncmp(name, "busybox-static", 14);
}

/*
 * This machine's Debian suite, which its cross compiler comes from. Empty: not one of those that
 * are fetched.
 */
static void own_suite(char *codename, size_t len)
{
	FILE *file = fopen("/etc/os-release", "re");
	char line[64];

	*codename = '\0';
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "VERSION_CODENAME=", 17)) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(codename, len, "%s", line + 17);
		}
	if (file)
		fclose(file);
	if (!apt_has_suite(codename))
		*codename = '\0';
}

static int unpack_all(const char *from, const char *to, struct error *why)
{
	char pattern[PATH_MAX + 64];
	glob_t found = {0};
	int err = 0;

	path_put(pattern, sizeof(pattern), "%s/*.deb", from);
	if (glob(pattern, 0, NULL, &found))
		err = error_set(why, -EIO, "apt-get downloaded no package");
	for (size_t i = 0; i < found.gl_pathc && !err; i++) {
		char *argv[] = {"dpkg-deb", "-x", found.gl_pathv[i], (char *)to, NULL};

		if (is_wanted(found.gl_pathv[i]))
			err = process_run(argv, NULL, NULL, why);
	}
	globfree(&found);
	return err;
}

/* A link to "/lib/x" means a path in the system's root; makes it one in this sysroot. */
static int relink(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	char target[PATH_MAX], relative[PATH_MAX];
	size_t used = 0;
	ssize_t len;

	(void)st;
	if (kind != FTW_SL && kind != FTW_SLN)
		return 0;
	len = readlink(path, target, sizeof(target) - 1);
	if (len <= 0 || target[0] != '/')
		return 0;
	target[len] = '\0';
	for (int i = 1; i < at->level; i++)
		used += (size_t)snprintf(relative + used, sizeof(relative) - used, "../");
	snprintf(relative + used, sizeof(relative) - used, "%s", target + 1);
	return unlink(path) || symlink(relative, path) ? -1 : 0;
}

static int build(const struct apt *apt, const char *cache, const char *folder, struct error *why)
{
	char stage[PATH_MAX], debs[PATH_MAX + 16], root[PATH_MAX + 16], suite[64];
	struct guard *guard;
	int err = guard_folder_in(cache, stage, sizeof(stage), &guard, why);

	if (err)
		return err;
	path_put(debs, sizeof(debs), "%s/debs", stage);
	path_put(root, sizeof(root), "%s/root", stage);
	own_suite(suite, sizeof(suite));
	if (mkdir(debs, 0700) || mkdir(root, 0755)) {
		err = -errno;
		error_say(why, "%s: %s", stage, strerror(-err));
	}
	if (!err)
		err = apt_download_all(apt, suite, packages, debs, why);
	if (!err)
		err = unpack_all(debs, root, why);
	if (!err && (nftw(root, relink, 16, FTW_PHYS) || rename(root, folder))) {
		err = -errno;
		error_say(why, "%s: %s", folder, strerror(-err));
	}
	guard_stop(guard, 0, 0);
	return err;
}

/* Its path, whether it exists or not. */
static int place(const struct machine *machine, char *cache, char *path, size_t len,
		 struct error *why)
{
	int err = cache_dir(cache, PATH_MAX, why);

	if (!err && path_put(path, len, "%s/sysroot/%s." SYSROOT_NUMBER, cache, machine->arch))
		err = -ENAMETOOLONG;
	return err;
}

int sysroot_make(const struct machine *machine, bool refresh, char *path, size_t len,
		 struct error *why)
{
	char cache[PATH_MAX], parent[PATH_MAX + 16];
	struct error update_why = {0};
	struct apt apt;
	int err = place(machine, cache, path, len, why), lock;

	if (err)
		return err;
	lock = cache_lock(cache, why);
	if (lock < 0)
		return lock;
	if (refresh || access(path, F_OK)) {
		path_put(parent, sizeof(parent), "%s/sysroot", cache);
		mkdir(parent, 0700);
		err = cache_lists(cache, machine, refresh, &apt, &update_why);
		if (err)
			error_say(why, "%s", update_why.text);
		else
			fprintf(stderr, "lab: fetching Debian's %s libraries (into %s)\n",
				machine->debian, path);
		if (!err && refresh)
			scratch_remove(path);
		if (!err)
			err = build(&apt, cache, path, why);
	}
	close(lock);
	return err;
}

int sysroot_find(const struct machine *machine, char *path, size_t len, struct error *why)
{
	char cache[PATH_MAX];
	int err;

	*path = '\0';
	if (machine_is_own(machine))
		return 0;
	err = place(machine, cache, path, len, why);
	if (!err && access(path, F_OK)) {
		err = -ENOENT;
		error_say(why, "no %s libraries in %s: bpftoll lab --arch %s --sysroot",
			  machine->debian, path, machine->arch);
	}
	return err;
}
