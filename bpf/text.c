/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/text.h"

#define NAME_AT 19 /* "ffffffff81000000 T name": behind 16 digits and the type */

/* A hundred thousand lines: only the one that is looked for is taken apart. */
static uint64_t find_symbol(const char *name)
{
	size_t len = strlen(name);
	uint64_t found = 0;
	char line[512];
	FILE *file = fopen("/proc/kallsyms", "re");

	if (!file)
		return 0;
	while (!found && fgets(line, sizeof(line), file))
		if (strlen(line) > NAME_AT + len && !memcmp(line + NAME_AT, name, len) &&
		    strchr("\t\n", line[NAME_AT + len]))
			found = strtoull(line, NULL, 16);
	fclose(file);
	return found;
}

uint64_t text_symbol(const char *name)
{
	static struct {
		char name[64];
		uint64_t address;
	} known[4];
	static size_t n_known;
	uint64_t found;

	for (size_t i = 0; i < n_known; i++)
		if (!strcmp(known[i].name, name))
			return known[i].address;
	found = find_symbol(name);
	if (n_known < 4) {
		snprintf(known[n_known].name, sizeof(known[0].name), "%s", name);
		known[n_known++].address = found;
	}
	return found;
}

/* Where in the core file the address is. */
static int find_part(int fd, uint64_t address, Elf64_Phdr *part)
{
	Elf64_Ehdr head;

	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head))
		return -EIO;
	for (unsigned int i = 0; i < head.e_phnum; i++) {
		if (pread(fd, part, sizeof(*part), (off_t)(head.e_phoff + i * sizeof(*part))) !=
		    (ssize_t)sizeof(*part))
			return -EIO;
		if (part->p_type == PT_LOAD && address >= part->p_vaddr &&
		    address - part->p_vaddr + TEXT_BYTES <= part->p_memsz)
			return 0;
	}
	return -ENOENT;
}

/*
 * Polled while a detach is waited for, and each read of its headers has the kernel write them all anew: they are
 * read once an address.
 */
int text_read(uint64_t address, uint8_t out[TEXT_BYTES])
{
	static int fd = -1;
	static uint64_t found_for;
	static Elf64_Phdr part;
	int err;

	if (fd < 0)
		fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (found_for != address) {
		err = find_part(fd, address, &part);
		if (err)
			return err;
		found_for = address;
	}
	return pread(fd, out, TEXT_BYTES, (off_t)(part.p_offset + (address - part.p_vaddr))) ==
			       TEXT_BYTES
		       ? 0
		       : -EIO;
}
