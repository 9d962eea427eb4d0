/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * image: the guest's only file system: this program, the libraries that it needs, a static busybox
 * and an init.
 *
 * init mounts what a probe needs, runs one command, sends what the command left in /run/record
 * through a serial port of its own (a gzip of a cpio archive, so that a cut is noticed) and resets
 * the machine. The same files give the same bytes. Needs no root.
 */
#ifndef BPFTOLL_KIT_LAB_GUEST_IMAGE_H
#define BPFTOLL_KIT_LAB_GUEST_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "kit/lab/guest/machine.h"

#define IMAGE_RECORD_DIR "/run/record"
#define IMAGE_STATUS	 "exit-status"	/* among the results: the command's exit code */
#define IMAGE_OUTPUT	 "output"	/* among the results, if kept: what the command printed */
#define IMAGE_PORT	 "/dev/results" /* folder in the guest whose contents are the results */
#define IMAGE_OBJECT	 "/lab/object"	/* of image_parts.object */
#define IMAGE_BEGIN	 "lab: init runs"

struct image_parts {
	const struct machine *machine;
	const char *program; /* becomes /bin/bpftoll; NULL or empty: the running program */
	const char *release; /* release, with config: its name, /boot/config-RELEASE */
	const char *config;
	char *const *argv;  /* what init runs; argv[0] is ignored, it is /bin/bpftoll */
	const char *object; /* a file that becomes IMAGE_OBJECT; NULL: none */
	bool keep_output;   /* stdout goes to IMAGE_OUTPUT and not to the console */
};

/* Writes the archive to path. -ENOENT: there is no static busybox. 0 or -errno, why. */
int image_build(const struct image_parts *parts, const char *path, struct error *why);

/*
 * Reads the command's exit code from the results in dir, and removes that file; -1: the command did
 * not finish.
 */
int image_status(const char *dir);

#endif
