/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sysfile: the small text files of sysfs, procfs and cgroupfs, with one value each.
 *
 * root is put in front of every path: "" on a real system, or a folder that stands for / in tests.
 */
#ifndef BPFTOLL_CPUSET_SYSFILE_H
#define BPFTOLL_CPUSET_SYSFILE_H

#include <limits.h>
#include <stddef.h>

/* The longest value is an IRQ's mask on 8192 CPUs. */
enum { SYSFILE_MAX = 4096 };

/* Joins head and tail. 0 or -ENAMETOOLONG. */
int sysfile_join(char path[PATH_MAX], const char *head, const char *tail);

/* Reads the file's text, without white space at its end. 0 or -errno; -EFBIG: it does not fit. */
int sysfile_read(const char *root, const char *path, char text[SYSFILE_MAX]);

/* Writes text and a newline, in one write. 0 or the kernel's -errno. */
int sysfile_write(const char *root, const char *path, const char *text);

#endif
