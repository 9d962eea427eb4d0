/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "reports/samples.h"

#define GZIP_WINDOW  (15 + 16) /* zlib's way to ask for the gzip format */
#define NAME_LONGEST 200       /* well below NAME_MAX, whatever the caller's buffer */

/* A cell of a full run has 10^6; a gzip bomb has more. 128 MiB of readings. */
#define SAMPLES_MOST (32U << 20)

static int fail(int err, char *why, size_t why_len, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static int fail(int err, char *why, size_t why_len, const char *fmt, ...)
{
	va_list ap;

	if (why_len) {
		va_start(ap, fmt);
		vsnprintf(why, why_len, fmt, ap);
		va_end(ap);
	}
	return err;
}

static bool plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

/*
 * '/' becomes '.', anything else that is not plain %XX: two ids never share a name. An id too long for that keeps its
 * beginning and gets a hash (FNV-1a, 64 bits).
 */
void samples_name(const char *cell_id, char *out, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325ULL;
	size_t most = len < NAME_LONGEST ? len : NAME_LONGEST, at = 0;
	char text[NAME_LONGEST + 4] = "";
	bool cut = false;

	for (const char *c = cell_id; *c; c++) {
		hash = (hash ^ (unsigned char)*c) * 0x100000001b3ULL;
		/* 4 for the longest piece, 20 for a hash and the suffix. */
		if (at + 4 + 20 >= most) {
			cut = true;
			continue;
		}
		if (plain(*c))
			text[at++] = *c;
		else if (*c == '/' && at > 0)
			text[at++] = '.';
		else
			at += (size_t)snprintf(text + at, 4, "%%%02X", (unsigned char)*c);
		text[at] = '\0';
	}
	if (cut)
		snprintf(out, len, "%s~%016llx.gz", text, (unsigned long long)hash);
	else
		snprintf(out, len, "%s.gz", text);
}

/* One gzip member of n little-endian readings; *out is malloc'ed. */
static int compress_round(const uint32_t *ticks, size_t n, unsigned char **out, size_t *len)
{
	z_stream z = {0};
	uint32_t *little;
	int err = -ENOMEM;

	*out = NULL;
	little = malloc(n ? n * sizeof(*little) : 1);
	if (!little)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		little[i] = htole32(ticks[i]);
	/* Level 1: ticks have few distinct values; more effort gains 5 % and costs four times as long. */
	if (deflateInit2(&z, 1, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		goto out;
	*len = deflateBound(&z, (uLong)(n * sizeof(*little)));
	*out = malloc(*len);
	if (*out) {
		z.next_in = (unsigned char *)little;
		z.avail_in = (uInt)(n * sizeof(*little));
		z.next_out = *out;
		z.avail_out = (uInt)*len;
		err = deflate(&z, Z_FINISH) == Z_STREAM_END ? 0 : -EIO;
		*len = z.total_out;
	}
	deflateEnd(&z);
out:
	free(little);
	return err;
}

static int write_all(int fd, const unsigned char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

int samples_append(const char *dir, const char *name, const uint32_t *ticks, size_t n, char *why,
		   size_t why_len)
{
	char *folder = NULL, *path = NULL;
	unsigned char *packed = NULL;
	struct stat before;
	size_t len = 0;
	int fd = -1, err;

	if (n > SAMPLES_MOST)
		return fail(-E2BIG, why, why_len, "%s: %zu readings in one round", name, n);
	if (asprintf(&folder, "%s/samples", dir) < 0)
		folder = NULL;
	if (asprintf(&path, "%s/samples/%s", dir, name) < 0)
		path = NULL;
	err = folder && path ? compress_round(ticks, n, &packed, &len) : -ENOMEM;
	if (err) {
		fail(err, why, why_len, "%s: %s", name, strerror(-err));
		goto out;
	}
	if (mkdir(folder, 0755) && errno != EEXIST) {
		err = fail(-errno, why, why_len, "%s: cannot make: %s", folder, strerror(errno));
		goto out;
	}
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0 || fstat(fd, &before)) {
		err = fail(-errno, why, why_len, "%s: cannot open: %s", path, strerror(errno));
		goto out;
	}
	err = write_all(fd, packed, len);
	if (err) {
		fail(err, why, why_len, "%s: cannot write: %s", path, strerror(-err));
		/* Half a member would make the rounds before it unreadable too. */
		if (ftruncate(fd, before.st_size))
			fail(err, why, why_len, "%s: cannot write, and is damaged now: %s", path,
			     strerror(-err));
	}
out:
	if (fd >= 0)
		close(fd);
	free(packed);
	free(path);
	free(folder);
	return err;
}

struct unpacker {
	z_stream z;
	FILE *in;
	unsigned char *bytes; /* unpacked so far */
	size_t len, room;
	bool in_member; /* a member is begun and not ended */
	const char *fault;
};

static int make_room(struct unpacker *u)
{
	size_t room = u->room ? 2 * u->room : 1U << 16;
	unsigned char *grown;

	if (u->len < u->room)
		return 0;
	if (u->len > (size_t)SAMPLES_MOST * sizeof(uint32_t)) {
		u->fault = "more than any cell has";
		return -EINVAL;
	}
	grown = realloc(u->bytes, room);
	if (!grown)
		return -ENOMEM;
	u->bytes = grown;
	u->room = room;
	return 0;
}

/* Unpacks what is in z.next_in, over the ends of members. */
static int unpack_some(struct unpacker *u)
{
	do {
		size_t room;
		int err = make_room(u), ret;

		if (err)
			return err;
		room = u->room - u->len;
		u->z.next_out = u->bytes + u->len;
		u->z.avail_out = (uInt)room;
		u->in_member = true;
		ret = inflate(&u->z, Z_NO_FLUSH);
		u->len += room - u->z.avail_out;
		if (ret == Z_STREAM_END) {
			u->in_member = false;
			inflateReset(&u->z);
		} else if (ret != Z_OK && ret != Z_BUF_ERROR) {
			u->fault = ret == Z_MEM_ERROR ? NULL : "damaged";
			return ret == Z_MEM_ERROR ? -ENOMEM : -EINVAL;
		}
		/* All input may be taken while output still waits for room. */
	} while (u->z.avail_in || (u->in_member && u->z.avail_out == 0));
	return 0;
}

static int unpack(struct unpacker *u)
{
	unsigned char chunk[1U << 14];
	int err = 0;

	while (!err) {
		size_t n = fread(chunk, 1, sizeof(chunk), u->in);

		if (n == 0)
			break;
		u->z.next_in = chunk;
		u->z.avail_in = (uInt)n;
		err = unpack_some(u);
	}
	u->z.next_in = NULL;
	if (!err && ferror(u->in))
		return -EIO;
	if (!err && (u->in_member || u->len % sizeof(uint32_t))) {
		u->fault = "truncated";
		err = -EINVAL;
	}
	return err;
}

int samples_read(const char *dir, const char *name, uint32_t **out, size_t *n, char *why,
		 size_t why_len)
{
	struct unpacker u = {.fault = NULL};
	char *path = NULL;
	int err = -ENOMEM;

	*out = NULL;
	*n = 0;
	if (asprintf(&path, "%s/samples/%s", dir, name) < 0)
		return fail(-ENOMEM, why, why_len, "%s: out of memory", name);
	u.in = fopen(path, "re");
	if (!u.in) {
		err = fail(-errno, why, why_len, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (inflateInit2(&u.z, GZIP_WINDOW) == Z_OK)
		err = unpack(&u);
	inflateEnd(&u.z);
	if (err) {
		fail(err, why, why_len, "%s: %s after %zu readings", path,
		     u.fault ? u.fault : strerror(-err), u.len / sizeof(uint32_t));
		goto out;
	}
	*n = u.len / sizeof(uint32_t);
	*out = (uint32_t *)(void *)u.bytes;
	u.bytes = NULL;
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = le32toh((*out)[i]);
out:
	if (u.in)
		fclose(u.in);
	free(u.bytes);
	free(path);
	return err;
}
