/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzzes the search for BPF objects in a file, and the listing of what is found. libelf and libbpf
 * are not instrumented, but walk only what carve.c found to be whole.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/foreign/carve.h"
#include "bpf/foreign/listing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void list(const uint8_t *at, size_t bytes)
{
	/* of its own, so that the sanitizer sees reads behind its end */
	void *object = malloc(bytes);
	struct listing listing;
	struct error why;

	if (!object)
		return;
	memcpy(object, at, bytes);
	if (!listing_read(object, bytes, &listing, &why)) {
		for (size_t i = 0; i < listing.n_programs; i++)
			if (strlen(listing.programs[i].place.target) >=
			    sizeof(listing.programs[i].place.target))
				abort();
		listing_free(&listing);
	}
	free(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct carve_found found;
	struct error why;
	size_t end = 0;

	if (carve_find(data, size, &found, &why))
		return 0;
	for (size_t i = 0; i < found.n; i++) {
		const struct carved *o = &found.objects[i];

		if (o->offset < end || o->offset > size || o->bytes > size - o->offset)
			abort();
		end = o->offset + o->bytes;
		list(data + o->offset, o->bytes);
	}
	return 0;
}
