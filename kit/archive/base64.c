/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "kit/archive/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(const unsigned char *bytes, size_t len, char *text)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t group = (uint32_t)bytes[i] << 16;

		if (n > 1)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (n > 2)
			group |= bytes[i + 2];
		*text++ = digits[group >> 18];
		*text++ = digits[group >> 12 & 63];
		*text++ = n > 1 ? digits[group >> 6 & 63] : '=';
		*text++ = n > 2 ? digits[group & 63] : '=';
	}
	*text = '\0';
}

static int value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

long base64_decode(const char *text, size_t len, unsigned char *out)
{
	size_t made = 0, padding = 0;

	if (len % 4)
		return -EBADMSG;
	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	for (size_t i = 0; i < len; i += 4) {
		size_t n = i + 4 == len ? 4 - padding : 4;
		uint32_t group = 0;

		for (size_t k = 0; k < 4; k++) {
			int digit = k < n ? value(text[i + k]) : 0;

			if (digit < 0)
				return -EBADMSG;
			group = group << 6 | (uint32_t)digit;
		}
		/* bits behind the last byte: two texts would be the same bytes */
		if ((n == 3 && (group & 0xff)) || (n == 2 && (group & 0xffff)))
			return -EBADMSG;
		out[made++] = (unsigned char)(group >> 16);
		if (n > 2)
			out[made++] = (unsigned char)(group >> 8);
		if (n > 3)
			out[made++] = (unsigned char)group;
	}
	return (long)made;
}
