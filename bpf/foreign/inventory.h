/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inventory: what a BPF object holds, read by libbpf without loading anything: programs with their
 * sections and places, maps with their sizes.
 *
 * inventory_prove (in a process of its own: an object that crashes libbpf is refused) ->
 * inventory_read
 * -> inventory_free.
 */
#ifndef BPFTOLL_BPF_FOREIGN_INVENTORY_H
#define BPFTOLL_BPF_FOREIGN_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "bpf/foreign/section.h"

struct listed_program {
	char name[128], section[256];
	struct section section_parsed;
	size_t insns;
	bool autoload; /* false: its loader must ask for it ("?kprobe/…") */
};

struct listed_map {
	char name[64];
	unsigned int type, key_size, value_size, max_entries; /* type: BPF_MAP_TYPE_… */
	bool internal;					      /* a section of global data */
};

struct inventory {
	struct listed_program *programs;
	size_t n_programs;
	struct listed_map *maps;
	size_t n_maps;
	bool btf;
};

/* Does libbpf survive the object? 0 or -errno with why. Forks. */
int inventory_prove(const void *elf, size_t bytes, struct error *why);

/* 0 or -errno with why, in libbpf's words. */
int inventory_read(const void *elf, size_t bytes, struct inventory *out, struct error *why);
void inventory_free(struct inventory *listing);

/* "hash", "ringbuf", "perf_event_array", …; "unknown". */
const char *inventory_map_type(unsigned int type);

#endif
