/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/text.h"

uint64_t text_symbol(const char *name)
{
	char line[512], symbol[256];
	uint64_t address, found = 0;
	static struct {
		char name[64];
		uint64_t address;
	} known[4];
	static size_t n_known;
	FILE *file;

	/* a hundred thousand lines: read once a symbol */
	for (size_t i = 0; i < n_known; i++)
		if (!strcmp(known[i].name, name))
			return known[i].address;
	file = fopen("/proc/kallsyms", "re");
	if (!file)
		return 0;
	while (!found && fgets(line, sizeof(line), file))
		if (sscanf(line, "%" SCNx64 " %*c %255s", &address, symbol) == 2 &&
		    !strcmp(symbol, name))
			found = address;
	fclose(file);
	if (n_known < 4) {
		snprintf(known[n_known].name, sizeof(known[0].name), "%s", name);
		known[n_known++].address = found;
	}
	return found;
}

int text_read(uint64_t address, uint8_t out[TEXT_BYTES])
{
	Elf64_Ehdr head;
	Elf64_Phdr part;
	int err = -ENOENT, fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head)) {
		err = -EIO;
		goto out;
	}
	for (unsigned int i = 0; i < head.e_phnum; i++) {
		if (pread(fd, &part, sizeof(part), (off_t)(head.e_phoff + i * sizeof(part))) !=
		    (ssize_t)sizeof(part))
			break;
		if (part.p_type != PT_LOAD || address < part.p_vaddr ||
		    address - part.p_vaddr + TEXT_BYTES > part.p_memsz)
			continue;
		err = pread(fd, out, TEXT_BYTES,
			    (off_t)(part.p_offset + (address - part.p_vaddr))) == TEXT_BYTES
			      ? 0
			      : -EIO;
		break;
	}
out:
	close(fd);
	return err;
}
