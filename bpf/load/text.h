/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * text: the kernel's code as it is now, read through /proc/kcore, or by a BPF program on a kernel
 * without it (CONFIG_PROC_KCORE). It shows when a detach is complete: the jump of an optimised
 * kprobe, for example, is removed later by a worker.
 */
#ifndef BPFTOLL_BPF_LOAD_TEXT_H
#define BPFTOLL_BPF_LOAD_TEXT_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#define TEXT_BYTES 32

/* Address of a function symbol in /proc/kallsyms; 0 when it is missing or hidden. */
uint64_t text_symbol(const char *name);

/* Does the kernel hide its addresses from this process (kallsyms_show_value() in the kernel)? */
bool text_hidden(void);

/* Reads TEXT_BYTES of code at an address. 0, or -errno when neither way can read it. */
int text_read(uint64_t address, uint8_t out[TEXT_BYTES]);

/*
 * The same by the BPF program alone. Needs Linux 5.10 (BPF_PROG_TEST_RUN of raw tracepoints) and no
 * lockdown.
 */
int text_read_by_program(uint64_t address, uint8_t out[TEXT_BYTES]);

#endif
