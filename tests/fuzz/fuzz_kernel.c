/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes what is read of a kernel's image: an accepted one names itself, and its packed kernel is
 * within the file. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab/kernels/bzimage.h"
#include "kit/lab/kernels/kimage.h"
#include "kit/lab/kernels/vmlinux.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct file_bytes image = {(unsigned char *)data, size}, payload;
	struct bzimage x86;
	struct kimage arm;
	struct error why;
	uint32_t unpacked;

	if (!bzimage_parse(data, size, &x86, &why) && !*x86.release)
		abort();
	if (!kimage_parse_arm64(data, size, &arm, &why) && !*arm.release)
		abort();
	if (!vmlinux_payload(&image, &payload, &unpacked) &&
	    (payload.at < data || payload.at + payload.len > data + size))
		abort();
	vmlinux_check(&image, (uint32_t)size);
	return 0;
}
