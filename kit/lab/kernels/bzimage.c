/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "kit/lab/kernels/bzimage.h"

#define BOOT_FLAG      0x1feu
#define HEADER_MAGIC   0x202u
#define PROTOCOL       0x206u
#define KERNEL_VERSION 0x20eu
#define LOADFLAGS      0x211u
#define LOADED_HIGH    0x01u
#define SETUP_SECTORS  0x1f1u
#define SYSTEM_SIZE    0x1f4u /* in paragraphs of 16 bytes, behind the setup sectors */
#define XLOADFLAGS     0x236u
#define KERNEL_64      0x01u

static unsigned int u16_at(const unsigned char *head, size_t at)
{
	return head[at] | (unsigned int)head[at + 1] << 8;
}

/* Is all there that the header announces, and is it 64-bit code? */
static int check_kind(const unsigned char *head, size_t len, struct error *why)
{
	size_t setup = head[SETUP_SECTORS] ? head[SETUP_SECTORS] : 4;
	size_t size = u16_at(head, SYSTEM_SIZE) | (size_t)u16_at(head, SYSTEM_SIZE + 2) << 16;
	size_t whole = (setup + 1) * 512 + size * 16;

	if (len < whole)
		return error_set(why, -EINVAL, "a kernel image that is cut short: %zu of %zu bytes",
				 len, whole);
	/* older protocols do not say */
	if (u16_at(head, PROTOCOL) >= 0x020c && !(u16_at(head, XLOADFLAGS) & KERNEL_64))
		return error_set(why, -EINVAL,
				 "a 32-bit kernel: the lab boots 64-bit ones, such as amd64");
	return 0;
}

int bzimage_parse(const unsigned char *head, size_t len, struct bzimage *out, struct error *why)
{
	size_t at, n = 0;

	memset(out, 0, sizeof(*out));
	if (len < 0x250 || u16_at(head, BOOT_FLAG) != 0xaa55 ||
	    memcmp(head + HEADER_MAGIC, "HdrS", 4) != 0)
		return error_set(why, -EINVAL, "not an x86 kernel image (bzImage)");
	if (u16_at(head, PROTOCOL) < 0x0204 || !(head[LOADFLAGS] & LOADED_HIGH))
		return error_set(why, -EINVAL, "a kernel too old to boot (boot protocol %u.%02u)",
				 u16_at(head, PROTOCOL) >> 8, u16_at(head, PROTOCOL) & 255);
	if (check_kind(head, len, why))
		return -EINVAL;
	at = (size_t)u16_at(head, KERNEL_VERSION) + 0x200;
	if (at == 0x200 || at >= len)
		return error_set(why, -EINVAL,
				 "a kernel image that is cut short, or does not name itself");
	while (at + n < len && n + 1 < sizeof(out->banner) && isprint(head[at + n])) {
		out->banner[n] = (char)head[at + n];
		n++;
	}
	n = strcspn(out->banner, " ");
	if (!n || n >= sizeof(out->release) || !isdigit((unsigned char)out->banner[0]) ||
	    strchr(out->banner, '/'))
		return error_set(why, -EINVAL, "a kernel image whose version makes no sense");
	memcpy(out->release, out->banner, n);
	return 0;
}
