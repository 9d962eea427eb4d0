/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <fts.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "kit/archive/base64.h"
#include "kit/archive/cpio.h"
#include "kit/fleet/record_stream.h"

#define PIECE  3000	 /* bytes of gzip a line */
#define WINDOW (15 + 16) /* zlib.h: the largest window, and gzip's header */

struct record_stream {
	struct stream_head head;
	bool open;
	unsigned char *packed;
	size_t len, room;
	struct error fault; /* of the block that is open; "": none */
};

/* ---- sending ---- */

void record_stream_say_started(FILE *out, const struct stream_head *head)
{
	fprintf(out, STREAM_MARK "started %s %u %u\n", head->id, head->boot, head->run);
	fflush(out);
}

void record_stream_say_alive(FILE *out)
{
	fputs(STREAM_MARK "alive\n", out);
	fflush(out);
}

void record_stream_say_gap(FILE *out, const struct stream_head *head, const char *words)
{
	fprintf(out, STREAM_MARK "gap %s %u %u ", head->id, head->boot, head->run);
	for (size_t i = 0; words[i] && i < 480; i++)
		fputc(iscntrl((unsigned char)words[i]) ? ' ' : words[i], out);
	fputc('\n', out);
	fflush(out);
}

static int add_files(struct cpio *cpio, const char *dir, struct error *why)
{
	char *roots[] = {(char *)dir, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	size_t skip = strlen(dir) + 1, total = 0;
	FTSENT *entry;
	int err = tree ? 0 : -errno;

	while (!err && (entry = fts_read(tree))) {
		if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR)
			err = -entry->fts_errno;
		if (entry->fts_info != FTS_F)
			continue;
		total += (size_t)entry->fts_statp->st_size;
		if (total > STREAM_UNPACKED_MOST)
			err = error_set(why, -EFBIG, "its files have more than %lu MiB",
					STREAM_UNPACKED_MOST >> 20);
		else
			err = cpio_add_file(cpio, entry->fts_path + skip, S_IFREG | 0644,
					    entry->fts_path);
	}
	if (tree)
		fts_close(tree);
	if (err && err != -EFBIG)
		error_say(why, "%s: %s", dir, strerror(-err));
	return err;
}

/* All of them at once: a run's files are some MB. */
static int pack(const unsigned char *bytes, size_t len, unsigned char **out, size_t *out_len)
{
	z_stream z = {.next_in = (unsigned char *)bytes, .avail_in = (uInt)len};
	size_t room;

	*out = NULL;
	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return -ENOMEM;
	room = deflateBound(&z, len);
	*out = malloc(room);
	z.next_out = *out;
	z.avail_out = (uInt)room;
	if (!*out || deflate(&z, Z_FINISH) != Z_STREAM_END) {
		deflateEnd(&z);
		free(*out);
		*out = NULL;
		return -ENOMEM;
	}
	*out_len = z.total_out;
	deflateEnd(&z);
	return 0;
}

static int send(FILE *out, const struct stream_head *head, const unsigned char *packed, size_t len)
{
	char text[BASE64_TEXT(PIECE)];

	fprintf(out, STREAM_MARK "begin %s %u %u\n", head->id, head->boot, head->run);
	for (size_t at = 0; at < len && !ferror(out); at += PIECE) {
		base64_encode(packed + at, len - at < PIECE ? len - at : PIECE, text);
		fprintf(out, STREAM_MARK "data %s\n", text);
	}
	fprintf(out, STREAM_MARK "end %zu %08lx\n", len, crc32(0, packed, (uInt)len));
	return fflush(out) || ferror(out) ? -EIO : 0;
}

int record_stream_write(FILE *out, const struct stream_head *head, const char *dir,
			struct error *why)
{
	struct cpio *cpio = cpio_new();
	unsigned char *bytes = NULL, *packed = NULL;
	size_t len, packed_len;
	int err;

	if (!cpio)
		return error_set(why, -ENOMEM, "out of memory");
	err = add_files(cpio, dir, why);
	if (err)
		goto out;
	err = cpio_finish(cpio, &bytes, &len);
	if (!err)
		err = pack(bytes, len, &packed, &packed_len);
	if (!err && (len > STREAM_UNPACKED_MOST || packed_len > STREAM_PACKED_MOST))
		err = -EFBIG;
	if (!err)
		err = send(out, head, packed, packed_len);
	if (err)
		error_say(why, "cannot send its files: %s", strerror(-err));
out:
	free(packed);
	free(bytes);
	cpio_free(cpio);
	return err;
}

/* ---- receiving ---- */

struct record_stream *record_stream_open(void)
{
	return calloc(1, sizeof(struct record_stream));
}

void record_stream_close(struct record_stream *stream)
{
	if (!stream)
		return;
	free(stream->packed);
	free(stream);
}

bool record_stream_is_open(const struct record_stream *stream, struct stream_head *head)
{
	*head = stream->head;
	return stream->open;
}

/* "ID BOOT RUN", and what follows. */
static bool parse_head(const char *text, struct stream_head *head, const char **rest)
{
	int used = -1;

	if (sscanf(text, "%31[0-9a-f] %9u %9u%n", head->id, &head->boot, &head->run, &used) != 3 ||
	    used < 0)
		return false;
	*rest = text + used;
	return **rest == '\0' || **rest == ' ';
}

/* The text behind the mark and this word; NULL: another line. */
static const char *behind(const char *line, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(line, word, len) && line[len] == ' ' ? line + len + 1 : NULL;
}

static void add_data(struct record_stream *stream, const char *text)
{
	size_t len = strlen(text), most = len / 4 * 3, room = stream->room;
	unsigned char *more;
	long got;

	if (!stream->open || *stream->fault.text)
		return;
	if (stream->len + most > STREAM_PACKED_MOST) {
		error_say(&stream->fault, "it has more than %lu MiB", STREAM_PACKED_MOST >> 20);
		return;
	}
	while (!room || stream->len + most > room)
		room = room ? 2 * room : 1 << 16;
	more = room > stream->room ? realloc(stream->packed, room) : stream->packed;
	if (!more) {
		error_say(&stream->fault, "out of memory");
		return;
	}
	stream->packed = more;
	stream->room = room;
	got = base64_decode(text, len, more + stream->len);
	if (got < 0)
		error_say(&stream->fault, "a line of it is no base64, behind byte %zu",
			  stream->len);
	else
		stream->len += (size_t)got;
}

static enum stream_event end(struct record_stream *stream, const char *text,
			     struct stream_head *head, struct error *why)
{
	unsigned long crc;
	size_t len;

	if (!stream->open)
		return STREAM_NOTHING;
	*head = stream->head;
	stream->open = false;
	if (!*stream->fault.text && sscanf(text, "%20zu %8lx", &len, &crc) != 2)
		error_say(&stream->fault, "its end is damaged");
	else if (!*stream->fault.text && len != stream->len)
		error_say(&stream->fault, "%zu of %zu bytes came", stream->len, len);
	else if (!*stream->fault.text && crc != crc32(0, stream->packed, (uInt)len))
		error_say(&stream->fault, "its checksum is another");
	*why = stream->fault;
	return *why->text ? STREAM_DAMAGED : STREAM_WHOLE;
}

enum stream_event record_stream_take(struct record_stream *stream, const char *line,
				     struct stream_head *head, struct error *why)
{
	const size_t mark = strlen(STREAM_MARK);
	const char *text, *rest;

	if (strncmp(line, STREAM_MARK, mark) != 0)
		return STREAM_NOTHING;
	line += mark;
	if ((text = behind(line, "data"))) {
		add_data(stream, text);
	} else if ((text = behind(line, "end"))) {
		return end(stream, text, head, why);
	} else if ((text = behind(line, "started")) && parse_head(text, head, &rest)) {
		return STREAM_STARTED;
	} else if ((text = behind(line, "gap")) && parse_head(text, head, &rest)) {
		error_say(why, "%.480s", *rest ? rest + 1 : "no reason given");
		return STREAM_GAP;
	} else if ((text = behind(line, "begin"))) {
		bool cut = stream->open;

		*head = stream->head;
		stream->open = parse_head(text, &stream->head, &rest);
		stream->len = 0;
		stream->fault.text[0] = '\0';
		if (cut)
			return error_set(why, STREAM_DAMAGED, "it has no end");
	}
	return STREAM_NOTHING;
}

static int inflate_all(const struct record_stream *stream, unsigned char **out, size_t *len,
		       struct error *why)
{
	z_stream z = {.next_in = stream->packed, .avail_in = (uInt)stream->len};
	size_t room = 1 << 16;
	int code = Z_OK, err = 0;

	*out = NULL;
	*len = 0;
	if (inflateInit2(&z, WINDOW) != Z_OK)
		return error_set(why, -ENOMEM, "out of memory");
	while (code == Z_OK && !err) {
		unsigned char *more = realloc(*out, room);

		if (!more) {
			err = error_set(why, -ENOMEM, "out of memory");
			break;
		}
		*out = more;
		z.next_out = *out + z.total_out;
		z.avail_out = (uInt)(room - z.total_out);
		code = inflate(&z, Z_NO_FLUSH);
		if (z.total_out > STREAM_UNPACKED_MOST)
			err = error_set(why, -EFBIG, "unpacked it has more than %lu MiB",
					STREAM_UNPACKED_MOST >> 20);
		if (code == Z_BUF_ERROR && !z.avail_out)
			code = Z_OK;
		room = 2 * room <= STREAM_UNPACKED_MOST ? 2 * room : STREAM_UNPACKED_MOST + 1;
	}
	*len = z.total_out;
	inflateEnd(&z);
	if (!err && (code != Z_STREAM_END || z.avail_in))
		err = error_set(why, -EBADMSG, "it is no gzip, or is cut short");
	return err;
}

int record_stream_unpack(struct record_stream *stream, const char *dir, struct error *why)
{
	unsigned char *bytes = NULL;
	size_t len;
	int err = inflate_all(stream, &bytes, &len, why);

	if (!err)
		err = cpio_unpack(bytes, len, dir, why);
	free(bytes);
	free(stream->packed);
	stream->packed = NULL;
	stream->len = stream->room = 0;
	return err;
}
