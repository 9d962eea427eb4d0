/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * image: the guest's only file system: this program, the libraries it needs, a static busybox and
 * an init.
 *
 * init mounts what a probe needs, runs one command, sends what that left in /run/record through a
 * serial port of its own (gzip of a cpio archive: a transfer cut short is noticed) and resets the
 * machine. The same files give the same bytes, and nothing here needs root.
 */
#ifndef BPFTOLL_KIT_LAB_GUEST_IMAGE_H
#define BPFTOLL_KIT_LAB_GUEST_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "kit/lab/guest/machine.h"

#define IMAGE_RECORD_DIR "/run/record"
#define IMAGE_STATUS	 "exit-status"	/* a file among the results: the command's exit code */
#define IMAGE_OUTPUT	 "output"	/* another, where it is kept: what the command printed */
#define IMAGE_PORT	 "/dev/results" /* in the guest: what it writes here the host has */
#define IMAGE_BEGIN	 "lab: init runs"

struct image_parts {
	const struct machine *machine;
	const char *program; /* goes to /bin/bpftoll; NULL or empty: the running one */
	const char *release; /* with config: /boot/config-RELEASE */
	const char *config;
	char *const *argv; /* what init runs; argv[0] is ignored, it is /bin/bpftoll */
	bool keep_output;  /* stdout goes to IMAGE_OUTPUT instead of the console */
};

/* Writes the archive to path. -ENOENT: no static busybox. 0 or -errno, why. */
int image_build(const struct image_parts *parts, const char *path, struct error *why);

/* The command's own exit code among the results in dir, and its file is deleted; -1: it never
 * came to an end. */
int image_status(const char *dir);

#endif
