/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* memmem */
#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "kit/system/file.h"
#include "kit/lab/kernels/bzimage.h"
#include "kit/lab/kernels/kimage.h"

#define ARM64_HEADER 64u
#define ARM64_MAGIC  56u
#define ARM64_PE_AT  60u /* where the PE header is */
#define PE_HEADER    24u
#define PE_SECTION   40u
#define BANNER	     "Linux version "

static bool is_arm64(const unsigned char *data, size_t len)
{
	return len >= ARM64_HEADER && !memcmp(data + ARM64_MAGIC, "ARMd", 4);
}

static bool is_x86(const unsigned char *data, size_t len)
{
	return len >= 0x250 && !memcmp(data + 0x202, "HdrS", 4);
}

/* An Image with an EFI stub is a PE file as well, whose sections say how long it must be. */
static size_t pe_length(const unsigned char *data, size_t len)
{
	uint32_t pe, offset, size;
	uint16_t sections, optional;
	size_t whole = 0;

	memcpy(&pe, data + ARM64_PE_AT, sizeof(pe));
	if (pe > len || len - pe < PE_HEADER || memcmp(data + pe, "PE\0\0", 4) != 0)
		return 0;
	memcpy(&sections, data + pe + 6, sizeof(sections));
	memcpy(&optional, data + pe + 20, sizeof(optional));
	for (size_t i = 0, at = pe + PE_HEADER + optional; i < sections; i++, at += PE_SECTION) {
		if (at > len || len - at < PE_SECTION)
			return whole;
		memcpy(&size, data + at + 16, sizeof(size));
		memcpy(&offset, data + at + 20, sizeof(offset));
		if ((size_t)offset + size > whole)
			whole = (size_t)offset + size;
	}
	return whole;
}

int kimage_parse_arm64(const unsigned char *data, size_t len, struct kimage *out, struct error *why)
{
	const unsigned char *at, *end = data + len;
	size_t n = 0;

	memset(out, 0, sizeof(*out));
	if (len >= ARM64_HEADER && !memcmp(data, "MZ", 2) && !memcmp(data + 4, "zimg", 4))
		return error_set(why, -EINVAL,
				 "a compressed arm64 kernel (EFI zboot): name the plain Image");
	if (!is_arm64(data, len))
		return error_set(why, -EINVAL, "not an arm64 kernel image (Image)");
	if (len < pe_length(data, len))
		return error_set(why, -EINVAL, "a kernel image that is cut short: %zu of %zu bytes",
				 len, pe_length(data, len));
	at = memmem(data, len, BANNER, strlen(BANNER));
	if (at)
		at += strlen(BANNER);
	while (at && at + n < end && n + 1 < sizeof(out->release) && isgraph(at[n]) && at[n] != '/')
		n++;
	if (!n || !isdigit(at[0]) || at + n == end || at[n] != ' ')
		return error_set(why, -EINVAL,
				 "a kernel image that is cut short, or does not name itself");
	memcpy(out->release, at, n);
	return 0;
}

static int parse(const unsigned char *data, size_t len, const struct machine *machine,
		 struct kimage *out, struct error *why)
{
	struct bzimage image;
	int err;

	if (machine->elf == EM_X86_64 ? is_arm64(data, len) : is_x86(data, len))
		return error_set(why, -EINVAL, "a kernel for %s, not for %s: --arch %s boots it",
				 machine->elf == EM_X86_64 ? "aarch64" : "x86_64", machine->arch,
				 machine->elf == EM_X86_64 ? "aarch64" : "x86_64");
	if (machine->elf == EM_AARCH64)
		return kimage_parse_arm64(data, len, out, why);
	err = bzimage_parse(data, len, &image, why);
	if (!err)
		memcpy(out->release, image.release, sizeof(out->release));
	return err;
}

int kimage_read(const char *path, const struct machine *machine, struct kimage *out,
		struct error *why)
{
	struct file_bytes file;
	struct error reason = {0};
	int err = file_read(path, 0, &file);

	memset(out, 0, sizeof(*out));
	if (err == -EINVAL || (!err && !file.len)) {
		err = -EINVAL;
		error_say(&reason, "not a kernel image");
	} else if (!err) {
		err = parse(file.at, file.len, machine, out, &reason);
	}
	if (err)
		error_say(why, "%s: %s", path, *reason.text ? reason.text : strerror(-err));
	free(file.at);
	return err;
}
