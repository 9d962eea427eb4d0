/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>
#include <errno.h>
#include <stdio.h>

#include "kit/lab/guest/boot.h"
#include "kit/lab/guest/image.h"
#include "kit/lab/kernels/built.h"
#include "kit/lab/kernels/vmlinux.h"

int boot_build(struct boot *boot, enum guest_accel accel, const char *prefix, struct error *why)
{
	const struct kernel *kernel = boot->kernel;
	struct image_parts parts = {.machine = kernel->machine,
				    .program = boot->program,
				    .release = kernel->release,
				    .argv = boot->argv,
				    .object = boot->object,
				    .keep_output = boot->keep_output};
	char config[PATH_MAX], held[PATH_MAX + 32];
	struct error said = {0};
	int err = -ENOTSUP;

	snprintf(boot->image, sizeof(boot->image), "%simage", prefix);
	snprintf(boot->vmlinux, sizeof(boot->vmlinux), "%svmlinux", prefix);
	if (accel == GUEST_TCG && kernel->machine->elf == EM_X86_64)
		err = vmlinux_unpack(kernel->image, boot->vmlinux, &said);
	if (err == -EBADMSG)
		return error_set(why, err, "%s: its packed kernel is damaged: %.512s",
				 kernel->image, said.text);
	if (err)
		boot->vmlinux[0] = '\0';
	snprintf(held, sizeof(held), "%sconfig", prefix);
	err = built_check(kernel,
			  kernel->machine->elf == EM_AARCH64 ? kernel->image : boot->vmlinux, held,
			  config, why);
	if (err)
		return err;
	parts.config = config;
	return image_build(&parts, boot->image, why);
}

int boot_start(const struct boot *boot, struct guest_options options, struct guest *guest,
	       struct error *why)
{
	options.machine = boot->kernel->machine;
	options.kernel = *boot->vmlinux ? boot->vmlinux : boot->kernel->image;
	options.image = boot->image;
	return guest_start(guest, &options, why);
}
