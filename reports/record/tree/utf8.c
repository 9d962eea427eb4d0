/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/record/tree/utf8.h"

uint32_t utf8_decode(const unsigned char *s, size_t *length)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t point;
	size_t n;

	*length = 0;
	if (*s < 0x80) {
		*length = 1;
		return *s;
	}
	if (*s >= 0xc2 && *s < 0xe0)
		n = 2;
	else if (*s >= 0xe0 && *s < 0xf0)
		n = 3;
	else if (*s >= 0xf0 && *s < 0xf5)
		n = 4;
	else
		return 0;
	point = *s & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3fU);
	}
	if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	*length = n;
	return point;
}
