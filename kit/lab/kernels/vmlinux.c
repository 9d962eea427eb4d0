/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/system/process.h"
#include "kit/lab/kernels/vmlinux.h"

#define SETUP_SECTORS  0x1f1u
#define PROTOCOL       0x206u
#define PAYLOAD_OFFSET 0x248u
#define PAYLOAD_LENGTH 0x24cu
#define PHYS32_ENTRY   18u /* XEN_ELFNOTE_PHYS32_ENTRY, xen/interface/elfnote.h */

struct bytes {
	unsigned char *at;
	size_t len;
};

static int map(const char *path, struct bytes *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || st.st_size < 4096) {
		err = -EINVAL;
		goto out;
	}
	out->len = (size_t)st.st_size;
	out->at = mmap(NULL, out->len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (!out->at || out->at == MAP_FAILED)
		err = -ENOMEM;
out:
	close(fd);
	return err;
}

static uint32_t u32_at(const unsigned char *at)
{
	uint32_t x;

	memcpy(&x, at, sizeof(x));
	return x;
}

/* The packed kernel within the image. The kernel's build puts the unpacked size behind it. */
static int find_payload(const struct bytes *image, struct bytes *payload, uint32_t *size)
{
	size_t setup = image->at[SETUP_SECTORS] ? image->at[SETUP_SECTORS] : 4;
	size_t at, len;

	if (image->at[PROTOCOL] < 8 && image->at[PROTOCOL + 1] <= 2)
		return -ENOTSUP;
	at = (setup + 1) * 512 + u32_at(image->at + PAYLOAD_OFFSET);
	len = u32_at(image->at + PAYLOAD_LENGTH);
	if (len < 64 || at > image->len || len > image->len - at)
		return -EINVAL;
	*payload = (struct bytes){image->at + at, len - 4};
	*size = u32_at(image->at + at + len - 4);
	return 0;
}

static const char *unpacker(const struct bytes *payload)
{
	static const struct {
		unsigned char magic[4];
		const char *program;
	} known[] = {
		{{0x28, 0xb5, 0x2f, 0xfd}, "zstd"},
		{{0x02, 0x21, 0x4c, 0x18}, "lz4"},
		{{0xfd, '7', 'z', 'X'}, "xz"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!memcmp(payload->at, known[i].magic, 4))
			return known[i].program;
	return NULL;
}

static int write_file(const char *path, const struct bytes *data)
{
	FILE *file = fopen(path, "wbxe");
	int err = 0;

	if (!file)
		return -errno;
	if (fwrite(data->at, 1, data->len, file) != data->len)
		err = -EIO;
	if (fclose(file) && !err)
		err = -errno;
	return err;
}

static bool note_says_pvh(const struct bytes *elf, const Elf64_Phdr *part)
{
	size_t at = part->p_offset, end = at + part->p_filesz;

	if (part->p_offset > elf->len || part->p_filesz > elf->len - part->p_offset)
		return false;
	while (at + sizeof(Elf64_Nhdr) <= end) {
		Elf64_Nhdr note;

		memcpy(&note, elf->at + at, sizeof(note));
		at += sizeof(note);
		if (note.n_type == PHYS32_ENTRY && note.n_namesz == 4 && at + 4 <= end &&
		    !memcmp(elf->at + at, "Xen", 4))
			return true;
		at += ((size_t)note.n_namesz + 3) / 4 * 4 + ((size_t)note.n_descsz + 3) / 4 * 4;
	}
	return false;
}

/* Whole, an ELF kernel of this machine, and one that QEMU can start. */
static int check(const char *path, uint32_t size)
{
	struct bytes elf = {0};
	Elf64_Ehdr head;
	int err = map(path, &elf);

	if (err || !elf.at)
		return err ? err : -EIO;
	memcpy(&head, elf.at, sizeof(head));
	err = -ENOTSUP;
	if (elf.len == size && !memcmp(head.e_ident, ELFMAG, SELFMAG) &&
	    head.e_ident[EI_CLASS] == ELFCLASS64 && head.e_machine == EM_X86_64 &&
	    head.e_phentsize == sizeof(Elf64_Phdr) && head.e_phoff < elf.len &&
	    head.e_phnum * sizeof(Elf64_Phdr) <= elf.len - head.e_phoff)
		for (unsigned int i = 0; i < head.e_phnum; i++) {
			Elf64_Phdr part;

			memcpy(&part, elf.at + head.e_phoff + i * sizeof(part), sizeof(part));
			if (part.p_type == PT_NOTE && note_says_pvh(&elf, &part))
				err = 0;
		}
	munmap(elf.at, elf.len);
	return err;
}

static int unpack_to(const char *program, const char *packed, const char *to)
{
	char *argv[] = {(char *)program, "-d", "-c", (char *)packed, NULL};
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), err;
	struct error why;

	if (fd < 0)
		return -errno;
	err = process_run_to(argv, fd, &why);
	close(fd);
	return err;
}

int vmlinux_unpack(const char *bzimage, const char *to)
{
	struct bytes image = {0}, payload;
	const char *program;
	char packed[4096];
	uint32_t size;
	int err = map(bzimage, &image);

	if (err || !image.at)
		return err ? err : -EIO;
	err = find_payload(&image, &payload, &size);
	program = err ? NULL : unpacker(&payload);
	if (!program || snprintf(packed, sizeof(packed), "%s.packed", to) >= (int)sizeof(packed)) {
		err = err ? err : -ENOTSUP;
		goto out;
	}
	err = write_file(packed, &payload);
	if (!err)
		err = unpack_to(program, packed, to);
	if (!err)
		err = check(to, size);
	if (err)
		unlink(to);
	unlink(packed);
out:
	munmap(image.at, image.len);
	return err;
}
