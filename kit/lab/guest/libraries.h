/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libraries: the shared libraries that a program needs, as its dynamic loader finds them. */
#ifndef BPFTOLL_KIT_LAB_GUEST_LIBRARIES_H
#define BPFTOLL_KIT_LAB_GUEST_LIBRARIES_H

#include <limits.h>
#include <stddef.h>

#include "calib/error.h"

struct libraries {
	char loader[PATH_MAX]; /* empty: the program is static */
	char root[PATH_MAX];   /* the sysroot of the paths; empty: this machine
				*/
	char **paths;	       /* absolute */
	size_t n;
};

/*
 * Runs the loader that the program names (ld.so --list). 0 or -errno, with the missing library in
 * why.
 */
int libraries_find(const char *program, struct libraries *out, struct error *why);
void libraries_free(struct libraries *libraries);

/* The contents of PT_INTERP; an empty string for a static program. -ENOEXEC: not a program. */
int libraries_loader(const char *program, char *loader, size_t len);

/* Adds a path. 0 or -ENOMEM. */
int libraries_add(struct libraries *out, const char *path, size_t len);

/* Parses the loader's output into paths. -ENOENT, with the name that it could not find. */
int libraries_parse(const char *text, struct libraries *out, struct error *why);

#endif
