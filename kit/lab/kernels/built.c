/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* memmem */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "bpf/load/kernel/kernel_option.h"
#include "calib/path.h"
#include "kit/lab/kernels/built.h"

#define HELD_BEGINS "IKCFG_ST"
#define HELD_ENDS   "IKCFG_ED"
#define HELD_MOST   (4u << 20) /* some 300 KB for a distribution's kernel */

/* In the order in which a guest would miss them; all must be built in, modules are not loaded. */
static const struct {
	const char *option, *what;
	unsigned int elf; /* EM_NONE: of every architecture */
} needs[] = {
	{"CONFIG_BLK_DEV_INITRD", "the lab hands a guest its programs in an initrd", EM_NONE},
	{"CONFIG_BINFMT_ELF", "a guest of the lab runs programs", EM_NONE},
	{"CONFIG_BINFMT_SCRIPT", "a guest's init is a script", EM_NONE},
	{"CONFIG_PROC_FS", "a guest of the lab reads /proc", EM_NONE},
	{"CONFIG_DEVTMPFS", "a guest of the lab finds its ports in /dev", EM_NONE},
	{"CONFIG_TTY", "a guest's results leave by a serial port", EM_NONE},
	{"CONFIG_SERIAL_8250", "a guest's results leave by a serial port", EM_NONE},
	{"CONFIG_SERIAL_8250_CONSOLE", "a guest of the lab says what goes wrong on its console",
	 EM_X86_64},
	{"CONFIG_SERIAL_8250_PCI", "a guest's results leave by a serial port", EM_AARCH64},
	{"CONFIG_SERIAL_AMBA_PL011_CONSOLE",
	 "a guest of the lab says what goes wrong on its console", EM_AARCH64},
	{"CONFIG_BPF_SYSCALL", "no probe can be attached", EM_NONE},
};

int built_suffices(const char *text, const struct machine *machine, const char *source,
		   struct error *why)
{
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if ((needs[i].elf == EM_NONE || needs[i].elf == machine->elf) &&
		    kernel_config_value(text, needs[i].option) != 'y')
			return error_set(why, -ENOTSUP, "kernel built without %s (%s): %s",
					 needs[i].option, source, needs[i].what);
	return 0;
}

/* zlib's window bits, plus 16: gzip's header and checksum */
#define GZIP (15 + 16)

static char *inflated(const unsigned char *at, size_t len)
{
	char *text = calloc(1, HELD_MOST + 1);
	z_stream z = {.next_in = (unsigned char *)at,
		      .avail_in = (unsigned int)len,
		      .next_out = (unsigned char *)text,
		      .avail_out = HELD_MOST};
	int code;

	if (!text || inflateInit2(&z, GZIP) != Z_OK) {
		free(text);
		return NULL;
	}
	code = inflate(&z, Z_FINISH);
	inflateEnd(&z);
	if (code == Z_STREAM_END)
		return text;
	free(text);
	return NULL;
}

char *built_held(const struct file_bytes *kernel)
{
	const unsigned char *at = memmem(kernel->at, kernel->len, HELD_BEGINS, strlen(HELD_BEGINS));
	const unsigned char *end;
	size_t left;

	if (!at)
		return NULL;
	at += strlen(HELD_BEGINS);
	left = kernel->len - (size_t)(at - kernel->at);
	end = memmem(at, left, HELD_ENDS, strlen(HELD_ENDS));
	return end && (size_t)(end - at) <= HELD_MOST ? inflated(at, (size_t)(end - at)) : NULL;
}

/* Keeps what the kernel holds as a file, which the guest is given: reasons there are better. */
static char *take_held(const char *unpacked, const char *to, char config[PATH_MAX])
{
	struct file_bytes bytes = {0};
	char *text = NULL;

	if (!file_read(unpacked, 0, &bytes))
		text = built_held(&bytes);
	free(bytes.at);
	if (text && !path_put(config, PATH_MAX, "%s", to) && file_create(to, text, strlen(text)))
		config[0] = '\0';
	return text;
}

int built_check(const struct kernel *kernel, const char *unpacked, const char *to,
		char config[PATH_MAX], struct error *why)
{
	char source[PATH_MAX + 32], *text = NULL;
	struct file_bytes beside = {0};
	int err = 0;

	config[0] = '\0';
	if (*kernel->config && !file_read(kernel->config, 0, &beside) && beside.len) {
		path_put(config, PATH_MAX, "%s", kernel->config);
		path_put(source, sizeof(source), "%s", kernel->config);
		text = (char *)beside.at;
	} else if (*unpacked) {
		path_put(source, sizeof(source), "its own configuration, in %s", kernel->image);
		text = take_held(unpacked, to, config);
	}
	if (text)
		err = built_suffices(text, kernel->machine, source, why);
	if (text != (char *)beside.at)
		free(text);
	free(beside.at);
	return err;
}
