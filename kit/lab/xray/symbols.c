/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/system/grow.h"
#include "kit/lab/xray/symbols.h"

#define KERNEL_HALF 0xffff800000000000ull
#define FAR	    (1u << 20)

/* Which of several names for one address to use: not a section's marker, not padding. */
static int ugliness(const char *name)
{
	return (!strncmp(name, "__pfx_", 6) || !strncmp(name, "__cfi_", 6)) * 4 +
	       (strstr(name, "_start") != NULL || strstr(name, "_begin") != NULL ||
		strstr(name, "_end") != NULL) *
		       2 +
	       (strchr(name, '.') != NULL);
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (ugliness(x->name) != ugliness(y->name))
		return ugliness(x->name) - ugliness(y->name);
	return strcmp(x->name, y->name);
}

static int add(struct symbols *out, size_t *room, uint64_t address, const char *name)
{
	struct symbol *list = grow(out->list, out->n, room, sizeof(*list), 16384);

	if (!list)
		return -ENOMEM;
	out->list = list;
	out->list[out->n].address = address;
	out->list[out->n].name = strdup(name);
	return out->list[out->n++].name ? 0 : -ENOMEM;
}

static void drop_doubles(struct symbols *out)
{
	size_t kept = 0;

	for (size_t i = 0; i < out->n; i++) {
		if (kept && out->list[kept - 1].address == out->list[i].address)
			free(out->list[i].name);
		else
			out->list[kept++] = out->list[i];
	}
	out->n = kept;
}

/*
 * Parses "ffffffff81000000 T _text\t[module]". Not with sscanf, which takes the length of the whole
 * remaining text for each line.
 */
static bool parse_line(const char *line, uint64_t *address, char *type, char *name, size_t len)
{
	char *end;
	size_t n;

	*address = strtoull(line, &end, 16);
	if (end == line || end[0] != ' ' || !end[1] || end[2] != ' ')
		return false;
	*type = end[1];
	n = strcspn(end + 3, " \t\n");
	if (!n || n >= len)
		return false;
	memcpy(name, end + 3, n);
	name[n] = '\0';
	return true;
}

int symbols_parse(const char *kallsyms, struct symbols *out)
{
	size_t room = 0;
	int err = 0;

	memset(out, 0, sizeof(*out));
	for (const char *line = kallsyms; line && *line && !err;) {
		char type, name[256];
		uint64_t address;

		if (parse_line(line, &address, &type, name, sizeof(name)) && strchr("tTwW", type) &&
		    address >= KERNEL_HALF)
			err = add(out, &room, address, name);
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	if (!err && !out->n)
		err = -EINVAL;
	if (err) {
		symbols_free(out);
		return err;
	}
	qsort(out->list, out->n, sizeof(*out->list), by_address);
	drop_doubles(out);
	return 0;
}

void symbols_free(struct symbols *symbols)
{
	for (size_t i = 0; i < symbols->n; i++)
		free(symbols->list[i].name);
	free(symbols->list);
	symbols->list = NULL;
	symbols->n = 0;
}

int symbols_find(const struct symbols *symbols, uint64_t address)
{
	size_t low = 0, high = symbols->n;

	if (address < KERNEL_HALF)
		return SYMBOL_USER;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (symbols->list[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address - symbols->list[low - 1].address > FAR)
		return SYMBOL_UNKNOWN;
	return (int)(low - 1);
}

const char *symbols_name(const struct symbols *symbols, int index)
{
	if (index == SYMBOL_USER)
		return "[bpftoll]";
	if (index < 0 || (size_t)index >= symbols->n)
		return "[unknown]";
	return symbols->list[index].name;
}
