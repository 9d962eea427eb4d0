/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzzes what a machine of a fleet sends: lines as they come, or (first byte odd) its bytes as the
 * gzip of a block whose length and checksum are right. Whatever it holds, nothing appears beside
 * the folder that it is unpacked into.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "kit/archive/base64.h"
#include "kit/fleet/record_stream.h"
#include "tests/fuzz/fuzz_file.h"

#define PIECE 3000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(struct record_stream *stream, const char *line)
{
	struct stream_head head = {.run = 0};
	struct error why = {0};
	char to[128];

	if (record_stream_take(stream, line, &head, &why) != STREAM_WHOLE)
		return;
	snprintf(to, sizeof(to), "%s/unpacked", fuzz_folder());
	mkdir(to, 0700);
	record_stream_unpack(stream, to, &why);
	/* ".", ".." and the folder */
	if (fuzz_entries(fuzz_folder()) > 3)
		abort();
	scratch_remove(to);
}

static void take_block(struct record_stream *stream, const uint8_t *data, size_t size)
{
	char text[BASE64_TEXT(PIECE)], line[sizeof(text) + 64];

	take(stream, STREAM_MARK "begin 0a 1 2");
	for (size_t at = 0; at < size; at += PIECE) {
		base64_encode(data + at, size - at < PIECE ? size - at : PIECE, text);
		snprintf(line, sizeof(line), STREAM_MARK "data %s", text);
		take(stream, line);
	}
	snprintf(line, sizeof(line), STREAM_MARK "end %zu %08lx", size, crc32(0, data, (uInt)size));
	take(stream, line);
}

static void take_lines(struct record_stream *stream, const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *save = NULL;

	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		take(stream, line);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_stream *stream = record_stream_open();

	if (size && (data[0] & 1))
		take_block(stream, data + 1, size - 1);
	else if (size)
		take_lines(stream, data + 1, size - 1);
	record_stream_close(stream);
	return 0;
}
