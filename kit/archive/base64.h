/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base64: bytes as text without spaces, RFC 4648 section 4, with padding. Pure. */
#ifndef BPFTOLL_KIT_ARCHIVE_BASE64_H
#define BPFTOLL_KIT_ARCHIVE_BASE64_H

#include <stddef.h>

/* Bytes of text for len bytes, with the NUL. */
#define BASE64_TEXT(len) (((len) + 2) / 3 * 4 + 1)

void base64_encode(const unsigned char *bytes, size_t len, char *text);

/*
 * text has len characters; out has room for 3 * (len / 4) bytes. Returns their number, or -EBADMSG:
 * it is not base64 as base64_encode writes it.
 */
long base64_decode(const char *text, size_t len, unsigned char *out);

#endif
