/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/lab/kernels/apt.h"
#include "kit/lab/kernels/cache.h"
#include "kit/lab/kernels/debversion.h"
#include "kit/lab/kernels/fetch.h"
#include "kit/lab/kernels/kimage.h"
#include "kit/lab/kernels/kernel.h"
#include "kit/system/scratch.h"

#define DEBIAN_STABLE "6.1"

/* Fills kernel from its folder's name, PACKAGE_VERSION. */
static int load(const char *cache, const char *name, const struct machine *machine,
		struct kernel *out)
{
	const char *split = strrchr(name, '_');
	struct error ignored;
	struct kimage image;

	memset(out, 0, sizeof(*out));
	if (!split ||
	    path_put(out->image, sizeof(out->image), "%s/kernels/%s/vmlinuz", cache, name))
		return -ENOENT;
	if (kimage_read(out->image, machine, &image, &ignored))
		return -ENOENT;
	path_put(out->config, sizeof(out->config), "%s/kernels/%s/config", cache, name);
	if (access(out->config, R_OK))
		out->config[0] = '\0';
	out->machine = machine;
	snprintf(out->release, sizeof(out->release), "%s", image.release);
	snprintf(out->package, sizeof(out->package), "%.*s", (int)(split - name), name);
	snprintf(out->version, sizeof(out->version), "%s", split + 1);
	return 0;
}

/*
 * Path of the link to what these words meant the last time; a link, since it can be replaced in one
 * step.
 */
static int recall(const char *cache, const char *spec, const struct machine *machine,
		  struct kernel *out)
{
	char path[PATH_MAX + 160], name[256];
	ssize_t len;

	path_put(path, sizeof(path), "%s/%s/%s", cache, machine->specs, spec);
	len = readlink(path, name, sizeof(name) - 1);
	if (len <= 0)
		return -ENOENT;
	name[len] = '\0';
	return load(cache, name, machine, out);
}

static void remember(const char *cache, const char *spec, const char *name,
		     const struct machine *machine)
{
	char path[PATH_MAX + 160], fresh[PATH_MAX + 176];

	path_put(path, sizeof(path), "%s/%s", cache, machine->specs);
	mkdir(path, 0700);
	path_put(path, sizeof(path), "%s/%s/%s", cache, machine->specs, spec);
	path_put(fresh, sizeof(fresh), "%s/%s/.new", cache, machine->specs);
	unlink(fresh);
	if (symlink(name, fresh) || rename(fresh, path))
		unlink(fresh);
}

/* The newest kept kernel that fits the words, for a machine without network. */
static int best_kept(const char *cache, const char *spec, const struct machine *machine,
		     struct kernel *out)
{
	char path[PATH_MAX + 16];
	struct kernel kernel;
	struct dirent *entry;
	int err = -ENOENT;
	DIR *dir;

	path_put(path, sizeof(path), "%s/kernels", cache);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (load(cache, entry->d_name, machine, &kernel) ||
		    (!debversion_begins(kernel.version, spec) &&
		     !debversion_begins(kernel.release, spec)))
			continue;
		if (!err && debversion_compare(kernel.version, out->version) <= 0)
			continue;
		*out = kernel;
		err = 0;
	}
	if (dir)
		closedir(dir);
	return err;
}

static int no_such(const char *spec, const struct candidate *all, size_t n, const char *update_why,
		   struct error *why)
{
	char there[512];

	if (!n)
		return error_set(why, -EIO,
				 "kernel %s is not in the cache, and the package lists cannot be "
				 "fetched%s%s",
				 spec, *update_why ? ": " : "", update_why);
	candidates_describe(all, n, there, sizeof(there));
	return error_set(why, -ENOENT, "no Debian suite has a kernel %s; there are %s", spec,
			 there);
}

/* Call it with the cache locked. */
static int find_and_fetch(const char *cache, const char *spec, const struct machine *machine,
			  bool refresh, struct kernel *out, struct error *why)
{
	char folder[PATH_MAX + 256], name[200];
	struct error update_why = {0};
	struct candidate *all = NULL;
	const struct candidate *which;
	struct apt apt;
	size_t n = 0;
	int err;

	err = cache_lists(cache, machine, refresh, &apt, &update_why);
	if (err)
		return error_set(why, err, "%s", update_why.text);
	err = apt_candidates(&apt, &all, &n, why);
	if (err)
		goto out;
	which = candidate_pick(all, n, spec);
	if (!which) {
		err = no_such(spec, all, n, update_why.text, why);
		goto out;
	}
	snprintf(name, sizeof(name), "%s_%s", which->package, which->version);
	path_put(folder, sizeof(folder), "%s/kernels", cache);
	mkdir(folder, 0700);
	path_put(folder, sizeof(folder), "%s/kernels/%s", cache, name);
	if (load(cache, name, machine, out)) {
		scratch_remove(folder);
		fprintf(stderr, "lab: fetching %s %s\n", which->package, which->version);
		err = fetch_kernel(&apt, machine, which, cache, folder, why);
		if (!err && load(cache, name, machine, out)) {
			err = -EIO;
			error_say(why, "%s: unreadable after unpacking", folder);
		}
	}
	if (!err)
		remember(cache, spec, name, machine);
out:
	free(all);
	return err;
}

static int resolve_version(const char *spec, const struct machine *machine, bool refresh,
			   struct kernel *out, struct error *why)
{
	char cache[PATH_MAX];
	int err, lock;

	err = cache_dir(cache, sizeof(cache), why);
	if (err)
		return err;
	if (!refresh && !recall(cache, spec, machine, out))
		return 0;
	lock = cache_lock(cache, why);
	if (lock < 0)
		return lock;
	/* another lab may have fetched it while this one waited for the lock */
	if (refresh || recall(cache, spec, machine, out)) {
		err = find_and_fetch(cache, spec, machine, refresh, out, why);
		if (err && err != -ENOENT && err != -EINTR &&
		    !best_kept(cache, spec, machine, out)) {
			fprintf(stderr, "lab: %s; using %s %s from the cache\n", why->text,
				out->package, out->version);
			err = 0;
		}
	}
	close(lock);
	return err;
}

static int resolve_file(const char *path, const struct machine *machine, struct kernel *out,
			struct error *why)
{
	struct kimage image;
	const char *base;
	int err;

	err = kimage_read(path, machine, &image, why);
	if (err)
		return err;
	if (!realpath(path, out->image))
		return error_set(why, -errno, "%s: %s", path, strerror(errno));
	out->machine = machine;
	snprintf(out->release, sizeof(out->release), "%s", image.release);
	base = strrchr(out->image, '/');
	if (base)
		path_put(out->config, sizeof(out->config), "%.*s/config-%s",
			 (int)(base - out->image), out->image, image.release);
	if (access(out->config, R_OK))
		out->config[0] = '\0';
	return 0;
}

int kernel_resolve(const char *spec, const struct machine *machine, bool refresh,
		   struct kernel *out, struct error *why)
{
	char own[PATH_MAX];
	struct error reason;
	struct utsname uts;

	memset(out, 0, sizeof(*out));
	if (!spec && !machine_is_own(machine))
		spec = DEBIAN_STABLE;
	if (!spec) {
		uname(&uts);
		path_put(own, sizeof(own), "/boot/vmlinuz-%s", uts.release);
		if (!resolve_file(own, machine, out, &reason))
			return 0;
		fprintf(stderr, "lab: no image of the running kernel (%s), taking Debian's %s\n",
			reason.text, DEBIAN_STABLE);
		return resolve_version(DEBIAN_STABLE, machine, refresh, out, why);
	}
	if (strchr(spec, '/') || !access(spec, F_OK))
		return resolve_file(spec, machine, out, why);
	if (!*spec || strlen(spec) > 100 || spec[0] == '.' ||
	    spec[strspn(spec,
			"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+~-_:")])
		return error_set(why, -EINVAL, "'%s' is neither a kernel version nor a file", spec);
	return resolve_version(spec, machine, refresh, out, why);
}

int kernel_list(const struct machine *machine, char *text, size_t len, bool refresh,
		struct error *why)
{
	struct candidate *all = NULL;
	char cache[PATH_MAX];
	int err, lock = -1;
	struct apt apt;
	size_t n = 0;

	err = cache_dir(cache, sizeof(cache), why);
	if (err)
		return err;
	lock = cache_lock(cache, why);
	if (lock < 0)
		return lock;
	err = cache_lists(cache, machine, refresh, &apt, why);
	if (!err)
		err = apt_candidates(&apt, &all, &n, why);
	if (!err && !n) {
		err = -EIO;
		if (!*why->text)
			error_say(why, "the package lists cannot be fetched");
	}
	if (!err)
		candidates_describe(all, n, text, len);
	free(all);
	close(lock);
	return err;
}
