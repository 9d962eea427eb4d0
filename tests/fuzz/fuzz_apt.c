/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes what apt-cache and apt-get print: what is accepted can be described and chosen from. */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab/kernels/apt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), said[256], main_uri[128], security_uri[128];
	struct candidate *all = NULL;
	size_t n = 0;

	if (!text)
		return 0;
	if (!candidates_parse(text, &all, &n) && n) {
		const struct candidate *newest = candidate_pick(all, n, all[0].version);

		candidates_describe(all, n, said, sizeof(said));
		if (!newest || newest < all || newest >= all + n)
			abort();
	}
	free(all);
	mirrors_parse(text, main_uri, security_uri, sizeof(main_uri));
	free(text);
	return 0;
}
