/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/store/content_hash.h"

__extension__ typedef unsigned __int128 wide;

void content_hash(const void *bytes, size_t len, char text[CONTENT_HASH_TEXT])
{
	const wide prime = (wide)1 << 88 | 0x13b;
	wide hash = (wide)0x6c62272e07bb0142 << 64 | 0x62b821756295c58d;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ ((const unsigned char *)bytes)[i]) * prime;
	snprintf(text, CONTENT_HASH_TEXT, "%016llx%016llx", (unsigned long long)(hash >> 64),
		 (unsigned long long)hash);
}

void content_hash_key(const char text[CONTENT_HASH_TEXT], char key[24])
{
	char half[17] = "";

	memcpy(half, text, 16);
	snprintf(key, 24, "%llu", strtoull(half, NULL, 16) >> 1);
}
