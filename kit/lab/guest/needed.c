/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <glob.h>
#include <libelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/lab/guest/needed.h"

static bool have(const struct libraries *libs, const char *name)
{
	for (size_t i = 0; i < libs->n; i++)
		if (!strcmp(strrchr(libs->paths[i], '/') + 1, name))
			return true;
	return false;
}

/* lib, usr/lib, and the architecture's folder in each: where Debian's packages put libraries. */
static int add(struct libraries *out, const char *root, const char *name, struct error *why)
{
	static const char *const folders[] = {"lib/*-linux-gnu", "usr/lib/*-linux-gnu", "lib",
					      "usr/lib"};
	char pattern[PATH_MAX + 320];

	if (strchr(name, '/') || have(out, name))
		return 0;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		glob_t found = {0};
		int err = 0;

		path_put(pattern, sizeof(pattern), "%s/%s/%.255s", root, folders[i], name);
		if (!glob(pattern, 0, NULL, &found))
			err = libraries_add(out, found.gl_pathv[0], strlen(found.gl_pathv[0]));
		globfree(&found);
		if (err || have(out, name))
			return err;
	}
	return error_set(why, -ENOENT, "%s is not in %s", name, root);
}

static int add_section(Elf *elf, Elf_Scn *section, const GElf_Shdr *head, const char *root,
		       struct libraries *out, struct error *why)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t n = data && head->sh_entsize ? head->sh_size / head->sh_entsize : 0;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++) {
		const char *name;
		GElf_Dyn entry;

		if (!gelf_getdyn(data, (int)i, &entry) || entry.d_tag != DT_NEEDED)
			continue;
		name = elf_strptr(elf, head->sh_link, entry.d_un.d_val);
		err = name ? add(out, root, name, why) : -ENOEXEC;
	}
	return err;
}

/* Adds the libraries that one file names. */
static int add_needs(const char *path, const char *root, struct libraries *out, struct error *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	Elf_Scn *section = NULL;
	Elf *elf = NULL;
	GElf_Shdr head;

	if (fd < 0) {
		err = -errno;
		goto out;
	}
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF) {
		err = -ENOEXEC;
		goto out;
	}
	while (!err && (section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &head) && head.sh_type == SHT_DYNAMIC)
			err = add_section(elf, section, &head, root, out, why);
out:
	if (err && err != -ENOENT)
		error_say(why, "%s: %s", path, strerror(-err));
	elf_end(elf);
	if (fd >= 0)
		close(fd);
	return err;
}

int needed_find(const char *program, const char *root, struct libraries *out, struct error *why)
{
	int err;

	memset(out, 0, sizeof(*out));
	path_put(out->root, sizeof(out->root), "%s", root);
	err = libraries_loader(program, out->loader, sizeof(out->loader));
	if (err)
		return error_set(why, err, "%s: %s", program, strerror(-err));
	err = add_needs(program, root, out, why);
	/* the list grows during this loop */
	for (size_t i = 0; i < out->n && !err; i++)
		err = add_needs(out->paths[i], root, out, why);
	if (err)
		libraries_free(out);
	return err;
}
