/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listing: what a BPF object holds, read by libbpf without loading anything: programs with their
 * sections and places, maps with their sizes.
 *
 * listing_prove (in a process of its own: an object that crashes libbpf is refused) -> listing_read
 * -> listing_free.
 */
#ifndef BPFTOLL_BPF_FOREIGN_LISTING_H
#define BPFTOLL_BPF_FOREIGN_LISTING_H

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

struct listing {
	struct listed_program *programs;
	size_t n_programs;
	struct listed_map *maps;
	size_t n_maps;
	bool btf;
};

/* Does libbpf survive the object? 0 or -errno with why. Forks. */
int listing_prove(const void *elf, size_t bytes, struct error *why);

/* 0 or -errno with why, in libbpf's words. */
int listing_read(const void *elf, size_t bytes, struct listing *out, struct error *why);
void listing_free(struct listing *listing);

/* "hash", "ringbuf", "perf_event_array", …; "unknown". */
const char *listing_map_type(unsigned int type);

#endif
