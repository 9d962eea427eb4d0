/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <zlib.h>

#include "calib/error.h"
#include "kit/archive/cpio.h"
#include "kit/lab/guest/guest.h"
#include "kit/lab/guest/image.h"

#define RESULTS_MAX (256u << 20)
#define CONSOLE_MAX (1u << 20)

/* The end of the console's file, NUL-terminated. */
static char *console_text(const struct guest *guest)
{
	FILE *file = fopen(guest->console, "rbe");
	long size = file && !fseek(file, 0, SEEK_END) ? ftell(file) : 0;
	size_t most = size > (long)CONSOLE_MAX ? CONSOLE_MAX : size > 0 ? (size_t)size : 0, len;
	char *text = calloc(1, most + 1);

	if (file && text) {
		fseek(file, size - (long)most, SEEK_SET);
		len = fread(text, 1, most, file);
		for (size_t i = 0; i < len; i++)
			if (!isprint((unsigned char)text[i]) && text[i] != '\n')
				text[i] = ' ';
	}
	if (file)
		fclose(file);
	return text;
}

void guest_last_words(const struct guest *guest, size_t lines, char *text, size_t len)
{
	char *all = console_text(guest), *at, *panic;
	size_t end;

	text[0] = '\0';
	if (!all)
		return;
	end = strlen(all);
	while (end && isspace((unsigned char)all[end - 1]))
		all[--end] = '\0';
	/* the cause of a panic is at its beginning, not at its end */
	panic = strstr(all, "Kernel panic");
	if (panic) {
		while (panic > all && panic[-1] != '\n')
			panic--;
		panic[strcspn(panic, "\n")] = '\0';
		end = strlen(all);
	}
	at = all + end;
	while (at > all && (at[-1] != '\n' || --lines > 0))
		at--;
	snprintf(text, len, "%s", at);
	free(all);
}

bool guest_own_words(const struct guest *guest, char *text, size_t len)
{
	static const char mark[] = "\nbpftoll: ";
	char *all = console_text(guest), *last = NULL;

	for (char *at = all; at && (at = strstr(at, mark)); at += strlen(mark))
		last = at + strlen(mark);
	if (last) {
		last[strcspn(last, "\n")] = '\0';
		snprintf(text, len, "%s", last);
		for (size_t n = strlen(text); n && isspace((unsigned char)text[n - 1]); n--)
			text[n - 1] = '\0';
	}
	free(all);
	return last;
}

bool guest_died_early(const struct guest *guest)
{
	char *all = console_text(guest);
	bool early = guest->state == GUEST_ENDED && all && !strstr(all, IMAGE_BEGIN) &&
		     strstr(all, "double fault");

	free(all);
	return early;
}

/*
 * The image is not packed: a kernel that found no /init in it has not read it at all, or had no
 * room. init/main.c, init/do_mounts.c and init/initramfs.c print these words.
 */
const char *guest_panic_words(const char *console)
{
	if (strstr(console, "Initramfs unpacking failed"))
		return "the guest's kernel could not unpack the initrd (--memory gives it more)";
	if (strstr(console, "Failed to execute /init (error -8)"))
		return "the guest's kernel runs no script or no 64-bit program (built without "
		       "CONFIG_BINFMT_SCRIPT or CONFIG_BINFMT_ELF)";
	if (strstr(console, "Unable to mount root fs") || strstr(console, "No working init found"))
		return "the guest's kernel did not take the initrd (most likely built without "
		       "CONFIG_BLK_DEV_INITRD)";
	return "the guest's kernel panicked";
}

/* How the guest ended, for a guest without results. */
static void explain(const struct guest *guest, const char *what, struct error *why)
{
	char words[768], *line, *save = NULL, *all;
	const char *end = "the guest left early";

	all = console_text(guest);
	if (guest->state == GUEST_TIMED_OUT)
		end = "the guest ran out of time (--timeout)";
	else if (guest->state == GUEST_STOPPED)
		end = "stopped";
	else if (all && strstr(all, "Kernel panic"))
		end = guest_panic_words(all);
	else if (!WIFEXITED(guest->exit_status) || WEXITSTATUS(guest->exit_status))
		end = "QEMU failed";
	free(all);
	error_say(why, "%s after %.1f s%s%s; last lines of its console:", end, guest->seconds,
		  *what ? ": " : "", what);
	guest_last_words(guest, 6, words, sizeof(words));
	if (!words[strspn(words, " \n")])
		error_add(why,
			  "\n    none; --append earlycon=uart8250,io,0x3f8 (x86_64) or --append "
			  "earlycon (aarch64) may show why");
	for (line = strtok_r(words, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		error_add(why, "\n    %s", line);
}

/* The whole stream or nothing: gzip's length and checksum show whether it is whole. */
static int unzip(const char *path, unsigned char **out, size_t *len, struct error *what)
{
	gzFile file = gzopen(path, "rbe");
	unsigned char *data = NULL;
	size_t used = 0, size = 0;
	int got, code = Z_OK;

	*out = NULL;
	if (!file)
		return -ENODATA;
	do {
		if (used == size) {
			unsigned char *more;

			size = size ? size * 2 : 1u << 16;
			more = size <= RESULTS_MAX ? realloc(data, size) : NULL;
			if (!more) {
				free(data);
				gzclose(file);
				error_say(what, "its results do not fit into memory");
				return -ENOMEM;
			}
			data = more;
		}
		got = gzread(file, data + used, (unsigned int)(size - used));
		if (got > 0)
			used += (size_t)got;
	} while (got > 0);
	/* gzread passes on what is not gzip unchanged */
	if (gzdirect(file))
		code = used ? Z_DATA_ERROR : Z_BUF_ERROR;
	if (gzclose(file) != Z_OK || got < 0 || code != Z_OK) {
		free(data);
		error_say(what, "%s",
			  used ? "its results are cut short or damaged" : "it sent no results");
		return used ? -EBADMSG : -ENODATA;
	}
	*out = data;
	*len = used;
	return 0;
}

int guest_results(const struct guest *guest, const char *dir, struct error *why)
{
	unsigned char *data = NULL;
	struct error what = {0};
	size_t len = 0;
	int err;

	err = unzip(guest->results, &data, &len, &what);
	if (!err)
		err = cpio_unpack(data, len, dir, &what);
	if (err)
		explain(guest, what.text, why);
	free(data);
	return err;
}
