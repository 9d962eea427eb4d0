/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzzes the search for BPF objects in a file, and the reading of section names. libbpf is not
 * fuzzed: 1.1 crashes on some objects, for which reason inventory_prove lets it try in a process of
 * its own.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/foreign/carve.h"
#include "bpf/foreign/section.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(const uint8_t *data, size_t size)
{
	char section[300], syscall[32];
	struct section place;

	snprintf(section, sizeof(section), "%.*s", (int)(size < 299 ? size : 299),
		 (const char *)data);
	section_parse(section, &place);
	if (memchr(place.target, '\0', sizeof(place.target)) == NULL)
		abort();
	if (place.kind == SECTION_OTHER ? !place.why_not : !*section_word(place.kind))
		abort();
	section_syscall(&place, syscall, sizeof(syscall));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct carve_found found;
	struct error why;
	size_t end = 0;

	parse(data, size);
	if (carve_find(data, size, &found, &why))
		return 0;
	for (size_t i = 0; i < found.n; i++) {
		const struct carved *o = &found.objects[i];

		if (o->offset < end || o->offset > size || o->bytes > size - o->offset)
			abort();
		end = o->offset + o->bytes;
	}
	return 0;
}
