/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/system/file.h"
#include "kit/archive/cpio.h"
#include "kit/lab/guest/image.h"
#include "kit/lab/guest/libraries.h"
#include "kit/lab/guest/needed.h"
#include "kit/lab/guest/sysroot.h"
#include "reports/record/open_regular.h"

/*
 * The guest's init. The command has one argument per line in /lab/command, so that no shell parses
 * the user's words. /lab/port names the port by which the results leave. A reset makes QEMU exit
 * (-no-reboot). bpftoll.kcore=off on the kernel's command line imitates a kernel without
 * CONFIG_PROC_KCORE. perf_user_access: lets user space read an Arm kernel's counters, as on x86.
 */
static const char init[] =
	"#!/bin/busybox sh\n"
	"b=/bin/busybox\n"
	"export PATH=/bin HOME=/run TMPDIR=/run TERM=dumb\n"
	"$b mkdir -p /proc /sys /dev /run\n"
	"$b mount -t proc proc /proc\n"
	"$b mount -t sysfs sysfs /sys\n"
	"$b mount -t devtmpfs devtmpfs /dev\n"
	"$b mount -t tmpfs tmpfs /run\n"
	"$b mount -t debugfs debugfs /sys/kernel/debug\n"
	"$b mount -t tracefs tracefs /sys/kernel/tracing\n"
	"$b mount -t securityfs securityfs /sys/kernel/security\n"
	"$b mount -t bpf bpf /sys/fs/bpf\n"
	"$b mount -t cgroup2 cgroup2 /sys/fs/cgroup\n"
	"exec </dev/null >/dev/console 2>&1\n"
	"read -r words </proc/cmdline\n"
	"case \" $words \" in *' bpftoll.kcore=off '*) $b mount -o bind /dev/null /proc/kcore;; "
	"esac\n"
	"read -r port </lab/port\n"
	"$b ln -s /dev/$port " IMAGE_PORT "\n"
	"$b stty -F /dev/$port raw -echo 2>/dev/null\n"
	"$b mkdir " IMAGE_RECORD_DIR "\n"
	"u=/proc/sys/kernel/perf_user_access\n"
	"[ ! -e $u ] || echo 1 >$u\n"
	"echo '" IMAGE_BEGIN "'\n"
	"set --\n"
	"while IFS= read -r word; do set -- \"$@\" \"$word\"; done </lab/command\n"
	"if [ -e /lab/keep ]; then\n"
	"/bin/bpftoll \"$@\" >" IMAGE_RECORD_DIR "/" IMAGE_OUTPUT "\n"
	"else\n"
	"/bin/bpftoll \"$@\"\n"
	"fi\n"
	"echo $? >" IMAGE_RECORD_DIR "/" IMAGE_STATUS "\n"
	"cd " IMAGE_RECORD_DIR "\n"
	"$b find . | $b sort | $b cpio -o -H newc 2>/dev/null | $b gzip -1 >/run/results\n"
	"$b cat /run/results >/dev/$port\n"
	"$b stty -F /dev/$port sane 2>/dev/null\n"
	"$b sync\n"
	"$b reboot -f\n"
	"$b poweroff -f\n";

static int add_busybox(struct cpio *cpio, const char *root, struct error *why)
{
	static const char *const places[] = {"/bin/busybox", "/usr/bin/busybox",
					     "/usr/lib/busybox/busybox-static"};
	char path[PATH_MAX + 64], loader[PATH_MAX];
	int err = -ENOENT;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, places[i]);
		if (libraries_loader(path, loader, sizeof(loader)) || *loader)
			continue;
		err = cpio_add_file(cpio, "bin/busybox", S_IFREG | 0755, path);
		break;
	}
	if (err == -ENOENT)
		error_say(why, "no static busybox (install busybox-static)");
	else if (err)
		error_say(why, "busybox: %s", strerror(-err));
	return err;
}

static int add_libraries(struct cpio *cpio, const struct libraries *needs, struct error *why)
{
	char loader[2 * PATH_MAX];
	int err = 0;

	snprintf(loader, sizeof(loader), "%s%s", needs->root, needs->loader);
	if (*needs->loader)
		err = cpio_add_file(cpio, needs->loader + 1, S_IFREG | 0755, loader);
	for (size_t i = 0; !err && i < needs->n; i++) {
		err = cpio_add_file(cpio, needs->paths[i] + strlen(needs->root) + 1, S_IFREG | 0755,
				    needs->paths[i]);
		if (err)
			error_say(why, "%s: %s", needs->paths[i], strerror(-err));
	}
	return err;
}

static int add_program(struct cpio *cpio, const char *program, const char *root, struct error *why)
{
	char own[PATH_MAX];
	struct libraries needs;
	ssize_t len;
	int err;

	if (!program || !*program) {
		/* the loader needs the real path: /proc/self would be its own */
		len = readlink("/proc/self/exe", own, sizeof(own) - 1);
		if (len < 0)
			return error_set(why, -errno, "/proc/self/exe: %s", strerror(errno));
		own[len] = '\0';
		program = own;
	}
	if (*root)
		err = needed_find(program, root, &needs, why);
	else
		err = libraries_find(program, &needs, why);
	if (err)
		return err;
	err = cpio_add_file(cpio, "bin/bpftoll", S_IFREG | 0755, program);
	if (err)
		error_say(why, "%s: %s", program, strerror(-err));
	else
		err = add_libraries(cpio, &needs, why);
	libraries_free(&needs);
	return err;
}

static int add_command(struct cpio *cpio, char *const *argv, struct error *why)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err = out ? 0 : -ENOMEM;

	for (size_t i = 1; out && argv[i]; i++) {
		if (strchr(argv[i], '\n'))
			err = -EINVAL;
		fprintf(out, "%s\n", argv[i]);
	}
	if (out && fclose(out))
		err = -ENOMEM;
	if (!err)
		err = cpio_add(cpio, "lab/command", S_IFREG | 0644, text, len);
	if (err)
		error_say(why, "the guest's command: %s", strerror(-err));
	free(text);
	return err;
}

/* the kernel opens its console before init has mounted anything */
static int add_rest(struct cpio *cpio, const struct image_parts *parts)
{
	static const char *const folders[] = {"dev", "proc", "sys", "run"};
	char name[256];
	int err;

	err = cpio_add(cpio, "init", S_IFREG | 0755, init, sizeof(init) - 1);
	snprintf(name, sizeof(name), "%s\n", parts->machine->port);
	if (!err)
		err = cpio_add(cpio, "lab/port", S_IFREG | 0644, name, strlen(name));
	for (size_t i = 0; !err && i < sizeof(folders) / sizeof(folders[0]); i++)
		err = cpio_add(cpio, folders[i], S_IFDIR | 0755, NULL, 0);
	if (!err && parts->object)
		err = cpio_add_file(cpio, &IMAGE_OBJECT[1], S_IFREG | 0644, parts->object);
	if (!err && parts->keep_output)
		err = cpio_add(cpio, "lab/keep", S_IFREG | 0644, "", 0);
	if (!err && parts->config && *parts->config) {
		snprintf(name, sizeof(name), "boot/config-%s", parts->release);
		err = cpio_add_file(cpio, name, S_IFREG | 0644, parts->config);
	}
	return err;
}

int image_build(const struct image_parts *parts, const char *path, struct error *why)
{
	unsigned char *bytes = NULL;
	struct cpio *cpio = cpio_new();
	char root[PATH_MAX];
	size_t len = 0;
	int err;

	err = sysroot_find(parts->machine, root, sizeof(root), why);
	if (!err)
		err = cpio ? add_busybox(cpio, root, why) : -ENOMEM;
	if (!err)
		err = add_program(cpio, parts->program, root, why);
	if (!err)
		err = add_command(cpio, parts->argv, why);
	if (err)
		goto out;
	err = add_rest(cpio, parts);
	if (!err)
		err = cpio_finish(cpio, &bytes, &len);
	if (err) {
		error_say(why, "the guest's image: %s", strerror(-err));
		goto out;
	}
	/* not compressed: unpacking it would be emulated, instruction by instruction */
	err = file_create(path, bytes, len);
	if (err)
		error_say(why, "%s: %s", path, strerror(-err));
out:
	free(bytes);
	cpio_free(cpio);
	return err;
}

/* Bytes of a file with one number. */
#define STATUS_MOST 32

int image_status(const char *dir)
{
	char path[PATH_MAX + 32];
	int status = -1, err;
	struct error why;
	FILE *file;

	path_put(path, sizeof(path), "%s/" IMAGE_STATUS, dir);
	file = open_regular_stream(path, O_NOFOLLOW, STATUS_MOST, &err, &why);
	if (file) {
		if (fscanf(file, "%d", &status) != 1)
			status = -1;
		fclose(file);
		unlink(path);
	}
	return status;
}
