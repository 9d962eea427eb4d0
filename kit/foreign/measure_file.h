/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measure_file: the file that `bpftoll measure` was given, and which of its programs are to be
 * measured.
 *
 * measure_file_open (reads, checks, lists; nothing is loaded) -> measure_file_list, or
 * measure_file_bundle -> measure_file_close.
 */
#ifndef BPFTOLL_KIT_FOREIGN_MEASURE_FILE_H
#define BPFTOLL_KIT_FOREIGN_MEASURE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "calib/error.h"
#include "bpf/foreign/carve.h"
#include "bpf/foreign/inventory.h"
#include "kit/cmd/name_list.h"

/* As the user gave them. */
struct measure_options {
	char **words; /* FILE, then a command with its arguments */
	struct name_list programs, attaches, sets, maps, pins; /* programs may have wildcards */
	struct name_list triggers, wakeups, caches;
	const char *monitor; /* map that takes the caller's id; NULL: none */
	bool list, together;
	bool tool; /* words are a command that attaches programs itself */
};

struct measure_file {
	const char *path;
	void *image;
	size_t bytes;
	struct carve_found found;
	struct inventory *listings; /* one for each object that libbpf can read */
	struct error *refused;	    /* why it cannot; empty: it can */
};

/* 0 or -errno with why. Call measure_file_close after an error too. */
int measure_file_open(const char *path, struct measure_file *out, struct error *why);
void measure_file_close(struct measure_file *file);

/* Prints the programs with type, section and place, and the maps. The number that can be measured.
 */
size_t measure_file_list(const struct measure_file *file, FILE *out);

/*
 * Makes the process's bundle of the programs chosen. 0; -EINVAL with why: the options name what is
 * not there; other -errno.
 */
int measure_file_bundle(const struct measure_file *file, const struct measure_options *options,
			struct error *why);

/* Without a file: the bundle of a tool, which is its only entry. 0 or -errno with why. */
int measure_tool_bundle(const struct measure_options *options, struct error *why);

/*
 * Programs of the file that cannot be measured, for whatever kernel: calls each with its name, type
 * and reason.
 */
void measure_file_unsupported(const struct measure_file *file,
			      const struct measure_options *options,
			      void (*each)(void *ctx, const struct listed_program *program),
			      void *ctx);

#endif
