/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "reports/record/text_stream.h"

#define ROOM 64

static bool lacked;

void out_of_memory_note(void)
{
	lacked = true;
}

bool out_of_memory(void)
{
	return lacked;
}

static void *noted(void *got)
{
	if (!got)
		lacked = true;
	return got;
}

/* In the place of each function in objects that are linked with --wrap; __real_ is the function. */
#define WRAPPED(type, name, parameters, arguments)     \
	type __real_##name parameters;                 \
	type __wrap_##name parameters;                 \
	type __wrap_##name parameters                  \
	{                                              \
		return noted(__real_##name arguments); \
	}

WRAPPED(void *, calloc, (size_t n, size_t bytes), (n, bytes))
WRAPPED(void *, realloc, (void *old, size_t bytes), (old, bytes)) /* of no bytes is never asked */
WRAPPED(void *, reallocarray, (void *old, size_t n, size_t bytes), (old, n, bytes))
WRAPPED(char *, strdup, (const char *text), (text))
WRAPPED(char *, strndup, (const char *text, size_t most), (text, most))
WRAPPED(FILE *, fmemopen, (void *to, size_t bytes, const char *mode), (to, bytes, mode))
WRAPPED(FILE *, open_memstream, (char **text, size_t *len), (text, len))
WRAPPED(void *, malloc, (size_t bytes), (bytes))

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);

FILE *__wrap_fopen(const char *path, const char *mode)
{
	FILE *got = __real_fopen(path, mode);

	if (!got && errno == ENOMEM)
		lacked = true;
	return got;
}

int __real_vasprintf(char **out, const char *fmt, va_list args);
int __wrap_vasprintf(char **out, const char *fmt, va_list args);
int __wrap_asprintf(char **out, const char *fmt, ...);

__attribute__((format(printf, 2, 0))) int __wrap_vasprintf(char **out, const char *fmt,
							   va_list args)
{
	int n = __real_vasprintf(out, fmt, args);

	if (n < 0)
		lacked = true;
	return n;
}

__attribute__((format(printf, 2, 3))) int __wrap_asprintf(char **out, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = __wrap_vasprintf(out, fmt, args);
	va_end(args);
	return n;
}

void *noted_malloc(size_t bytes)
{
	return malloc(bytes);
}

char *text_copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

struct buffer {
	char *at;
	size_t place, room; /* place: of the next byte, behind which the text ends */
	char **text;
	size_t *len;
};

static void publish(const struct buffer *to)
{
	*to->text = to->at;
	*to->len = to->place;
}

static ssize_t put(void *cookie, const char *bytes, size_t n)
{
	struct buffer *to = cookie;

	if (to->place + n >= to->room) {
		size_t room = 2 * (to->place + n + 1);
		char *grown = realloc(to->at, room);

		if (!grown) {
			errno = ENOMEM;
			return 0;
		}
		memset(grown + to->room, 0, room - to->room);
		to->at = grown;
		to->room = room;
	}
	memcpy(to->at + to->place, bytes, n);
	to->place += n;
	publish(to);
	return (ssize_t)n;
}

/* Back to the beginning, for a line after a line, and where it is; nothing else is asked for. */
static int move(void *cookie, off64_t *offset, int whence)
{
	struct buffer *to = cookie;

	if (whence == SEEK_CUR)
		*offset += (off64_t)to->place;
	if (whence == SEEK_END || *offset < 0 || (size_t)*offset > to->place)
		return -1;
	to->place = (size_t)*offset;
	publish(to);
	return 0;
}

static int end(void *cookie)
{
	struct buffer *to = cookie;

	to->at[to->place] = '\0';
	publish(to);
	free(to);
	return 0;
}

FILE *text_stream(char **text, size_t *len)
{
	static const cookie_io_functions_t functions = {.write = put, .seek = move, .close = end};
	struct buffer *to = malloc(sizeof(*to));
	FILE *stream = NULL;

	*text = NULL;
	*len = 0;
	if (!to)
		return NULL;
	*to = (struct buffer){.at = malloc(ROOM), .room = ROOM, .text = text, .len = len};
	if (to->at)
		memset(to->at, 0, ROOM);
	if (to->at)
		stream = fopencookie(to, "w", functions);
	if (stream)
		return stream;
	lacked = true;
	free(to->at);
	free(to);
	return NULL;
}
