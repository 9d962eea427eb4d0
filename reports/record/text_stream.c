/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
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

void *noted_malloc(size_t bytes)
{
	void *got = malloc(bytes);

	lacked = lacked || !got;
	return got;
}

char *text_copy(const char *text)
{
	size_t len = text ? strlen(text) + 1 : 0;
	char *copy = text ? noted_malloc(len) : NULL;

	return copy ? memcpy(copy, text, len) : NULL;
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
			lacked = true;
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
	struct buffer *to = noted_malloc(sizeof(*to));
	FILE *stream = NULL;

	*text = NULL;
	*len = 0;
	if (!to)
		return NULL;
	*to = (struct buffer){.at = noted_malloc(ROOM), .room = ROOM, .text = text, .len = len};
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
