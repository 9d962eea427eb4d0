/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/load/code.h"
#include "bpf/load/text.h"

#define NAME_AT 19 /* "ffffffff81000000 T name": the name follows 16 digits and the type */

/* the file has about 100,000 lines: only the one that matches is parsed */
uint64_t text_symbol(const char *name)
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

bool text_hidden(void)
{
	return !text_symbol("_stext");
}

/* Offset of the address in the core file. */
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
 * Read once for each address: a detach polls this, and each read of the headers makes the kernel
 * write all of them again.
 */
static int read_core(uint64_t address, uint8_t out[TEXT_BYTES])
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

/* BPF_PROG_TEST_RUN returns 32 bits: three bytes of code, and a mark that they were read. */
#define CHUNK	  3
#define READ_MARK (1u << 24)

static int load_reader(void)
{
	struct code c = {.n = 0};
	size_t failed;

	code_load(&c, BPF_REG_3, BPF_REG_1, 0);
	code_store_imm(&c, BPF_DW, BPF_REG_10, -8, 0);
	code_move(&c, BPF_REG_1, BPF_REG_10);
	code_add(&c, BPF_REG_1, -8);
	code_set(&c, BPF_REG_2, CHUNK);
	code_call(&c, BPF_FUNC_probe_read_kernel);
	failed = code_jump(&c, BPF_JNE, BPF_REG_0, 0);
	code_load(&c, BPF_REG_0, BPF_REG_10, -8);
	code_put(&c, BPF_ALU64 | BPF_OR | BPF_K, BPF_REG_0, 0, 0, READ_MARK);
	code_put(&c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	code_land(&c, failed);
	code_exit(&c);
	return bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "read_text", "GPL", c.insns, c.n, NULL);
}

int text_read_by_program(uint64_t address, uint8_t out[TEXT_BYTES])
{
	static int fd = -1;

	if (fd < 0)
		fd = load_reader();
	if (fd < 0)
		return fd;
	for (size_t at = 0; at < TEXT_BYTES; at += CHUNK) {
		uint64_t from = address + at;
		LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &from, .ctx_size_in = sizeof(from));
		int err = bpf_prog_test_run_opts(fd, &run);

		if (err)
			return err;
		if (!(run.retval & READ_MARK))
			return -EFAULT;
		for (size_t i = 0; i < CHUNK && at + i < TEXT_BYTES; i++)
			out[at + i] = (uint8_t)(run.retval >> (8 * i));
	}
	return 0;
}

int text_read(uint64_t address, uint8_t out[TEXT_BYTES])
{
	return read_core(address, out) ? text_read_by_program(address, out) : 0;
}
