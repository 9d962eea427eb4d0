/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/system/file.h"
#include "kit/lab/guest/boot.h"
#include "kit/lab/guest/image.h"
#include "kit/lab/proof.h"
#include "kit/system/guard.h"

static int copy_lines(const char *path, FILE *out)
{
	struct file_bytes text;
	int err = file_read(path, 0, &text);

	if (!err)
		fputs((char *)text.at, out);
	free(text.at);
	fflush(out);
	return err;
}

static int start(const struct lab *lab, const struct lab_entry *entry, const char *scratch,
		 bool alone, struct guest *guest, struct error *why)
{
	char *argv[] = {"bpftoll", "selfcheck", alone ? "--counters" : "--counters=migrations",
			"--cpu",   "0",		"--seed",
			"1",	   NULL};
	char prefix[PATH_MAX + 8];
	struct boot boot = {.kernel = &entry->kernel,
			    .program = entry->program,
			    .argv = argv,
			    .keep_output = true};
	struct guest_options options = {.append = lab->options.append,
					.accel = lab->options.accel,
					.memory_mib = lab->options.memory_mib,
					.timeout_s = lab->options.timeout_s,
					.cpus = alone ? 1 : 2,
					.seed = 1};
	int err;

	path_put(prefix, sizeof(prefix), "%s/", scratch);
	err = boot_build(&boot, options.accel, prefix, why);
	return err ? err : boot_start(&boot, options, guest, why);
}

/* One guest's words to out. Its command's exit code, or -errno. */
static int one_guest(const struct lab *lab, const struct lab_entry *entry, bool alone, FILE *out,
		     struct error *why)
{
	char scratch[256], path[PATH_MAX + 32];
	struct guard *guard = NULL;
	struct guest guest = {0}, *guests[] = {&guest};
	int status = -1, err;

	err = guard_folder(NULL, scratch, sizeof(scratch), &guard, why);
	if (!err)
		err = start(lab, entry, scratch, alone, &guest, why);
	while (!err && guest_wait(guests, 1, 1000))
		continue;
	if (!err && guest.state == GUEST_STOPPED)
		err = -EINTR;
	if (!err)
		err = guest_results(&guest, entry->dir, why);
	if (!err) {
		path_put(path, sizeof(path), "%s/" IMAGE_OUTPUT, entry->dir);
		err = copy_lines(path, out);
		unlink(path);
		status = image_status(entry->dir);
		if (err || status < 0)
			error_say(why, "the guest sent no output");
	}
	guest_close(&guest);
	guard_stop(guard, 0, 0);
	return err ? err : status < 0 ? -ENODATA : status;
}

/* QEMU's counters count what any of its CPUs executes: exact is only what one CPU does alone, so
 * migrations have a guest apart. */
int proof_take(const struct lab *lab, const struct lab_entry *entry, FILE *out, struct error *why)
{
	int first = one_guest(lab, entry, true, out, why), second;

	if (first < 0)
		return first;
	second = one_guest(lab, entry, false, out, why);
	return second < 0 || !first ? second : first;
}
