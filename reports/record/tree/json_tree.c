/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* strtod_l */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "reports/record/tree/json_tree.h"
#include "reports/record/tree/utf8.h"

/* ---- memory: blocks that are freed together ---- */

#define BLOCK_LEAST (64UL << 10)
#define BLOCK_MOST  (1UL << 20)

struct json_block {
	struct json_block *before;
	size_t used, room;
	alignas(max_align_t) char bytes[];
};

struct builder {
	struct json_tree *tree;
	struct json_value *open[JSON_TREE_DEPTH]; /* the top first */
	uint64_t seen[JSON_TREE_DEPTH];		  /* a bit for each hash of a key in it, of 64 */
	size_t depth;
	const char *key; /* of the next value */
	uint32_t key_hash;
	locale_t c_locale; /* a decimal point, whatever the user's language */
	yajl_handle parser;
	char fault[96];
	jmp_buf out_of_memory;
};

static struct json_block *add_block(struct json_tree *tree, size_t least)
{
	size_t room = tree->blocks ? 2 * tree->blocks->room : BLOCK_LEAST;
	struct json_block *block;

	if (room > BLOCK_MOST)
		room = BLOCK_MOST;
	if (room < least)
		room = least;
	block = malloc(sizeof(*block) + room);
	if (!block)
		return NULL;
	*block = (struct json_block){.before = tree->blocks, .room = room};
	tree->blocks = block;
	return block;
}

/* yajl does not look whether it got memory: whoever gets none does not return. */
static void *take(struct builder *b, size_t size)
{
	struct json_block *block = b->tree->blocks;
	void *at;

	size = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (!block || block->room - block->used < size)
		block = add_block(b->tree, size);
	if (!block)
		longjmp(b->out_of_memory, 1);
	at = block->bytes + block->used;
	block->used += size;
	return at;
}

/* For yajl: its buffers grow, so that their size stands before them. */
#define SIZE_ROOM alignof(max_align_t)

static void *yajl_take(void *ctx, size_t size)
{
	char *at = take(ctx, size + SIZE_ROOM);

	memcpy(at, &size, sizeof(size));
	return at + SIZE_ROOM;
}

static void *yajl_retake(void *ctx, void *was, size_t size)
{
	void *now = yajl_take(ctx, size);
	size_t had = 0;

	if (was)
		memcpy(&had, (char *)was - SIZE_ROOM, sizeof(had));
	if (was)
		memcpy(now, was, had < size ? had : size);
	return now;
}

static void yajl_give(void *ctx, void *at)
{
	(void)ctx, (void)at;
}

void json_tree_free(struct json_tree *tree)
{
	while (tree->blocks) {
		struct json_block *before = tree->blocks->before;

		free(tree->blocks);
		tree->blocks = before;
	}
	tree->top = NULL;
}

/* ---- values ---- */

static int refuse(struct builder *b, const char *words)
{
	snprintf(b->fault, sizeof(b->fault), "%s", words);
	return 0;
}

static struct json_value *add(struct builder *b, enum json_kind kind)
{
	struct json_value *value = take(b, sizeof(*value));
	struct json_value *in = b->depth ? b->open[b->depth - 1] : NULL;

	*value = (struct json_value){.key = b->key, .key_hash = b->key_hash, .kind = kind};
	b->key = NULL;
	if (!in) {
		b->tree->top = value;
		return value;
	}
	if (in->last)
		in->last->next = value;
	else
		in->first = value;
	in->last = value;
	in->n++;
	return value;
}

static int take_null(void *ctx)
{
	add(ctx, JSON_TREE_NULL);
	return 1;
}

static int take_bool(void *ctx, int truth)
{
	add(ctx, JSON_TREE_BOOL)->truth = truth;
	return 1;
}

/*
 * A real number of at most 15 digits and 22 decimals, as a record has them: both the digits and the
 * power of ten are exact as a double, so that one division rounds once, to what strtod gives
 * (Clinger 1990, "How to read floating point numbers accurately"). False: not of that kind.
 */
static bool is_short_real(const char *text, size_t len, double *out)
{
	static const double tens[] = {1e0,  1e1,  1e2,	1e3,  1e4,  1e5,  1e6,	1e7,
				      1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
				      1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	size_t i = *text == '-', decimals = 0;
	uint64_t digits = 0;
	bool point = false;

	for (; i < len; i++) {
		if (text[i] == '.') {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9' || digits >= 100000000000000ULL)
			return false;
		digits = 10 * digits + (uint64_t)(text[i] - '0');
		decimals += point;
	}
	if (decimals >= sizeof(tens) / sizeof(*tens))
		return false;
	*out = (double)digits / tens[decimals];
	if (*text == '-')
		*out = -*out;
	return true;
}

/* yajl knows that it is a number, and hands it over without an end. */
static int take_number(void *ctx, const char *text, size_t len)
{
	char few[64], *copy = len < sizeof(few) ? few : take(ctx, len + 1);
	struct builder *b = ctx;
	bool is_real = false;
	double real;

	for (size_t i = 0; i < len; i++)
		is_real |= text[i] == '.' || text[i] == 'e' || text[i] == 'E';
	if (is_real && is_short_real(text, len, &real)) {
		add(b, JSON_TREE_REAL)->real = real;
		return 1;
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	errno = 0;
	if (is_real) {
		real = strtod_l(copy, NULL, b->c_locale);
		if (isinf(real))
			return refuse(b, "real number overflow");
		add(b, JSON_TREE_REAL)->real = real;
		return 1;
	}
	add(b, JSON_TREE_INTEGER)->integer = strtoll(copy, NULL, 10);
	return errno ? refuse(b, "too big integer") : 1;
}

/* The eight bytes from there on, or the fewer that there are and zeros. */
static uint64_t eight(const char *text, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, text, len < sizeof(word) ? len : sizeof(word));
	return word;
}

/* yajl lets overlong forms and surrogates pass, and "\u0000"; most text is ASCII. */
static bool is_text(const char *text, size_t len)
{
	const unsigned char *at = (const unsigned char *)text, *end = at + len;
	uint64_t all = 0;
	size_t step = 1;

	for (size_t i = 0; i < len; i += 8)
		all |= eight(text + i, len - i);
	if (memchr(text, 0, len))
		return false;
	if (!(all & 0x8080808080808080ULL))
		return true;
	while (at < end && step) {
		utf8_decode(at, &step);
		at += step;
	}
	return step;
}

static char *copy_text(struct builder *b, const unsigned char *text, size_t len)
{
	char *copy = take(b, len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return is_text(copy, len) ? copy : NULL;
}

static int take_string(void *ctx, const unsigned char *text, size_t len)
{
	const char *copy = copy_text(ctx, text, len);

	if (!copy)
		return refuse(ctx, "a string with NUL, or that is not UTF-8");
	add(ctx, JSON_TREE_STRING)->text = copy;
	return 1;
}

/* To tell keys apart, nothing else: its first eight bytes, its last eight, and how many it has. */
static uint32_t hash_of(const char *key, size_t len)
{
	uint64_t mixed = eight(key, len) ^ len;

	if (len > 8)
		mixed ^= eight(key + len - 8, 8) << 1;
	return (uint32_t)(mixed * 0x9e3779b97f4a7c15ULL >> 32);
}

static int take_key(void *ctx, const unsigned char *text, size_t len)
{
	struct builder *b = ctx;
	const struct json_value *in = b->open[b->depth - 1];
	uint64_t *seen = &b->seen[b->depth - 1];

	b->key = copy_text(b, text, len);
	if (!b->key)
		return refuse(b, "a key with NUL, or that is not UTF-8");
	b->key_hash = hash_of(b->key, len);
	if (in->n == JSON_TREE_MEMBERS)
		return refuse(b, "an object with too many members");
	if (!(*seen >> (b->key_hash % 64) & 1)) {
		*seen |= 1ULL << (b->key_hash % 64);
		return 1;
	}
	for (const struct json_value *at = in->first; at; at = at->next)
		if (at->key_hash == b->key_hash && !strcmp(at->key, b->key))
			return refuse(b, "duplicate object key");
	return 1;
}

static int enter(struct builder *b, enum json_kind kind)
{
	struct json_value *value = add(b, kind);

	if (b->depth == JSON_TREE_DEPTH)
		return refuse(b, "nested too deeply");
	b->seen[b->depth] = 0;
	b->open[b->depth++] = value;
	return 1;
}

static int enter_object(void *ctx)
{
	return enter(ctx, JSON_TREE_OBJECT);
}

static int enter_array(void *ctx)
{
	return enter(ctx, JSON_TREE_ARRAY);
}

static int leave(void *ctx)
{
	struct builder *b = ctx;

	b->depth--;
	return 1;
}

static const yajl_callbacks callbacks = {
	take_null,    take_bool, NULL,	NULL,	     take_number, take_string,
	enter_object, take_key,	 leave, enter_array, leave,
};

/* ---- the whole text ---- */

static int explain(struct builder *b, const char *text, size_t at, struct error *why)
{
	unsigned char *words = *b->fault ? NULL : yajl_get_error(b->parser, 0, NULL, 0);
	size_t line = 1, column = 0;

	for (size_t i = 0; i < at; i++, column++) {
		if (text[i] == '\n') {
			line++;
			column = (size_t)-1;
		}
	}
	return error_set(why, -EINVAL, "line %zu, column %zu: %.*s", line, column,
			 words ? (int)strcspn((char *)words, "\n") : (int)sizeof(b->fault),
			 words ? (char *)words : b->fault);
}

static int read_all(struct builder *b, const char *text, size_t len, struct error *why)
{
	yajl_alloc_funcs memory = {yajl_take, yajl_retake, yajl_give, b};
	const char *blank = memchr(text, '\f', len);

	/* blanks to yajl, not to JSON */
	blank = blank ? blank : memchr(text, '\v', len);
	if (blank)
		return refuse(b, "invalid char in json text."),
		       explain(b, text, (size_t)(blank - text), why);
	if (setjmp(b->out_of_memory))
		return error_set(why, -ENOMEM, "out of memory");
	b->parser = yajl_alloc(&callbacks, &memory, b);
	if (yajl_parse(b->parser, (const unsigned char *)text, len) != yajl_status_ok)
		return explain(b, text, yajl_get_bytes_consumed(b->parser), why);
	if (yajl_complete_parse(b->parser) != yajl_status_ok)
		return explain(b, text, len, why);
	/* yajl lets a string pass that begins behind the value and has no end: this would be it */
	if (yajl_parse(b->parser, (const unsigned char *)"\"", 1) != yajl_status_ok)
		return refuse(b, "trailing garbage"), explain(b, text, len, why);
	return 0;
}

int json_tree_read(const char *text, size_t len, struct json_tree *out, struct error *why)
{
	struct builder b = {.tree = out, .c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
	int err;

	*out = (struct json_tree){NULL, NULL};
	if (!b.c_locale)
		return error_set(why, -ENOMEM, "out of memory");
	err = read_all(&b, text, len, why);
	freelocale(b.c_locale);
	if (err)
		json_tree_free(out);
	return err;
}

const struct json_value *json_tree_member(const struct json_value *object, const char *key,
					  const struct json_value **from)
{
	const struct json_value *at = *from;

	if (!at || strcmp(at->key, key) != 0)
		for (at = object->first; at && (*at->key != *key || strcmp(at->key, key) != 0);)
			at = at->next;
	if (at)
		*from = at->next;
	return at;
}
