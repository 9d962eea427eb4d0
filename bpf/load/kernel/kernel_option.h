/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kernel_option: was a kernel built with an option ("CONFIG_KPROBES")?
 *
 * The configuration says: /proc/config.gz, else /boot/config-RELEASE. Where neither can be read,
 * signs do: a file that only a kernel with the option has, or a function among its symbols, whose
 * names nothing hides. All is read once.
 */
#ifndef BPFTOLL_BPF_LOAD_KERNEL_KERNEL_OPTION_H
#define BPFTOLL_BPF_LOAD_KERNEL_KERNEL_OPTION_H

#include <stdbool.h>

#define KERNEL_SOURCE 160

/* The running kernel's configuration, unpacked; NULL: it cannot be read. */
const char *kernel_config_text(void);

/* What a configuration's text says of an option: 'y', 'm', the first character of a value, or 'n'.
 */
char kernel_config_value(const char *text, const char *option);

/*
 * 1, 0, or -ENOENT: not known. source ("" if not known): by what, such as "/proc/config.gz" or
 * "its symbols have no register_kprobe".
 */
int kernel_option(const char *option, char source[KERNEL_SOURCE]);

/* The same by signs alone, below root ("" is this machine's). */
int kernel_option_seen(const char *root, const char *option, char source[KERNEL_SOURCE]);

#endif
