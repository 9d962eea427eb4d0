/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kit/lab/kernels/bzimage.h"

#define BOOT_FLAG      0x1feu
#define HEADER_MAGIC   0x202u
#define PROTOCOL       0x206u
#define KERNEL_VERSION 0x20eu
#define LOADFLAGS      0x211u
#define LOADED_HIGH    0x01u

static unsigned int u16_at(const unsigned char *head, size_t at)
{
	return head[at] | (unsigned int)head[at + 1] << 8;
}

int bzimage_parse(const unsigned char *head, size_t len, struct bzimage *out, char *why,
		  size_t why_len)
{
	size_t at, n = 0;

	memset(out, 0, sizeof(*out));
	if (len < 0x250 || u16_at(head, BOOT_FLAG) != 0xaa55 ||
	    memcmp(head + HEADER_MAGIC, "HdrS", 4) != 0) {
		snprintf(why, why_len, "not an x86 kernel image (bzImage)");
		return -EINVAL;
	}
	if (u16_at(head, PROTOCOL) < 0x0204 || !(head[LOADFLAGS] & LOADED_HIGH)) {
		snprintf(why, why_len, "a kernel too old to boot (boot protocol %u.%02u)",
			 u16_at(head, PROTOCOL) >> 8, u16_at(head, PROTOCOL) & 255);
		return -EINVAL;
	}
	at = (size_t)u16_at(head, KERNEL_VERSION) + 0x200;
	if (at == 0x200 || at >= len) {
		snprintf(why, why_len, "a kernel image that is cut short, or does not name itself");
		return -EINVAL;
	}
	while (at + n < len && n + 1 < sizeof(out->banner) && isprint(head[at + n])) {
		out->banner[n] = (char)head[at + n];
		n++;
	}
	n = strcspn(out->banner, " ");
	if (!n || n >= sizeof(out->release) || !isdigit((unsigned char)out->banner[0]) ||
	    strchr(out->banner, '/')) {
		snprintf(why, why_len, "a kernel image whose version makes no sense");
		return -EINVAL;
	}
	memcpy(out->release, out->banner, n);
	return 0;
}
