/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/lab/kernels/fetch.h"
#include "kit/lab/kernels/kimage.h"
#include "kit/system/guard.h"
#include "kit/system/process.h"

/* The only file that fits; false: none, or more than one. */
static bool only_one(const char *pattern, char *path, size_t len)
{
	glob_t found;
	bool one = false;

	if (!glob(pattern, GLOB_NOSORT, NULL, &found)) {
		one = found.gl_pathc == 1;
		path_put(path, len, "%s", found.gl_pathv[0]);
	}
	globfree(&found);
	return one;
}

static int unpack(const char *package_file, const char *to, struct error *why)
{
	char tar_path[PATH_MAX];
	struct error ignored;
	char *list[] = {"dpkg-deb", "--fsys-tarfile", (char *)package_file, NULL};
	/* unpack only the image and the build configuration: the modules are most of the package */
	struct words image = {0}, config = {0};
	int fd, err;

	path_put(tar_path, sizeof(tar_path), "%s/data.tar", to);
	fd = open(tar_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(why, -errno, "%s: %s", tar_path, strerror(errno));
	err = process_run_to(list, fd, why);
	close(fd);
	if (!err) {
		/* a package has either of them or none; the caller checks */
		words_add(&image, "tar", "-x", "-f", tar_path, "-C", to, "--wildcards",
			  "*/vmlinuz*", NULL);
		words_add(&config, "tar", "-x", "-f", tar_path, "-C", to, "--wildcards",
			  "./boot/config-*", "*/modules/*/config", NULL);
		process_run(image.argv, NULL, NULL, &ignored);
		process_run(config.argv, NULL, NULL, &ignored);
	}
	unlink(tar_path);
	return err;
}

static int get(const struct apt *apt, const char *package, const char *version, const char *stage,
	       struct error *why)
{
	char pattern[PATH_MAX + 16], file[PATH_MAX];
	int err;

	err = apt_download(apt, package, version, stage, why);
	if (err)
		return err;
	path_put(pattern, sizeof(pattern), "%s/*.deb", stage);
	if (!only_one(pattern, file, sizeof(file)))
		return error_set(why, -EIO, "apt-get download left no package");
	err = unpack(file, stage, why);
	unlink(file);
	return err;
}

static bool find_in(const char *stage, const char *const *patterns, size_t n, char *path,
		    size_t len)
{
	char pattern[PATH_MAX + 64];

	for (size_t i = 0; i < n; i++) {
		path_put(pattern, sizeof(pattern), "%s/%s", stage, patterns[i]);
		if (only_one(pattern, path, len))
			return true;
	}
	return false;
}

/* Moves the files from stage to ready: checks the image, and gives both files their plain names. */
static int sort_out(const struct machine *machine, const struct candidate *which, const char *stage,
		    const char *ready, struct error *why)
{
	static const char *const images[] = {"boot/vmlinuz-*", "usr/lib/modules/*/vmlinuz",
					     "lib/modules/*/vmlinuz"};
	static const char *const configs[] = {"boot/config-*", "usr/lib/modules/*/config"};
	char from[PATH_MAX], to[PATH_MAX + 32];
	struct kimage image;
	int err;

	if (!find_in(stage, images, 3, from, sizeof(from)))
		return error_set(why, -EINVAL, "%s %s holds no kernel image", which->package,
				 which->version);
	err = kimage_read(from, machine, &image, why);
	if (err)
		return err;
	if (mkdir(ready, 0700))
		goto failed;
	path_put(to, sizeof(to), "%s/vmlinuz", ready);
	if (rename(from, to))
		goto failed;
	path_put(to, sizeof(to), "%s/config", ready);
	if (find_in(stage, configs, 2, from, sizeof(from)) && rename(from, to))
		goto failed;
	return 0;
failed:
	err = -errno;
	return error_set(why, err, "%s: %s", ready, strerror(-err));
}

int fetch_kernel(const struct apt *apt, const struct machine *machine,
		 const struct candidate *which, const char *cache, const char *folder,
		 struct error *why)
{
	char stage[PATH_MAX], ready[PATH_MAX + 16], base[128];
	struct guard *guard;
	struct error ignored;
	int err;

	err = guard_folder_in(cache, stage, sizeof(stage), &guard, why);
	if (err)
		return err;
	err = get(apt, which->package, which->version, stage, why);
	if (err)
		goto out;
	/*
	 * since 7.0 the build configuration is in linux-base-REL; without it, reasons are only less
	 * precise
	 */
	if (which->binary) {
		snprintf(base, sizeof(base), "linux-base-%s", which->release);
		get(apt, base, which->version, stage, &ignored);
	}
	path_put(ready, sizeof(ready), "%s/ready", stage);
	err = sort_out(machine, which, stage, ready, why);
	if (err)
		goto out;
	if (rename(ready, folder)) {
		err = -errno;
		error_say(why, "%s: %s", folder, strerror(errno));
	}
out:
	guard_stop(guard, 0, 0);
	return err;
}
