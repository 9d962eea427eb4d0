/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_file: readers that take a path get the input as a file in a private folder, which goes away
 * with the process. */
#ifndef BPFTOLL_TESTS_FUZZ_FUZZ_FILE_H
#define BPFTOLL_TESTS_FUZZ_FUZZ_FILE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "kit/system/scratch.h"

static char fuzz_dir[64];

static inline void fuzz_dir_remove(void)
{
	scratch_remove(fuzz_dir);
}

static inline const char *fuzz_folder(void)
{
	if (!*fuzz_dir) {
		/* in memory: a disk flushes a file that is written anew when it is closed */
		snprintf(fuzz_dir, sizeof(fuzz_dir), "%s/bpftoll-fuzz-XXXXXX",
			 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
		if (!mkdtemp(fuzz_dir))
			abort();
		atexit(fuzz_dir_remove);
	}
	return fuzz_dir;
}

/* How much is in a folder, by which what appears beside another one is seen. */
static inline size_t fuzz_entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* name: of the file in the folder. Returns its path, which holds until the next call. */
static inline const char *fuzz_file(const char *name, const uint8_t *data, size_t size)
{
	static char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	close(fd);
	return path;
}

/*
 * The bytes, stored by the smallest state that zlib has: it is made for each run. window:
 * 9, and 16 more for the gzip format. The caller frees it.
 */
static inline uint8_t *fuzz_stored(const uint8_t *data, size_t size, int window, size_t *len)
{
	z_stream z = {.next_in = (uint8_t *)data, .avail_in = (uInt)size};
	uint8_t *packed;
	uLong room;

	if (deflateInit2(&z, Z_NO_COMPRESSION, Z_DEFLATED, window, 1, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	room = deflateBound(&z, (uLong)size) + 64;
	packed = malloc(room);
	z.next_out = packed;
	z.avail_out = (uInt)room;
	if (!packed || deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort();
	*len = z.total_out;
	deflateEnd(&z);
	return packed;
}

/* A file of it, gzipped. */
static inline void fuzz_pack(const char *name, const uint8_t *data, size_t size)
{
	size_t len;
	uint8_t *packed = fuzz_stored(data, size, 9 + 16, &len);

	fuzz_file(name, packed, len);
	free(packed);
}

#endif
