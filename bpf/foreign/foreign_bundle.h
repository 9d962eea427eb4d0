/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * foreign_bundle: the foreign objects of a run and what is to be done with them, in one piece of
 * memory that worker processes inherit (a memfd), so that all of them load the bytes that were
 * checked.
 *
 * bundle_make -> bundle_add_object … -> bundle_add (a program to be measured) … ->
 * bundle_publish (they become variants, after those of variants.def). In a worker: bundle_adopt.
 * One bundle a process.
 */
#ifndef BPFTOLL_BPF_FOREIGN_FOREIGN_BUNDLE_H
#define BPFTOLL_BPF_FOREIGN_FOREIGN_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "bpf/foreign/carve.h"
#include "bpf/foreign/section.h"

#define BUNDLE_ENTRIES_MOST  256
#define BUNDLE_SETTINGS_MOST 32
#define BUNDLE_HOOKS_MOST    32
#define BUNDLE_NAME	     48 /* bytes of a name, which becomes a part of results' ids */

enum foreign_buffers { BUFFERS_NONE, BUFFERS_PERF, BUFFERS_RINGBUF };

/* A program to be measured; the name is that of its variant. */
struct foreign_entry {
	char name[BUNDLE_NAME];
	char program[128], section[256]; /* section: where it is attached (--attach, or its own) */
	struct section place;
	size_t object; /* index in the bundle */
	bool together; /* all programs with `works` of the object, attached at once; no program */
	bool tool;     /* not a program but the bundle\'s command, which attaches its own */
	bool works;    /* it can be loaded and attached, and a call runs it */
	enum foreign_buffers buffers; /* that its calls sent events to */
};

struct foreign_bundle {
	size_t bytes;
	size_t n_objects, n_entries;
	struct carved objects[CARVE_MOST]; /* offset: from the bundle's beginning */
	struct foreign_entry entries[BUNDLE_ENTRIES_MOST];
	/* as given: "VAR=VALUE", "NAME:max_entries=N,…", "NAME=PATH" */
	size_t n_sets, n_maps, n_pins;
	char sets[BUNDLE_SETTINGS_MOST][256], maps[BUNDLE_SETTINGS_MOST][256];
	char pins[BUNDLE_SETTINGS_MOST][512];
	char monitor[64]; /* the map that has monitored processes as its keys; empty: none */
	/*
	 * Of the entry that is a tool (foreign_tool.h): its words, each with its NUL; and where it
	 * was last seen to attach programs.
	 */
	char command[4096];
	size_t command_bytes, n_hooks, n_programs;
	char hooks[BUNDLE_HOOKS_MOST][64];
};

/*
 * Makes this process's bundle around the objects found in image; none for a tool. 0 or -errno with
 * why.
 */
int bundle_make(const void *image, const struct carve_found *found, struct error *why);

/* Gives it up, and its variants with it; none is fine. */
void bundle_close(void);

/* This process's bundle, or NULL. */
struct foreign_bundle *bundle(void);

/* The memfd to be inherited by a worker; -1: none. */
int bundle_fd(void);

/*
 * Adds a program. The entry's name is made from its program's, distinct and of plain characters.
 * NULL: there is no room.
 */
struct foreign_entry *bundle_add(size_t object, const char *program, const char *section);

/* Makes the entries known as variants (variant_at). Call it again after more entries. */
void bundle_publish(void);

/* In a worker: maps the bundle in fd (below 0: none) and publishes it. 0 or -errno. */
int bundle_adopt(int fd);

/* The object's bytes. */
const void *bundle_object(size_t object, size_t *bytes);

#endif
