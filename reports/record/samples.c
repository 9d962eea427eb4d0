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

#include "reports/record/open_regular.h"
#include "reports/record/samples.h"
#include "reports/record/write_all.h"
#include "reports/user/caller.h"
#include "reports/record/text_stream.h"

#define GZIP_WINDOW  (15 + 16) /* zlib's way to ask for the gzip format */
#define NAME_LONGEST 200       /* well below NAME_MAX, whatever the caller's buffer */

/* A result of a full run has 10^6; a gzip bomb has more. 128 MiB of readings. */
#define SAMPLES_MOST (32U << 20)

/* Packed they are less; what does not pack well is not twice as long. */
#define PACKED_MOST (2 * sizeof(uint32_t) * SAMPLES_MOST)

#define CHUNK_READINGS 16384

static bool plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

/*
 * '/' becomes '.', anything else that is not plain %XX: two ids never share a name. An id too long
 * for that keeps its beginning and gets a hash (FNV-1a, 64 bits).
 */
void samples_name(const char *result_id, char *out, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325ULL;
	size_t most = len < NAME_LONGEST ? len : NAME_LONGEST, at = 0;
	char text[NAME_LONGEST + 4] = "";
	bool cut = false;

	for (const char *c = result_id; *c; c++) {
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
	/* Level 1: ticks have few distinct values; more effort gains 5 % and costs four times as
	 * long. */
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

/*
 * A folder's owner may lay what he likes in it: neither a link nor a file with a second name is
 * written to, and a FIFO does not block. -EMLINK: such a file.
 */
static int open_samples(const char *folder, const char *name, struct stat *before)
{
	const int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int at = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), fd, err = 0;

	if (at < 0)
		return -errno;
	fd = openat(at, name, flags | O_CREAT | O_EXCL, 0644);
	if (fd >= 0)
		caller_own(fd);
	else if (errno == EEXIST)
		fd = openat(at, name, flags);
	if (fd < 0 || fstat(fd, before))
		err = -errno;
	else if (!S_ISREG(before->st_mode) || before->st_nlink > 1)
		err = -EMLINK;
	if (err && fd >= 0)
		close(fd);
	close(at);
	return err ? err : fd;
}

int samples_append(const char *dir, const char *name, const uint32_t *ticks, size_t n,
		   struct error *why)
{
	char *folder = NULL, *path = NULL;
	unsigned char *packed = NULL;
	struct stat before = {.st_size = 0};
	size_t len = 0;
	int fd = -1, err;

	if (n > SAMPLES_MOST)
		return error_set(why, -E2BIG, "%s: %zu readings in one round", name, n);
	if (asprintf(&folder, "%s/samples", dir) < 0)
		folder = NULL;
	if (asprintf(&path, "%s/samples/%s", dir, name) < 0)
		path = NULL;
	err = folder && path ? compress_round(ticks, n, &packed, &len) : -ENOMEM;
	if (err) {
		error_say(why, "%s: %s", name, strerror(-err));
		goto out;
	}
	err = caller_mkdirat(AT_FDCWD, folder, 0755);
	if (err && err != -EEXIST) {
		error_say(why, "%s: cannot make: %s", folder, strerror(-err));
		goto out;
	}
	fd = err = open_samples(folder, name, &before);
	if (fd < 0) {
		error_say(why, "%s: cannot open: %s", path,
			  err == -EMLINK ? "not a file of its own" : strerror(-err));
		goto out;
	}
	err = write_all(fd, packed, len);
	if (err) {
		error_say(why, "%s: cannot write: %s", path, strerror(-err));
		/* Half a member would make the rounds before it unreadable too. */
		if (ftruncate(fd, before.st_size))
			error_say(why, "%s: cannot write, and is damaged now: %s", path,
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
	uint32_t chunk[CHUNK_READINGS]; /* unpacked, not taken yet */
	size_t len;			/* bytes of it */
	size_t readings;		/* taken so far */
	bool in_member;			/* a member is begun and not ended */
	samples_take *take;
	void *ctx;
	const char *fault;
};

/* Hands on what is unpacked: whole readings, unless the file ends within one. */
static int hand_on(struct unpacker *u)
{
	size_t n = u->len / sizeof(u->chunk[0]);

	for (size_t i = 0; i < n; i++)
		u->chunk[i] = le32toh(u->chunk[i]);
	u->readings += n;
	u->len = 0;
	if (u->readings > SAMPLES_MOST) {
		u->fault = "more than any result has";
		return -EINVAL;
	}
	return n ? u->take(u->ctx, u->chunk, n) : 0;
}

/* Unpacks what is in z.next_in, over the ends of members. */
static int unpack_some(struct unpacker *u)
{
	do {
		size_t room = sizeof(u->chunk) - u->len;
		int ret;

		u->z.next_out = (unsigned char *)u->chunk + u->len;
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
		if (u->len == sizeof(u->chunk)) {
			int err = hand_on(u);

			if (err)
				return err;
			u->z.avail_out = 0;
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
	if (!err && (u->in_member || u->len % sizeof(u->chunk[0]))) {
		u->fault = "truncated";
		u->readings += u->len / sizeof(u->chunk[0]);
		return -EINVAL;
	}
	return err ? err : hand_on(u);
}

int samples_each(const char *dir, const char *name, samples_take *take, void *ctx,
		 struct error *why)
{
	struct unpacker *u = calloc(1, sizeof(*u));
	char *path = NULL;
	int err = -ENOMEM;

	if (!u || asprintf(&path, "%s/samples/%s", dir, name) < 0) {
		free(u);
		return error_set(why, -ENOMEM, "%s: out of memory", name);
	}
	u->take = take;
	u->ctx = ctx;
	u->in = open_regular_stream(path, 0, PACKED_MOST, &err, why);
	if (!u->in)
		goto out;
	err = -ENOMEM;
	if (inflateInit2(&u->z, GZIP_WINDOW) == Z_OK)
		err = unpack(u);
	inflateEnd(&u->z);
	if (err)
		error_say(why, "%s: %s after %zu readings", path,
			  u->fault ? u->fault : strerror(-err), u->readings);
out:
	/* some go on without */
	if (err == -ENOMEM)
		out_of_memory_note();
	if (u->in)
		fclose(u->in);
	free(u);
	free(path);
	return err;
}

struct all_readings {
	uint32_t *ticks;
	size_t n, room;
};

static int keep(void *ctx, const uint32_t *ticks, size_t n)
{
	struct all_readings *all = ctx;

	if (all->n + n > all->room) {
		size_t room = all->room ? 2 * all->room : CHUNK_READINGS;
		uint32_t *grown = reallocarray(all->ticks, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		all->ticks = grown;
		all->room = room;
	}
	memcpy(all->ticks + all->n, ticks, n * sizeof(*ticks));
	all->n += n;
	return 0;
}

int samples_read(const char *dir, const char *name, uint32_t **out, size_t *n, struct error *why)
{
	struct all_readings all = {.n = 0};
	int err = samples_each(dir, name, keep, &all, why);

	*out = NULL;
	*n = 0;
	if (err) {
		free(all.ticks);
		return err;
	}
	*out = all.ticks;
	*n = all.n;
	return 0;
}

/* ---- after a run that was killed ---- */

/* Where the last whole member ends, and the readings up to there. */
static int whole_members(int fd, off_t *end, size_t *readings)
{
	unsigned char in[1U << 14], out[1U << 14];
	z_stream z = {0};
	size_t bytes = 0, member = 0;
	off_t at = 0;
	ssize_t got;
	int err = 0;

	*end = 0;
	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return -ENOMEM;
	while (!err && (got = read(fd, in, sizeof(in))) > 0) {
		z.next_in = in;
		z.avail_in = (uInt)got;
		while (!err && z.avail_in) {
			int ret;

			z.next_out = out;
			z.avail_out = sizeof(out);
			ret = inflate(&z, Z_NO_FLUSH);
			member += sizeof(out) - z.avail_out;
			if (ret == Z_STREAM_END) {
				bytes += member;
				member = 0;
				*end = at + got - z.avail_in;
				inflateReset(&z);
			} else if (ret != Z_OK && ret != Z_BUF_ERROR) {
				err = ret == Z_MEM_ERROR ? -ENOMEM : -EINVAL;
			}
			if ((bytes + member) / sizeof(uint32_t) > SAMPLES_MOST)
				err = -EINVAL;
		}
		at += got;
	}
	err = err ? err : got < 0 ? -errno : 0;
	inflateEnd(&z);
	*readings = bytes / sizeof(uint32_t);
	return err;
}

int samples_mend(const char *dir, const char *name, size_t *readings, struct error *why)
{
	char *path = NULL;
	struct stat st = {0};
	off_t end = 0;
	int fd = -1, err = 0;

	*readings = 0;
	if (asprintf(&path, "%s/samples/%s", dir, name) < 0)
		return error_set(why, -ENOMEM, "%s: out of memory", name);
	fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode) || (size_t)st.st_size > PACKED_MOST)
		err = -EINVAL;
	if (!err)
		err = whole_members(fd, &end, readings);
	if (!err && end < st.st_size && ftruncate(fd, end))
		err = -errno;
	if (err)
		error_say(why, "%s: %s", path, err == -EINVAL ? "damaged" : strerror(-err));
	if (fd >= 0)
		close(fd);
	free(path);
	return err;
}
