/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content_hash: a name for a file's contents, to recognise them again: FNV-1a with 128 bits. Two
 * files of a fleet that are not the same have the same name with a probability of 1e-20 or less; it
 * is no protection against somebody who wants them to.
 *
 * Source: Fowler, Noll, Vo; IETF draft-eastlake-fnv.
 */
#ifndef BPFTOLL_KIT_STORE_CONTENT_HASH_H
#define BPFTOLL_KIT_STORE_CONTENT_HASH_H

#include <stddef.h>

#define CONTENT_HASH_TEXT 33

void content_hash(const void *bytes, size_t len, char text[CONTENT_HASH_TEXT]);
/* The first 63 bits of it as a decimal number, for a key. */
void content_hash_key(const char text[CONTENT_HASH_TEXT], char key[24]);

#endif
