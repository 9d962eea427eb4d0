/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run's files as lines: they come back as they were, others' lines between them do no harm, and
 * what was cut, changed or is hostile is refused with its fault and leaves nothing elsewhere.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "kit/archive/base64.h"
#include "kit/archive/cpio.h"
#include "kit/fleet/record_stream.h"
#include "kit/system/file.h"
#include "kit/system/scratch.h"

static const struct stream_head sent = {"00ff00ff00ff00ff", 2, 7};
static char base[4096];
static struct error why;

static const char *below(const char *name)
{
	static char path[2][5000];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", base, name);
	return path[turn];
}

static int set_up(void **state)
{
	char noise[70000];

	(void)state;
	if (scratch_make(NULL, base, sizeof(base), &why))
		return -1;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)(i * i * 31 >> 5);
	return mkdir(below("from"), 0755) || mkdir(below("from/run-7"), 0755) ||
	       mkdir(below("to"), 0755) ||
	       file_create(below("from/run-7/record.json"), noise, sizeof(noise)) ||
	       file_create(below("from/run-7.ended"), "{}", 2) ||
	       file_create(below("from/run-7.out"), "", 0);
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(base);
	return 0;
}

/* All lines of what a sender writes. */
static char *written(void)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	record_stream_say_started(out, &sent);
	assert_int_equal(record_stream_write(out, &sent, below("from"), &why), 0);
	fclose(out);
	return text;
}

/* Gives each line to the stream; the last event that is one. */
static enum stream_event take_all(struct record_stream *stream, char *text,
				  struct stream_head *head)
{
	enum stream_event event, last = STREAM_NOTHING;
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		event = record_stream_take(stream, line, head, &why);
		if (event != STREAM_NOTHING)
			last = event;
	}
	return last;
}

static void same_file(const char *name)
{
	struct file_bytes a, b;
	char path[100];

	snprintf(path, sizeof(path), "from/%s", name);
	assert_int_equal(file_read(below(path), 0, &a), 0);
	snprintf(path, sizeof(path), "to/%s", name);
	assert_int_equal(file_read(below(path), 0, &b), 0);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.at, b.at, a.len);
	free(a.at);
	free(b.at);
}

static void files_come_back_as_they_were(void **state)
{
	struct record_stream *stream = record_stream_open();
	struct stream_head head = {.run = 0};
	char *text = written();

	(void)state;
	assert_int_equal(take_all(stream, text, &head), STREAM_WHOLE);
	assert_string_equal(head.id, sent.id);
	assert_int_equal(head.boot, 2);
	assert_int_equal(head.run, 7);
	assert_int_equal(record_stream_unpack(stream, below("to"), &why), 0);
	same_file("run-7/record.json");
	same_file("run-7.ended");
	same_file("run-7.out");
	record_stream_close(stream);
	free(text);
}

static void lines_of_others_do_no_harm(void **state)
{
	struct record_stream *stream = record_stream_open();
	struct stream_head head;
	char *text = written(), *save = NULL;
	enum stream_event event = STREAM_NOTHING;

	(void)state;
	for (char *line = strtok_r(text, "\n", &save); line && event != STREAM_WHOLE;
	     line = strtok_r(NULL, "\n", &save)) {
		assert_int_equal(record_stream_take(stream, "Last login: Mon", &head, &why),
				 STREAM_NOTHING);
		assert_int_equal(record_stream_take(stream, "", &head, &why), STREAM_NOTHING);
		assert_int_equal(record_stream_take(stream, "bpftoll-record", &head, &why),
				 STREAM_NOTHING);
		assert_int_equal(record_stream_take(stream, "bpftoll-record what", &head, &why),
				 STREAM_NOTHING);
		event = record_stream_take(stream, line, &head, &why);
	}
	assert_int_equal(event, STREAM_WHOLE);
	assert_int_equal(record_stream_unpack(stream, below("to"), &why), 0);
	same_file("run-7/record.json");
	record_stream_close(stream);
	free(text);
}

/* The number-th line with this word in it; drop it, or change one of its letters. */
static void damaged(const char *word, int number, bool drop, const char *fault)
{
	struct record_stream *stream = record_stream_open();
	struct stream_head head = {.run = 0};
	char *text = written(), *at = text;

	for (at = strstr(at, word); at && number > 0; number--)
		at = strstr(at + 1, word);
	assert_non_null(at);
	at += strlen(word) + 1;
	if (drop)
		memmove(at - strlen(word) - 1, strchr(at, '\n'), strlen(strchr(at, '\n')) + 1);
	else
		*at = *at == 'A' ? 'B' : 'A';
	assert_int_equal(take_all(stream, text, &head), STREAM_DAMAGED);
	assert_int_equal(head.run, 7);
	assert_non_null(strstr(why.text, fault));
	record_stream_close(stream);
	free(text);
}

static void what_was_changed_on_the_way_is_refused(void **state)
{
	(void)state;
	damaged("record data", 0, true, "bytes came");
	damaged("record data", 1, false, "its checksum is another");
	damaged("record end", 0, false, "its end is damaged");
}

static void a_block_without_a_byte_is_a_block(void **state)
{
	char text[] = "bpftoll-record begin 0a 1 7\nbpftoll-record data \n"
		      "bpftoll-record end 0 00000000\n";
	struct record_stream *stream = record_stream_open();
	struct stream_head head;

	(void)state;
	assert_int_equal(take_all(stream, text, &head), STREAM_WHOLE);
	assert_int_equal(record_stream_unpack(stream, "/nonexistent", &why), -EBADMSG);
	record_stream_close(stream);
}

static void what_is_cut_short_has_no_end(void **state)
{
	struct record_stream *stream = record_stream_open();
	struct stream_head head;
	char *text = written(), *again = written();

	(void)state;
	*strstr(text, "bpftoll-record end") = '\0';
	assert_int_equal(take_all(stream, text, &head), STREAM_STARTED);
	assert_true(record_stream_is_open(stream, &head));
	assert_int_equal(head.run, 7);
	/* another block begins: the one before is named, and the other is whole */
	*strstr(again, "bpftoll-record end") = '\0';
	assert_int_equal(take_all(stream, again, &head), STREAM_DAMAGED);
	assert_string_equal(why.text, "it has no end");
	record_stream_close(stream);
	free(again);
	free(text);
}

static void a_gap_has_its_words_in_one_line(void **state)
{
	struct record_stream *stream = record_stream_open();
	struct stream_head head;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	record_stream_say_gap(out, &sent, "no space\nbpftoll-record end 0 0\x1b[31m");
	fclose(out);
	assert_int_equal(take_all(stream, text, &head), STREAM_GAP);
	assert_string_equal(why.text, "no space bpftoll-record end 0 0 [31m");
	record_stream_close(stream);
	free(text);
}

/* Bytes as a block with its right length and checksum. */
static int unpack(const unsigned char *bytes, size_t len)
{
	struct record_stream *stream = record_stream_open();
	struct stream_head head;
	char line[8000], text[BASE64_TEXT(3000)];
	int err;

	record_stream_take(stream, "bpftoll-record begin 00 1 1", &head, &why);
	for (size_t at = 0; at < len; at += 3000) {
		base64_encode(bytes + at, len - at < 3000 ? len - at : 3000, text);
		snprintf(line, sizeof(line), "bpftoll-record data %s", text);
		record_stream_take(stream, line, &head, &why);
	}
	snprintf(line, sizeof(line), "bpftoll-record end %zu %08lx", len,
		 crc32(0, bytes, (uInt)len));
	assert_int_equal(record_stream_take(stream, line, &head, &why), STREAM_WHOLE);
	err = record_stream_unpack(stream, below("to"), &why);
	record_stream_close(stream);
	return err;
}

static int unpack_zipped(const unsigned char *bytes, size_t len)
{
	uLong room = compressBound(len) + 64;
	unsigned char *zipped = malloc(room);
	z_stream z = {.next_in = (unsigned char *)bytes, .avail_in = (uInt)len};
	int err;

	z.next_out = zipped;
	z.avail_out = (uInt)room;
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	err = unpack(zipped, z.total_out);
	deflateEnd(&z);
	free(zipped);
	return err;
}

static int unpack_member(const char *name, mode_t mode, const char *contents)
{
	struct cpio *cpio = cpio_new();
	unsigned char *bytes;
	size_t len;
	int err;

	assert_int_equal(cpio_add(cpio, name, mode, contents, strlen(contents)), 0);
	assert_int_equal(cpio_finish(cpio, &bytes, &len), 0);
	err = unpack_zipped(bytes, len);
	cpio_free(cpio);
	free(bytes);
	return err;
}

static void nothing_leaves_the_folder(void **state)
{
	(void)state;
	assert_int_equal(unpack_member("../outside", S_IFREG | 0644, "x"), -EBADMSG);
	assert_int_equal(unpack_member("a/../../outside", S_IFREG | 0644, "x"), -EBADMSG);
	assert_int_equal(unpack_member("link", S_IFLNK | 0777, "/etc/passwd"), -EBADMSG);
	assert_int_equal(unpack_member("pipe", S_IFIFO | 0644, ""), -EBADMSG);
	assert_int_equal(access(below("outside"), F_OK), -1);
	assert_int_equal(unpack_member("fine", S_IFREG | 0644, "x"), 0);
	assert_int_equal(access(below("to/fine"), F_OK), 0);
}

static void what_is_no_archive_is_refused(void **state)
{
	(void)state;
	assert_int_equal(unpack((const unsigned char *)"not gzip", 8), -EBADMSG);
	assert_int_equal(unpack(NULL, 0), -EBADMSG);
	assert_int_equal(unpack_zipped((const unsigned char *)"070701 no", 9), -EBADMSG);
}

/* 260 MiB of zeros are 1.2 MB of gzip. */
static void a_gzip_that_grows_too_much_is_refused(void **state)
{
	static unsigned char zeros[1 << 20], zipped[2 << 20];
	z_stream z = {.next_out = zipped, .avail_out = sizeof(zipped)};

	(void)state;
	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	for (int i = 0; i < 260; i++) {
		z.next_in = zeros;
		z.avail_in = sizeof(zeros);
		assert_int_equal(deflate(&z, Z_NO_FLUSH), Z_OK);
	}
	z.avail_in = 0;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(unpack(zipped, z.total_out), -EFBIG);
	assert_non_null(strstr(why.text, "more than 256 MiB"));
	deflateEnd(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_come_back_as_they_were, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lines_of_others_do_no_harm, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_changed_on_the_way_is_refused, set_up,
						tear_down),
		cmocka_unit_test(a_block_without_a_byte_is_a_block),
		cmocka_unit_test_setup_teardown(what_is_cut_short_has_no_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_gap_has_its_words_in_one_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_leaves_the_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_archive_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_gzip_that_grows_too_much_is_refused, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
