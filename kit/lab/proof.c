/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "calib/error.h"
#include "kit/lab/guest/image.h"
#include "kit/lab/proof.h"
#include "kit/lab/kernels/vmlinux.h"
#include "kit/system/scratch.h"

static int copy_lines(const char *path, FILE *out)
{
	FILE *file = fopen(path, "re");
	char line[512];

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		fputs(line, out);
	fclose(file);
	fflush(out);
	return 0;
}

static int boot(const struct lab *lab, const struct producer_cpu *producer_cpu, const char *scratch,
		bool alone, struct guest *guest, struct error *why)
{
	char *argv[] = {"bpftoll", "selfcheck", alone ? "--counters" : "--counters=migrations",
			"--cpu",   "0",		"--seed",
			"1",	   NULL};
	char image[PATH_MAX + 16], vmlinux[PATH_MAX + 16];
	struct image_parts parts = {.machine = producer_cpu->kernel.machine,
				    .program = producer_cpu->program,
				    .release = producer_cpu->kernel.release,
				    .config = producer_cpu->kernel.config,
				    .argv = argv,
				    .keep_output = true};
	struct guest_options options = {.machine = producer_cpu->kernel.machine,
					.kernel = producer_cpu->kernel.image,
					.image = image,
					.append = lab->options.append,
					.accel = lab->options.accel,
					.memory_mib = lab->options.memory_mib,
					.timeout_s = lab->options.timeout_s,
					.cpus = alone ? 1 : 2,
					.seed = 1};
	int err;

	snprintf(image, sizeof(image), "%s/image", scratch);
	snprintf(vmlinux, sizeof(vmlinux), "%s/vmlinux", scratch);
	if (options.accel == GUEST_TCG && options.machine->elf == EM_X86_64 &&
	    !vmlinux_unpack(producer_cpu->kernel.image, vmlinux))
		options.kernel = vmlinux;
	err = image_build(&parts, image, why);
	return err ? err : guest_start(guest, &options, why);
}

/* One guest's words to out. Its command's exit code, or -errno. */
static int one_guest(const struct lab *lab, const struct producer_cpu *producer_cpu, bool alone,
		     FILE *out, struct error *why)
{
	char scratch[PATH_MAX] = "", path[PATH_MAX + 32];
	struct guest guest = {0}, *guests[] = {&guest};
	int status = -1, err;

	err = scratch_make(NULL, scratch, sizeof(scratch), why);
	if (!err)
		err = boot(lab, producer_cpu, scratch, alone, &guest, why);
	while (!err && guest_wait(guests, 1, 1000))
		continue;
	if (!err && guest.state == GUEST_STOPPED)
		err = -EINTR;
	if (!err)
		err = guest_results(&guest, producer_cpu->dir, why);
	if (!err) {
		snprintf(path, sizeof(path), "%s/" IMAGE_OUTPUT, producer_cpu->dir);
		err = copy_lines(path, out);
		unlink(path);
		status = image_status(producer_cpu->dir);
		if (err || status < 0)
			error_say(why, "the guest brought back no words");
	}
	guest_close(&guest);
	scratch_remove(scratch);
	return err ? err : status < 0 ? -ENODATA : status;
}

/* QEMU's counters count what any of its CPUs executes: exact is only what one CPU does alone, so
 * migrations have a guest apart. */
int proof_take(const struct lab *lab, const struct producer_cpu *producer_cpu, FILE *out,
	       struct error *why)
{
	int first = one_guest(lab, producer_cpu, true, out, why), second;

	if (first < 0)
		return first;
	second = one_guest(lab, producer_cpu, false, out, why);
	return second < 0 || !first ? second : first;
}
