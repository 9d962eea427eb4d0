/* SPDX-License-Identifier: GPL-3.0-or-later */
/* utf8: strict reading of UTF-8, as RFC 3629 has it. */
#ifndef BPFTOLL_REPORTS_RECORD_UTF8_H
#define BPFTOLL_REPORTS_RECORD_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * The code point at s, of a text that ends with NUL, and its length in bytes; length 0: not UTF-8
 * (too long a form, a surrogate, cut off).
 */
uint32_t utf8_decode(const unsigned char *s, size_t *length);

#endif
