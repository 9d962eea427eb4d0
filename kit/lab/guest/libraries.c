/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "kit/lab/guest/libraries.h"
#include "kit/system/process.h"
#include "reports/record/open_regular.h"

int libraries_loader(const char *program, char *loader, size_t len)
{
	struct error why;
	int fd = open_regular(program, 0, SIZE_MAX, &why), err = 0;
	Elf64_Ehdr head;

	*loader = '\0';
	if (fd < 0)
		return fd;
	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64 ||
	    head.e_phentsize != sizeof(Elf64_Phdr))
		err = -ENOEXEC;
	for (unsigned int i = 0; !err && i < head.e_phnum; i++) {
		Elf64_Phdr ph;

		if (pread(fd, &ph, sizeof(ph), (off_t)(head.e_phoff + i * sizeof(ph))) !=
			    (ssize_t)sizeof(ph) ||
		    (ph.p_type == PT_INTERP &&
		     (ph.p_filesz < 2 || ph.p_filesz >= len ||
		      pread(fd, loader, ph.p_filesz, (off_t)ph.p_offset) != (ssize_t)ph.p_filesz)))
			err = -ENOEXEC;
	}
	close(fd);
	return err;
}

int libraries_add(struct libraries *out, const char *path, size_t len)
{
	char **more = realloc(out->paths, (out->n + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	out->paths = more;
	more[out->n] = strndup(path, len);
	return more[out->n++] ? 0 : -ENOMEM;
}

int libraries_parse(const char *text, struct libraries *out, struct error *why)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		const char *end, *arrow, *path;
		int err;

		line += strspn(line, "\n\t ");
		end = line + strcspn(line, "\n");
		arrow = strstr(line, " => ");
		path = arrow && arrow < end ? arrow + 4 : line;
		if (!strncmp(path, "not found", 9))
			return error_set(why, -ENOENT, "%.*s is not installed", (int)(arrow - line),
					 line);
		/* linux-vdso has no path; the loader has one, but no arrow */
		if (*path != '/')
			continue;
		err = libraries_add(out, path, strcspn(path, " \n"));
		if (err)
			return error_set(why, err, "out of memory");
	}
	return 0;
}

int libraries_find(const char *program, struct libraries *out, struct error *why)
{
	char *argv[] = {out->loader, "--list", (char *)program, NULL};
	char *text = NULL;
	int err;

	memset(out, 0, sizeof(*out));
	err = libraries_loader(program, out->loader, sizeof(out->loader));
	if (err)
		return error_set(why, err, "%s: %s", program, strerror(-err));
	if (!*out->loader)
		return 0;
	err = process_run(argv, NULL, &text, why);
	if (!err)
		err = libraries_parse(text, out, why);
	if (err)
		libraries_free(out);
	free(text);
	return err;
}

void libraries_free(struct libraries *libraries)
{
	for (size_t i = 0; i < libraries->n; i++)
		free(libraries->paths[i]);
	free(libraries->paths);
	libraries->paths = NULL;
	libraries->n = 0;
}
