/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab/xray/calltree.h"

static void put_path(const struct calltree *tree, const struct symbols *symbols, size_t call,
		     FILE *out)
{
	if (call) {
		put_path(tree, symbols, tree->calls[call].parent, out);
		fputc(';', out);
	}
	fputs(symbols_name(symbols, tree->calls[call].symbol), out);
}

int calltree_fold(const struct calltree *tree, const struct symbols *symbols, bool differential,
		  FILE *out)
{
	for (size_t i = 0; i < tree->n; i++) {
		const struct call *c = &tree->calls[i];

		if (!c->own && !(differential && c->bare_own))
			continue;
		put_path(tree, symbols, i, out);
		if (differential)
			fprintf(out, " %" PRIu64, c->bare_own);
		fprintf(out, " %" PRIu64 "\n", c->own);
	}
	return ferror(out) ? -EIO : 0;
}

/* Instructions that the probe added to one function, wherever it was called from. */
struct row {
	int symbol;
	int64_t own, total;
	uint64_t hit_own;
};

/* a recursive function is counted once in its total */
static bool has_ancestor(const struct calltree *tree, size_t call, int symbol)
{
	while (call) {
		call = tree->calls[call].parent;
		if (tree->calls[call].symbol == symbol)
			return true;
	}
	return false;
}

static int by_symbol(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->symbol > y->symbol) - (x->symbol < y->symbol);
}

static int by_own(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->own != y->own)
		return x->own < y->own ? 1 : -1;
	return (x->total < y->total) - (x->total > y->total);
}

static size_t merge(struct row *rows, size_t n)
{
	size_t kept = 0;

	qsort(rows, n, sizeof(*rows), by_symbol);
	for (size_t i = 0; i < n; i++) {
		if (kept && rows[kept - 1].symbol == rows[i].symbol) {
			rows[kept - 1].own += rows[i].own;
			rows[kept - 1].total += rows[i].total;
			rows[kept - 1].hit_own += rows[i].hit_own;
		} else {
			rows[kept++] = rows[i];
		}
	}
	qsort(rows, kept, sizeof(*rows), by_own);
	return kept;
}

int calltree_table(const struct calltree *tree, const struct symbols *symbols, FILE *out)
{
	struct row *rows = calloc(tree->n ? tree->n : 1, sizeof(*rows));
	int64_t sum = 0;
	size_t n;

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < tree->n; i++) {
		const struct call *c = &tree->calls[i];

		rows[i].symbol = c->symbol;
		rows[i].own = (int64_t)(c->own - c->bare_own);
		rows[i].hit_own = c->own;
		if (!has_ancestor(tree, i, c->symbol))
			rows[i].total = (int64_t)(c->total - c->bare_total);
		sum += rows[i].own;
	}
	n = merge(rows, tree->n);
	fprintf(out, "%8s %8s  %s\n", "own", "total", "function (instructions added)");
	for (size_t i = 0; i < n; i++)
		if (rows[i].own)
			fprintf(out, "%8" PRId64 " %8" PRId64 "  %s\n", rows[i].own, rows[i].total,
				symbols_name(symbols, rows[i].symbol));
	fprintf(out, "%8" PRId64 " %8s  sum\n", sum, "");
	free(rows);
	return ferror(out) ? -EIO : 0;
}
