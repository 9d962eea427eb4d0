/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/foreign/carve.h"

#define SECTIONS_MOST 4096u

#if __BYTE_ORDER == __LITTLE_ENDIAN
#define OUR_DATA ELFDATA2LSB
#else
#define OUR_DATA ELFDATA2MSB
#endif

/* ---- the file ---- */

static int read_all(int fd, char *to, size_t bytes)
{
	size_t got = 0;

	while (got < bytes) {
		ssize_t n = read(fd, to + got, bytes - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		got += (size_t)n;
	}
	return 0;
}

int carve_read(const char *path, void **image, size_t *bytes, struct error *why)
{
	/* without O_NONBLOCK opening a FIFO would wait for its writer */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err = 0;
	struct stat st;

	*image = NULL;
	if (fd < 0)
		return error_set(why, -errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st))
		err = error_set(why, -errno, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err = error_set(why, -EINVAL, "%s is not a regular file", path);
	else if (st.st_size > (off_t)CARVE_FILE_MOST)
		err = error_set(why, -EFBIG, "%s has more than %u MiB", path,
				CARVE_FILE_MOST >> 20);
	if (!err) {
		*bytes = (size_t)st.st_size;
		*image = malloc(*bytes + 1);
		err = *image ? read_all(fd, *image, *bytes) : -ENOMEM;
		if (err)
			error_say(why, "%s: %s", path, strerror(-err));
	}
	if (err) {
		free(*image);
		*image = NULL;
	}
	close(fd);
	return err;
}

/* ---- one object ---- */

/* An object while it is checked: its bytes begin at `at` and end no later than at + room. */
struct object {
	const unsigned char *at;
	size_t room;
	Elf64_Ehdr head;
};

static bool fits(const struct object *o, uint64_t offset, uint64_t bytes)
{
	return offset <= o->room && bytes <= o->room - offset;
}

/* The i-th section header; copied, since nothing is aligned inside a file. */
static Elf64_Shdr section(const struct object *o, size_t i)
{
	Elf64_Shdr s;

	memcpy(&s, o->at + o->head.e_shoff + i * sizeof(s), sizeof(s));
	return s;
}

static const char *check_head(const struct object *o)
{
	const Elf64_Ehdr *head = &o->head;

	if (head->e_type != ET_REL)
		return "it is no relocatable object";
	if (head->e_shentsize != sizeof(Elf64_Shdr) || head->e_ehsize != sizeof(Elf64_Ehdr))
		return "its headers have a size of their own";
	if (!head->e_shnum || head->e_shnum > SECTIONS_MOST)
		return "it has no sections, or too many";
	if (head->e_shoff % 8 || head->e_shoff < sizeof(Elf64_Ehdr) ||
	    !fits(o, head->e_shoff, (uint64_t)head->e_shnum * sizeof(Elf64_Shdr)))
		return "it is truncated: its section headers are missing";
	if (head->e_phnum || head->e_phoff)
		return "it has program headers";
	if (!head->e_shstrndx || head->e_shstrndx >= head->e_shnum)
		return "its section names are missing";
	return NULL;
}

static const char *check_section(const struct object *o, size_t i, uint64_t names, uint64_t *end,
				 uint64_t *memory)
{
	Elf64_Shdr s = section(o, i);
	uint64_t last;

	if (s.sh_type == SHT_NULL)
		return NULL;
	if (s.sh_name >= names)
		return "a section's name lies outside of the names";
	if (s.sh_link >= o->head.e_shnum)
		return "a section refers to one that is missing";
	*memory += s.sh_size;
	if (s.sh_size > CARVE_OBJECT_MOST || *memory > CARVE_OBJECT_MOST)
		return "it is larger than 64 MiB";
	if (s.sh_type == SHT_NOBITS)
		return NULL;
	if (!fits(o, s.sh_offset, s.sh_size))
		return "it is truncated: a section ends behind it";
	last = s.sh_offset + s.sh_size;
	*end = last > *end ? last : *end;
	if (s.sh_flags & SHF_COMPRESSED)
		return "a section is compressed";
	if (s.sh_type == SHT_STRTAB && (!s.sh_size || o->at[last - 1]))
		return "a string table has no end";
	if (s.sh_type == SHT_SYMTAB &&
	    (s.sh_entsize != sizeof(Elf64_Sym) || s.sh_size % sizeof(Elf64_Sym) ||
	     section(o, s.sh_link).sh_type != SHT_STRTAB))
		return "its symbol table is damaged";
	if (s.sh_type == SHT_REL && (s.sh_entsize != sizeof(Elf64_Rel) ||
				     s.sh_size % sizeof(Elf64_Rel) || s.sh_info >= o->head.e_shnum))
		return "a relocation table is damaged";
	return NULL;
}

/* Names and sections of symbols lie within their tables. */
static const char *check_symbols(const struct object *o, size_t i)
{
	Elf64_Shdr s = section(o, i), names;

	if (s.sh_type != SHT_SYMTAB)
		return NULL;
	names = section(o, s.sh_link);
	for (uint64_t at = 0; at < s.sh_size; at += sizeof(Elf64_Sym)) {
		Elf64_Sym symbol;

		memcpy(&symbol, o->at + s.sh_offset + at, sizeof(symbol));
		if (symbol.st_name >= names.sh_size ||
		    (symbol.st_shndx >= o->head.e_shnum && symbol.st_shndx < SHN_LORESERVE))
			return "a symbol is damaged";
	}
	return NULL;
}

/* What is wrong with the object, or NULL, and then where it ends. */
static const char *check(struct object *o, size_t *bytes)
{
	const char *fault = check_head(o);
	uint64_t end, memory = 0;

	if (fault)
		return fault;
	end = o->head.e_shoff + (uint64_t)o->head.e_shnum * sizeof(Elf64_Shdr);
	if (section(o, o->head.e_shstrndx).sh_type != SHT_STRTAB)
		return "its section names are missing";
	for (size_t i = 0; i < o->head.e_shnum && !fault; i++)
		fault = check_section(o, i, section(o, o->head.e_shstrndx).sh_size, &end, &memory);
	for (size_t i = 0; i < o->head.e_shnum && !fault; i++)
		fault = check_symbols(o, i);
	*bytes = (size_t)end;
	return fault;
}

/* ---- all of them ---- */

/* Is it the head of a BPF object, in whichever byte order? Pointers into a file are not aligned. */
static bool is_bpf(const unsigned char *at, size_t room, Elf64_Ehdr *head)
{
	if (room < sizeof(*head))
		return false;
	memcpy(head, at, sizeof(*head));
	if (memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 || head->e_ident[EI_CLASS] != ELFCLASS64 ||
	    head->e_ident[EI_VERSION] != EV_CURRENT)
		return false;
	if (head->e_ident[EI_DATA] == OUR_DATA)
		return head->e_machine == EM_BPF;
	return (head->e_ident[EI_DATA] == ELFDATA2LSB || head->e_ident[EI_DATA] == ELFDATA2MSB) &&
	       head->e_machine == __builtin_bswap16(EM_BPF);
}

/* One candidate. Returns the number of bytes to go on after. */
static size_t take(const unsigned char *at, size_t room, size_t offset, struct carve_found *out)
{
	struct object o = {.at = at, .room = room};
	const char *fault;
	size_t bytes = 0;

	if (!is_bpf(at, room, &o.head))
		return 1;
	if (o.head.e_ident[EI_DATA] != OUR_DATA) {
		out->other_endian++;
		return sizeof(o.head);
	}
	fault = check(&o, &bytes);
	if (fault || bytes > CARVE_OBJECT_MOST) {
		if (!out->damaged++)
			error_say(&out->why, "the BPF object at byte %zu: %s", offset,
				  fault ? fault : "it is larger than 64 MiB");
		return sizeof(o.head);
	}
	if (out->n == CARVE_MOST)
		return bytes;
	out->objects[out->n++] = (struct carved){offset, bytes};
	return bytes;
}

int carve_find(const void *image, size_t bytes, struct carve_found *out, struct error *why)
{
	const unsigned char *begin = image, *at = begin, *end = begin + bytes;

	*out = (struct carve_found){.n = 0};
	while (at < end && (at = memmem(at, (size_t)(end - at), ELFMAG, SELFMAG)))
		at += take(at, (size_t)(end - at), (size_t)(at - begin), out);
	if (out->n)
		return 0;
	if (out->damaged)
		return error_set(why, -ENOENT, "%s", out->why.text);
	if (out->other_endian)
		return error_set(why, -ENOENT,
				 "its BPF object is of the other byte order: this "
				 "machine's kernel cannot load it");
	return error_set(why, -ENOENT,
			 "there is no BPF object in it (an ELF object of machine 247, whole and "
			 "not compressed)");
}
