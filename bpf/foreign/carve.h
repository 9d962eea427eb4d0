/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * carve: finds the BPF objects in a file: the file itself, or whole ELF objects inside of it, as
 * libbpf's skeletons, bpf2go and the like embed them.
 *
 * carve_read (the file's bytes) -> carve_find (where objects lie in them). An object that is found
 * is of this machine's byte order and every section, string table and symbol table lies within it,
 * so that libelf and libbpf can walk it. Pure but for carve_read; hostile bytes are expected.
 */
#ifndef BPFTOLL_BPF_FOREIGN_CARVE_H
#define BPFTOLL_BPF_FOREIGN_CARVE_H

#include <stddef.h>

#include "calib/error.h"

#define CARVE_FILE_MOST	  (512u << 20) /* bytes of a file */
#define CARVE_OBJECT_MOST (64u << 20)  /* bytes of an object, its .bss included */
#define CARVE_MOST	  64	       /* objects of a file */

struct carved {
	size_t offset, bytes; /* within the file */
};

struct carve_found {
	struct carved objects[CARVE_MOST];
	size_t n;
	size_t other_endian; /* objects of the other byte order */
	size_t damaged;	     /* objects that are not whole; why: of the first one */
	struct error why;
};

/* The whole file, which must be a regular one; freed by the caller. 0 or -errno with why. */
int carve_read(const char *path, void **image, size_t *bytes, struct error *why);

/* 0; -ENOENT with why if there is no object that could be listed. */
int carve_find(const void *image, size_t bytes, struct carve_found *out, struct error *why);

#endif
