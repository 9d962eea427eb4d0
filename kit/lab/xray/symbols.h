/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * symbols: finds the function that an address belongs to, from a guest's /proc/kallsyms.
 *
 * symbols_parse (the whole text) -> symbols_find, symbols_name … -> symbols_free.
 */
#ifndef BPFTOLL_KIT_LAB_XRAY_SYMBOLS_H
#define BPFTOLL_KIT_LAB_XRAY_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

struct symbol {
	uint64_t address;
	char *name;
};

struct symbols {
	struct symbol *list; /* sorted by address; code only, one name for each address */
	size_t n;
};

/* -EINVAL: no line is in the form of kallsyms, or every address is hidden (0). */
int symbols_parse(const char *kallsyms, struct symbols *out);
void symbols_free(struct symbols *symbols);

/*
 * The function that contains the address: its index in list, SYMBOL_USER below the kernel's half,
 * SYMBOL_UNKNOWN where no function begins within 1 MiB below it.
 */
#define SYMBOL_USER    (-1)
#define SYMBOL_UNKNOWN (-2)
int symbols_find(const struct symbols *symbols, uint64_t address);
const char *symbols_name(const struct symbols *symbols, int index);

#endif
