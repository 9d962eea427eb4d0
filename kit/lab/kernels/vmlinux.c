/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/system/file.h"
#include "kit/lab/kernels/vmlinux.h"
#include "kit/system/process.h"

#define SETUP_SECTORS  0x1f1u
#define PROTOCOL       0x206u
#define PAYLOAD_OFFSET 0x248u
#define PAYLOAD_LENGTH 0x24cu
#define HEADER_LEAST   4096u
#define PHYS32_ENTRY   18u /* XEN_ELFNOTE_PHYS32_ENTRY, xen/interface/elfnote.h */

static uint32_t u32_at(const unsigned char *at)
{
	uint32_t x;

	memcpy(&x, at, sizeof(x));
	return x;
}

/* The kernel's build puts the unpacked size behind the packed kernel. */
int vmlinux_payload(const struct file_bytes *image, struct file_bytes *payload, uint32_t *size)
{
	size_t setup, at, len;

	if (image->len < HEADER_LEAST)
		return -EINVAL;
	if (image->at[PROTOCOL] < 8 && image->at[PROTOCOL + 1] <= 2)
		return -ENOTSUP;
	setup = image->at[SETUP_SECTORS] ? image->at[SETUP_SECTORS] : 4;
	at = (setup + 1) * 512 + u32_at(image->at + PAYLOAD_OFFSET);
	len = u32_at(image->at + PAYLOAD_LENGTH);
	if (len < 64 || at > image->len || len > image->len - at)
		return -EINVAL;
	*payload = (struct file_bytes){image->at + at, len - 4};
	*size = u32_at(image->at + at + len - 4);
	return 0;
}

static const char *unpacker(const struct file_bytes *payload)
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

static bool note_says_pvh(const struct file_bytes *elf, const Elf64_Phdr *part)
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

int vmlinux_check(const struct file_bytes *elf, uint32_t size)
{
	Elf64_Ehdr head;
	int err = -ENOTSUP;

	if (elf->len < sizeof(head) || elf->len != size)
		return err;
	memcpy(&head, elf->at, sizeof(head));
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64 ||
	    head.e_machine != EM_X86_64 || head.e_phentsize != sizeof(Elf64_Phdr) ||
	    head.e_phoff >= elf->len || head.e_phnum * sizeof(Elf64_Phdr) > elf->len - head.e_phoff)
		return err;
	for (unsigned int i = 0; i < head.e_phnum; i++) {
		Elf64_Phdr part;

		memcpy(&part, elf->at + head.e_phoff + i * sizeof(part), sizeof(part));
		if (part.p_type == PT_NOTE && note_says_pvh(elf, &part))
			err = 0;
	}
	return err;
}

static int check_file(const char *path, uint32_t size)
{
	struct file_bytes elf = {0};
	int err = file_read(path, 0, &elf);

	if (!err)
		err = vmlinux_check(&elf, size);
	free(elf.at);
	return err;
}

static int unpack_to(const char *program, const char *packed, const char *to, struct error *why)
{
	char *argv[] = {(char *)program, "-d", "-c", (char *)packed, NULL};
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), err;

	if (fd < 0)
		return -errno;
	err = process_run_to(argv, fd, why);
	close(fd);
	return err == -EIO ? -EBADMSG : err;
}

int vmlinux_unpack(const char *bzimage, const char *to, struct error *why)
{
	struct file_bytes image = {0}, payload;
	const char *program;
	char packed[4096];
	uint32_t size;
	int err = file_read(bzimage, 0, &image);

	if (err)
		return err;
	err = vmlinux_payload(&image, &payload, &size);
	program = err ? NULL : unpacker(&payload);
	if (!program || snprintf(packed, sizeof(packed), "%s.packed", to) >= (int)sizeof(packed)) {
		err = err ? err : -ENOTSUP;
		goto out;
	}
	err = file_create(packed, payload.at, payload.len);
	if (!err)
		err = unpack_to(program, packed, to, why);
	if (!err)
		err = check_file(to, size);
	if (err)
		unlink(to);
	unlink(packed);
out:
	free(image.at);
	return err;
}
