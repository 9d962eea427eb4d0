/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "calib/path.h"
#include "cpuset/claim.h"

#define FOLDER "/run/bpftoll"

/* ---- the folder ---- */

/* One that nobody else can write into, and that is no link. A descriptor, or -errno. */
static int open_folder(const char *path, bool shared)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), err = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st)) {
		err = -errno;
	} else if ((st.st_uid != 0 && st.st_uid != geteuid()) ||
		   (st.st_mode & (S_IWGRP | S_IWOTH))) {
		err = -EPERM;
	} else if (shared && st.st_uid == geteuid() && (st.st_mode & 0777) != 0755) {
		/* a private one (umask, older versions) would hide these claims from others */
		if (fchmod(fd, 0755))
			err = -errno;
	}
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int make_folder(const char *path, bool shared)
{
	if (mkdir(path, 0755) && errno != EEXIST)
		return -errno;
	return open_folder(path, shared);
}

static int own_folder(char *path, size_t len)
{
	const char *base = getenv("XDG_RUNTIME_DIR"), *tmp = getenv("TMPDIR");
	int err;

	if (base && *base == '/')
		err = path_put(path, len, "%s/bpftoll", base);
	else
		err = path_put(path, len, "%s/bpftoll-%u", tmp && *tmp == '/' ? tmp : "/tmp",
			       (unsigned int)geteuid());
	return err ? err : make_folder(path, false);
}

/* ---- the file of a CPU ---- */

static int open_file(int folder, int cpu)
{
	const int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	char name[32];
	struct stat st;
	int fd;

	snprintf(name, sizeof(name), "cpu%d.lock", cpu);
	fd = openat(folder, name, O_RDWR | O_CREAT | flags, 0644);
	/* a lock needs no write access: who measures without root is seen by root, and sees it */
	if (fd < 0 && (errno == EACCES || errno == EROFS || errno == EPERM))
		fd = openat(folder, name, O_RDONLY | flags);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EPERM;
	}
	/* readable whatever the umask */
	if (st.st_uid == geteuid() && (st.st_mode & 0444) != 0444)
		fchmod(fd, 0644);
	return fd;
}

static int find_file(const struct claim_wish *wish, int cpu, struct claim *claim)
{
	int folder = make_folder(wish->folder ? wish->folder : FOLDER, !wish->folder);
	int fd = folder < 0 ? folder : open_file(folder, cpu);

	if (folder >= 0)
		close(folder);
	if (fd >= 0 || wish->folder)
		return fd;
	folder = own_folder(claim->folder, sizeof(claim->folder));
	if (folder < 0)
		return folder;
	fd = open_file(folder, cpu);
	close(folder);
	return fd;
}

/* ---- who has it ---- */

static void read_command(int pid, char *out, size_t len)
{
	char path[32];
	size_t got = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	file = fopen(path, "re");
	if (file) {
		got = fread(out, 1, len - 1, file);
		fclose(file);
	}
	while (got && !out[got - 1])
		got--;
	out[got] = '\0';
	for (size_t i = 0; i < got; i++)
		if (!out[i])
			out[i] = ' ';
}

/* By its inode in /proc/locks; 0: not there, or of another pid namespace. */
static int holder_of(int fd)
{
	unsigned int major_of, minor_of;
	unsigned long inode;
	FILE *file = fopen("/proc/locks", "re");
	char line[256], kind[16];
	int pid, found = 0;
	struct stat st;

	if (!file || fstat(fd, &st))
		goto out;
	while (!found && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*d: %15s %*s %*s %d %x:%x:%lu", kind, &pid, &major_of, &minor_of,
			   &inode) == 5 &&
		    !strcmp(kind, "FLOCK") && inode == st.st_ino &&
		    makedev(major_of, minor_of) == st.st_dev)
			found = pid;
	}
out:
	if (file)
		fclose(file);
	return found > 0 ? found : 0;
}

static int say_holder(int fd, int cpu, struct error *why)
{
	char command[256] = "";
	int pid = holder_of(fd);

	if (pid)
		read_command(pid, command, sizeof(command));
	if (pid && *command)
		return error_set(why, -EBUSY, "process %d measures with CPU %d (%s)", pid, cpu,
				 command);
	return error_set(why, -EBUSY, "another process measures with CPU %d", cpu);
}

/* ---- claims ---- */

static int take(const struct claim_wish *wish, int cpu, struct claim *claim, struct error *why)
{
	int fd = find_file(wish, cpu, claim), err = 0;

	if (fd < 0)
		return error_set(why, fd, "%s: %s",
				 *claim->folder ? claim->folder
				 : wish->folder ? wish->folder
						: FOLDER,
				 strerror(-fd));
	/* a signal interrupts the wait, and says so in *wait */
	while (flock(fd, wish->wait ? LOCK_EX : LOCK_EX | LOCK_NB)) {
		err = -errno;
		if (err == -EINTR && wish->wait && !*wish->wait)
			continue;
		if (err == -EWOULDBLOCK)
			err = say_holder(fd, cpu, why);
		else
			error_say(why, "CPU %d: %s", cpu, strerror(-err));
		close(fd);
		return err;
	}
	claim->fd[claim->n++] = fd;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

int claim_open(const struct claim_wish *wish, struct claim *out, struct error *why)
{
	struct claim_wish sorted = *wish;
	int err = 0;

	*out = (struct claim){.n = 0};
	/* all take them in the same order, so that two that wait never wait for each other */
	qsort(sorted.cpus, sorted.n, sizeof(sorted.cpus[0]), by_number);
	for (size_t i = 0; i < sorted.n && !err; i++)
		if (!i || sorted.cpus[i] != sorted.cpus[i - 1])
			err = take(&sorted, sorted.cpus[i], out, why);
	if (err)
		claim_close(out);
	return err;
}

void claim_close(struct claim *claim)
{
	while (claim->n)
		close(claim->fd[--claim->n]);
}
