/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_json: inputs that are JSON stay JSON. A changed byte nearly always ends in the parser; here
 * a value takes another's place, a list's entry comes twice, a member goes away. One in four is
 * changed byte by byte all the same, for the parser. On the text itself, without a tree of values:
 * a parser's time for each run is more than most runs take.
 */
#ifndef BPFTOLL_TESTS_FUZZ_FUZZ_JSON_H
#define BPFTOLL_TESTS_FUZZ_FUZZ_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
				 size_t size2, uint8_t *out, size_t max_size, unsigned int seed);

#define JSON_VALUES 8192
#define JSON_DEPTH  64
#define JSON_TEXT   (1u << 17)

/* Where a value is in the text, and its member's name in front of it. */
struct json_span {
	size_t key, begin, end; /* key: begin where it has none */
	bool member;
};

struct json_text {
	uint8_t bytes[JSON_TEXT];
	size_t len, n;
	struct json_span values[JSON_VALUES];
};

/* xorshift64* (Vigna 2016) */
static inline size_t json_random(uint64_t *state, size_t below)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (size_t)((*state * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

/* Behind a word of the text: a string with its quotes, or what ends at a delimiter. */
static inline size_t json_word_end(const uint8_t *text, size_t len, size_t at)
{
	if (text[at] != '"') {
		while (at < len && text[at] && !strchr(",:[]{}\" \t\r\n", text[at]))
			at++;
		return at;
	}
	for (at++; at < len && text[at] != '"'; at++)
		at += text[at] == '\\';
	return at + 1;
}

static inline size_t json_blank_end(const uint8_t *text, size_t len, size_t at)
{
	while (at < len && text[at] && strchr(" \t\r\n", text[at]))
		at++;
	return at;
}

/* Finds all values. false: it is no JSON, or has too much. */
static inline bool json_scan(struct json_text *t, const uint8_t *data, size_t len)
{
	size_t open[JSON_DEPTH], depth = 0, at = 0, key = SIZE_MAX;

	if (len > sizeof(t->bytes))
		return false;
	memcpy(t->bytes, data, len);
	t->len = len;
	for (t->n = 0; at < len && t->n < JSON_VALUES;) {
		const uint8_t c = data[at];
		size_t end = at + 1;

		if (c == '}' || c == ']') {
			if (!depth)
				return false;
			t->values[open[--depth]].end = end;
		} else if (c == '{' || c == '[') {
			if (depth == JSON_DEPTH)
				return false;
			open[depth++] = t->n;
			t->values[t->n++] =
				(struct json_span){key < at ? key : at, at, 0, key < at};
			key = SIZE_MAX;
		} else if (c == '"' || c == '-' || (c >= '0' && c <= '9') ||
			   (c >= 'a' && c <= 'z')) {
			size_t next;

			end = json_word_end(data, len, at);
			if (end > len)
				return false;
			next = json_blank_end(data, len, end);
			if (c == '"' && next < len && data[next] == ':') {
				key = at;
				end = next + 1;
			} else {
				t->values[t->n++] =
					(struct json_span){key < at ? key : at, at, end, key < at};
				key = SIZE_MAX;
			}
		}
		at = end;
	}
	return !depth && t->n && at >= len;
}

/* The text with these bytes in the place of [from, to). 0: they do not fit. */
static inline size_t json_splice(const struct json_text *t, size_t from, size_t to,
				 const uint8_t *bytes, size_t len, uint8_t *out, size_t max_size)
{
	if (t->len - (to - from) + len > max_size)
		return 0;
	memcpy(out, t->bytes, from);
	memcpy(out + from, bytes, len);
	memcpy(out + from + len, t->bytes + to, t->len - to);
	return t->len - (to - from) + len;
}

/* Without the value, its name and one comma. */
static inline size_t json_without(const struct json_text *t, const struct json_span *value,
				  uint8_t *out, size_t max_size)
{
	size_t from = value->key, to = json_blank_end(t->bytes, t->len, value->end);

	if (to < t->len && t->bytes[to] == ',') {
		to++;
	} else {
		to = value->end;
		while (from && strchr(" \t\r\n", t->bytes[from - 1]))
			from--;
		from -= from && t->bytes[from - 1] == ',';
	}
	return json_splice(t, from, to, (const uint8_t *)"", 0, out, max_size);
}

/* The entry once more, behind itself; a member's name would be there twice. */
static inline size_t json_twice(const struct json_text *t, const struct json_span *value,
				uint8_t *out, size_t max_size)
{
	size_t len = value->end - value->begin;
	uint8_t *bytes = malloc(len + 1);

	if (!bytes)
		return 0;
	bytes[0] = ',';
	memcpy(bytes + 1, t->bytes + value->begin, len);
	len = json_splice(t, value->end, value->end, bytes, len + 1, out, max_size);
	free(bytes);
	return len;
}

/* Another number than that one, or a word that may stand in any place. */
static inline size_t json_scalar(const uint8_t *value, size_t len, uint64_t *random, char *to,
				 size_t room)
{
	static const char *const words[] = {"0",
					    "-1",
					    "1",
					    "2",
					    "20",
					    "255",
					    "65536",
					    "1000000",
					    "2147483648",
					    "4294967296",
					    "-2147483649",
					    "1e19",
					    "9223372036854775807",
					    "-9223372036854775808",
					    "1e-300",
					    "1e300",
					    "1.7e308",
					    "-1.7e308",
					    "99.99",
					    "100",
					    "100.01",
					    "3e-5",
					    "0.5",
					    "-0.0",
					    "null",
					    "true",
					    "false",
					    "[]",
					    "{}",
					    "\"\"",
					    "\"*\"",
					    "\"../x\"",
					    "\"\\u001b[31m\"",
					    "\"|\\n`<\"",
					    "\"%s%n\""};
	char text[64] = "";
	double number;

	memcpy(text, value, len < sizeof(text) ? len : sizeof(text) - 1);
	number = strtod(text, NULL);
	if (*value == '"' || !json_random(random, 3))
		snprintf(to, room, "%s",
			 words[json_random(random, sizeof(words) / sizeof(*words))]);
	else if (!json_random(random, 3))
		snprintf(to, room, "%.0f", number + 1);
	else
		snprintf(to, room, "%.17g",
			 number * ((double)json_random(random, 2000) / 1000 - 0.2));
	return strlen(to);
}

static inline size_t json_changed(const struct json_text *t, const struct json_text *donors,
				  uint64_t *random, uint8_t *out, size_t max_size)
{
	const struct json_span *value = &t->values[json_random(random, t->n)];
	const struct json_span *donor = &donors->values[json_random(random, donors->n)];
	const uint8_t *at = t->bytes + value->begin;
	size_t len = value->end - value->begin;
	uint8_t bytes[512];

	switch (json_random(random, 8)) {
	case 0:
		return json_without(t, value, out, max_size);
	case 1:
		return value->member ? 0 : json_twice(t, value, out, max_size);
	case 2:
	case 3: /* another value; mostly a whole member's, where it is one */
		if (value->member && donor->member && json_random(random, 4))
			return json_splice(t, value->key, value->end, donors->bytes + donor->key,
					   donor->end - donor->key, out, max_size);
		return json_splice(t, value->begin, value->end, donors->bytes + donor->begin,
				   donor->end - donor->begin, out, max_size);
	case 4:
		if (*at != '"' || len < 3 || len + 64 > sizeof(bytes))
			break;
		memcpy(bytes, at + 1, len - 2);
		return json_splice(t, value->begin + 1, value->end - 1, bytes,
				   LLVMFuzzerMutate(bytes, len - 2, sizeof(bytes)), out, max_size);
	default:
		break;
	}
	/* a list or an object seldom goes altogether */
	if ((*at == '{' || *at == '[') && json_random(random, 8))
		return 0;
	return json_splice(t, value->begin, value->end, bytes,
			   json_scalar(at, len, random, (char *)bytes, sizeof(bytes)), out,
			   max_size);
}

static struct json_text json_one, json_two;

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	uint64_t random = ((uint64_t)seed << 20) | 1;
	size_t len = 0;

	if (json_random(&random, 4) && json_scan(&json_one, data, size))
		for (int tries = 0; !len && tries < 8; tries++)
			len = json_changed(&json_one, &json_one, &random, data, max_size);
	return len ? len : LLVMFuzzerMutate(data, size, max_size);
}

/* 0, no crossing, where one of the two is no JSON. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
				 size_t size2, uint8_t *out, size_t max_size, unsigned int seed)
{
	uint64_t random = ((uint64_t)seed << 20) | 1;
	size_t len = 0;

	if (json_scan(&json_one, data1, size1) && json_scan(&json_two, data2, size2))
		for (int tries = 0; !len && tries < 8; tries++)
			len = json_changed(&json_one, &json_two, &random, out, max_size);
	return len;
}

#endif
