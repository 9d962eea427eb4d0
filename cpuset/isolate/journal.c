/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE 1
#include "calib/error.h"
#include "cpuset/isolate/journal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char version_line[] = "bpftoll isolate journal 1";

enum { JOURNAL_MOST = 4 << 20, FIELDS = 5 };

struct journal {
	char *path;
	int fd;
	struct owner owner;
	struct journal_entry *entries;
	size_t count, room;
};

/* ---- escapes ---- */

static void put_field(FILE *out, const char *text)
{
	fputc('\t', out);
	for (const char *at = text; *at; at++) {
		unsigned char byte = (unsigned char)*at;

		if (byte == '\\')
			fputs("\\\\", out);
		else if (byte == '\n')
			fputs("\\n", out);
		else if (byte == '\t')
			fputs("\\t", out);
		else if (byte < 0x20 || byte >= 0x7f)
			fprintf(out, "\\x%02x", byte);
		else
			fputc(byte, out);
	}
}

/* Undoes the escapes in place; false when the text is not what put_field writes. */
static bool unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		unsigned char byte = (unsigned char)*at;

		if (byte < 0x20 || byte >= 0x7f)
			return false;
		if (byte == '\\') {
			char digits[3] = "";

			at++;
			if (*at == '\\') {
				byte = '\\';
			} else if (*at == 'n') {
				byte = '\n';
			} else if (*at == 't') {
				byte = '\t';
			} else if (*at == 'x' && isxdigit((unsigned char)at[1]) &&
				   isxdigit((unsigned char)at[2])) {
				memcpy(digits, at + 1, 2);
				byte = (unsigned char)strtoul(digits, NULL, 16);
				at += 2;
			} else {
				return false;
			}
			if (!byte)
				return false;
		}
		*to++ = (char)byte;
	}
	*to = '\0';
	return true;
}

/* ---- writing ---- */

static int write_synced(int fd, const char *text, size_t len)
{
	off_t before = lseek(fd, 0, SEEK_END);
	size_t done = 0;
	int err;

	if (before < 0)
		return -errno;
	while (done < len) {
		ssize_t put = write(fd, text + done, len - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			goto undo;
		done += (size_t)put;
	}
	if (fsync(fd) == 0)
		return 0;
undo:
	err = -errno;
	/*
	 * After a partial line the next entry would be appended to it, so it is cut off; the first
	 * error is the one to report.
	 */
	if (ftruncate(fd, before) < 0)
		return err;
	return err;
}

static int write_head(struct journal *journal)
{
	char head[256];
	int len = snprintf(head, sizeof(head), "%s\nowner\t%d\t%" PRIu64 "\t%s\n", version_line,
			   journal->owner.pid, journal->owner.start, journal->owner.boot);

	return write_synced(journal->fd, head, (size_t)len);
}

static void sync_folder(const char *path)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int fd;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		 slash ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	/*
	 * Best effort: only a power cut could undo the rename, and that undoes the settings as
	 * well.
	 */
	(void)fsync(fd);
	close(fd);
}

static struct journal *journal_new(const char *path)
{
	struct journal *journal = calloc(1, sizeof(*journal));

	if (!journal)
		return NULL;
	journal->fd = -1;
	journal->path = strdup(path);
	if (!journal->path) {
		free(journal);
		return NULL;
	}
	return journal;
}

int journal_create(const char *root, const char *path, struct journal **out, struct error *why)
{
	struct journal *journal = journal_new(path);
	char draft[PATH_MAX];
	int err = -ENOMEM;

	snprintf(draft, sizeof(draft), "%s.%d", path, (int)getpid());
	if (!journal)
		goto out;
	err = owner_self(root, &journal->owner);
	if (err)
		goto out;
	/* left by a killed process with the same pid, if at all */
	unlink(draft);
	journal->fd =
		open(draft, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0600);
	if (journal->fd < 0) {
		err = -errno;
		goto out;
	}
	err = write_head(journal);
	/*
	 * a journal appears complete, with its owner, and never replaces an existing one
	 */
	if (!err && renameat2(AT_FDCWD, draft, AT_FDCWD, path, RENAME_NOREPLACE) < 0)
		err = -errno;
	if (err)
		unlink(draft);
	else
		sync_folder(path);
out:
	if (err) {
		error_say(why, "%s cannot be created: %s%s", path, strerror(-err),
			  err == -EACCES || err == -EPERM ? " (--isolate needs root)" : "");
		journal_close(journal);
		return err;
	}
	*out = journal;
	return 0;
}

static void free_entry(struct journal_entry *entry)
{
	free(entry->name);
	free(entry->path);
	free(entry->before);
	free(entry->after);
}

static int keep_entry(struct journal *journal, const char *const fields[4], unsigned int line)
{
	struct journal_entry *entry;

	if (journal->count == journal->room) {
		size_t room = journal->room ? journal->room * 2 : 64;

		entry = reallocarray(journal->entries, room, sizeof(*entry));
		if (!entry)
			return -ENOMEM;
		journal->entries = entry;
		journal->room = room;
	}
	entry = &journal->entries[journal->count];
	*entry = (struct journal_entry){strdup(fields[0]), strdup(fields[1]), strdup(fields[2]),
					strdup(fields[3]), line};
	/* Counted even on an error, so that journal_close frees its parts. */
	journal->count++;
	if (!entry->name || !entry->path || !entry->before || !entry->after)
		return -ENOMEM;
	return 0;
}

int journal_append(struct journal *journal, const char *name, const char *path, const char *before,
		   const char *after)
{
	const char *const fields[4] = {name, path, before, after};
	char *line = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&line, &len);
	int err;

	if (!out)
		return -errno;
	fputs("set", out);
	for (size_t i = 0; i < 4; i++)
		put_field(out, fields[i]);
	fputc('\n', out);
	err = fclose(out) == 0 ? 0 : -ENOMEM;
	if (!err)
		err = keep_entry(journal, fields, 0);
	if (!err) {
		err = write_synced(journal->fd, line, len);
		if (err)
			free_entry(&journal->entries[--journal->count]);
	}
	free(line);
	return err;
}

/* ---- reading ---- */

static int parse_owner(struct owner *owner, const char *line)
{
	int used = 0;

	if (sscanf(line, "owner\t%9d\t%19" SCNu64 "\t%63[0-9a-f-]%n", &owner->pid, &owner->start,
		   owner->boot, &used) != 3)
		return -EBADMSG;
	return line[used] || owner->pid <= 0 ? -EBADMSG : 0;
}

static int parse_entry(struct journal *journal, char *line, unsigned int number)
{
	const char *fields[FIELDS];
	char *at = line;

	for (int i = 0; i < FIELDS; i++) {
		char *field = strsep(&at, "\t");

		if (!field || !unescape(field))
			return -EBADMSG;
		fields[i] = field;
	}
	if (at || strcmp(fields[0], "set") != 0)
		return -EBADMSG;
	return keep_entry(journal, fields + 1, number);
}

/* Changes text while parsing it. */
static int parse_text(struct journal *journal, char *text, size_t len, struct error *why)
{
	char *at = text;
	unsigned int number = 0;
	int err = 0;

	while (!err && at < text + len) {
		char *end = memchr(at, '\n', (size_t)(text + len - at));

		number++;
		if (!end && number > 2)
			break;
		if (!end || memchr(at, '\0', (size_t)(end - at))) {
			err = -EBADMSG;
			break;
		}
		*end = '\0';
		if (number == 1)
			err = strcmp(at, version_line) == 0 ? 0 : -EBADMSG;
		else if (number == 2)
			err = parse_owner(&journal->owner, at);
		else
			err = parse_entry(journal, at, number);
		at = end + 1;
	}
	if (!err && number < 2) {
		number++;
		err = -EBADMSG;
	}
	if (err == -EBADMSG)
		error_say(why,
			  "%s is damaged at line %u and was not used: look at it, put back by hand "
			  "what it names, and delete it",
			  journal->path, number);
	else if (err)
		error_say(why, "%s: %s", journal->path, strerror(-err));
	return err;
}

static int check_file(const struct journal *journal, size_t *size, struct error *why)
{
	struct stat st;

	if (fstat(journal->fd, &st) < 0)
		return error_set(why, -EIO, "%s: %s", journal->path, strerror(errno));
	if (!S_ISREG(st.st_mode) || (st.st_uid != 0 && st.st_uid != geteuid()) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) || st.st_size > JOURNAL_MOST)
		return error_set(why, -EPERM,
				 "%s is not a file that only its owner can write: anyone may have "
				 "put it there, so it was not used",
				 journal->path);
	if (st.st_nlink == 0)
		return error_set(why, -EAGAIN, "%s: another restore has just finished",
				 journal->path);
	*size = (size_t)st.st_size;
	return 0;
}

static int read_all(int fd, char *text, size_t *len)
{
	size_t done = 0;

	while (done < *len) {
		ssize_t got = read(fd, text + done, *len - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	*len = done;
	return 0;
}

int journal_load(const char *path, struct journal **out, struct error *why)
{
	struct journal *journal = journal_new(path);
	char *text = NULL;
	size_t len = 0;
	int err = -ENOMEM;

	error_say(why, "no memory to read %s", path);
	if (!journal)
		goto out;
	/* O_NONBLOCK: opening a FIFO in its place must not block. */
	journal->fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (journal->fd < 0) {
		err = -errno;
		error_say(why, "%s: %s", path,
			  err == -ELOOP ? "a symbolic link, not followed" : strerror(-err));
		goto out;
	}
	if (flock(journal->fd, LOCK_EX | LOCK_NB) < 0) {
		err = -EAGAIN;
		error_say(why, "%s: another restore is at work", path);
		goto out;
	}
	err = check_file(journal, &len, why);
	if (err)
		goto out;
	err = -ENOMEM;
	text = malloc(len + 1);
	if (!text)
		goto out;
	err = read_all(journal->fd, text, &len);
	if (err)
		error_say(why, "%s: %s", path, strerror(-err));
	else
		err = parse_text(journal, text, len, why);
out:
	free(text);
	if (err) {
		journal_close(journal);
		return err;
	}
	*out = journal;
	return 0;
}

/* ---- accessors, removal and closing ---- */

size_t journal_count(const struct journal *journal)
{
	return journal->count;
}

const struct journal_entry *journal_entry_at(const struct journal *journal, size_t index)
{
	return &journal->entries[index];
}

const struct owner *journal_owner(const struct journal *journal)
{
	return &journal->owner;
}

const char *journal_path(const struct journal *journal)
{
	return journal->path;
}

int journal_remove(struct journal *journal)
{
	struct stat mine;
	struct stat there;

	if (fstat(journal->fd, &mine) < 0 || lstat(journal->path, &there) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (mine.st_dev != there.st_dev || mine.st_ino != there.st_ino)
		return 0;
	if (unlink(journal->path) < 0)
		return -errno;
	sync_folder(journal->path);
	return 0;
}

void journal_close(struct journal *journal)
{
	if (!journal)
		return;
	for (size_t i = 0; i < journal->count; i++)
		free_entry(&journal->entries[i]);
	free(journal->entries);
	if (journal->fd >= 0)
		close(journal->fd);
	free(journal->path);
	free(journal);
}
