/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/system/file.h"
#include "kit/archive/cpio.h"

struct member {
	char *name;
	mode_t mode;
	unsigned char *data;
	size_t len;
};

struct cpio {
	struct member *members;
	size_t n;
};

struct cpio *cpio_new(void)
{
	return calloc(1, sizeof(struct cpio));
}

void cpio_free(struct cpio *cpio)
{
	if (!cpio)
		return;
	for (size_t i = 0; i < cpio->n; i++) {
		free(cpio->members[i].name);
		free(cpio->members[i].data);
	}
	free(cpio->members);
	free(cpio);
}

static bool has(const struct cpio *cpio, const char *name)
{
	for (size_t i = 0; i < cpio->n; i++)
		if (!strcmp(cpio->members[i].name, name))
			return true;
	return false;
}

static int append(struct cpio *cpio, const char *name, mode_t mode, const void *data, size_t len)
{
	struct member *more, *m;

	if (has(cpio, name))
		return 0;
	more = realloc(cpio->members, (cpio->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	cpio->members = more;
	m = &more[cpio->n];
	m->name = strdup(name);
	m->data = malloc(len ? len : 1);
	m->mode = mode;
	m->len = len;
	if (!m->name || !m->data) {
		free(m->name);
		free(m->data);
		return -ENOMEM;
	}
	if (len)
		memcpy(m->data, data, len);
	cpio->n++;
	return 0;
}

int cpio_add(struct cpio *cpio, const char *name, mode_t mode, const void *data, size_t len)
{
	char folder[1024];
	int err;

	if (*name == '/' || strlen(name) >= sizeof(folder) || len > UINT32_MAX)
		return -EINVAL;
	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - name), name);
		err = append(cpio, folder, S_IFDIR | 0755, NULL, 0);
		if (err)
			return err;
	}
	return append(cpio, name, mode, data, len);
}

int cpio_add_file(struct cpio *cpio, const char *name, mode_t mode, const char *path)
{
	struct file_bytes file;
	int err = file_read(path, 0, &file);

	if (!err)
		err = cpio_add(cpio, name, mode, file.at, file.len);
	free(file.at);
	return err;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

static void pad(FILE *out, size_t written)
{
	static const char zeros[4];

	fwrite(zeros, 1, (4 - written % 4) % 4, out);
}

static void write_member(FILE *out, size_t inode, mode_t mode, const char *name, const void *data,
			 size_t len)
{
	size_t name_size = strlen(name) + 1;

	/*
	 * the fields: magic ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor
	 * rdevminor namesize check
	 */
	fprintf(out, "070701%08zX%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", inode,
		(unsigned int)mode, 0u, 0u, S_ISDIR(mode) ? 2u : 1u, 0u, len, 0u, 0u, 0u, 0u,
		name_size, 0u);
	fwrite(name, 1, name_size, out);
	pad(out, 110 + name_size);
	fwrite(data, 1, len, out);
	pad(out, len);
}

int cpio_finish(struct cpio *cpio, unsigned char **out, size_t *len)
{
	char *bytes = NULL;
	FILE *file = open_memstream(&bytes, len);

	if (!file)
		return -ENOMEM;
	qsort(cpio->members, cpio->n, sizeof(*cpio->members), by_name);
	for (size_t i = 0; i < cpio->n; i++)
		write_member(file, i + 1, cpio->members[i].mode, cpio->members[i].name,
			     cpio->members[i].data, cpio->members[i].len);
	write_member(file, 0, 0, "TRAILER!!!", "", 0);
	if (ferror(file) | fclose(file)) {
		free(bytes);
		return -ENOMEM;
	}
	*out = (unsigned char *)bytes;
	return 0;
}

struct header {
	unsigned long mode, size, name_size;
};

static int parse_header(const unsigned char *at, size_t left, struct header *out)
{
	unsigned long field[13];
	char digits[9] = "";

	if (left < 110 || memcmp(at, "070701", 6) != 0)
		return -EBADMSG;
	for (size_t i = 0; i < 13; i++) {
		char *end;

		memcpy(digits, at + 6 + 8 * i, 8);
		if (strspn(digits, "0123456789abcdefABCDEF") != 8)
			return -EBADMSG;
		field[i] = strtoul(digits, &end, 16);
	}
	out->mode = field[1];
	out->size = field[6];
	out->name_size = field[11];
	return 0;
}

static bool stays_inside(const char *name)
{
	if (*name == '/' || !*name)
		return false;
	for (const char *part = name; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (!strncmp(part, "..", 2) && (part[2] == '/' || part[2] == '\0'))
			return false;
	}
	return true;
}

static int make_member(const char *dir, const char *name, const struct header *h,
		       const unsigned char *data)
{
	char path[4096];

	if (!strncmp(name, "./", 2))
		name += 2;
	if (!strcmp(name, "."))
		return 0;
	if (!stays_inside(name) || path_put(path, sizeof(path), "%s/%s", dir, name))
		return -EPERM;
	if (S_ISDIR(h->mode))
		return mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
	if (!S_ISREG(h->mode))
		return -EPERM;
	return file_create(path, data, h->size);
}

int cpio_unpack(const unsigned char *data, size_t len, const char *dir, struct error *why)
{
	size_t at = 0;

	for (size_t n = 0;; n++) {
		struct header h;
		const char *name;
		size_t body, next;
		int err;

		if (n > CPIO_MEMBERS_MOST)
			return error_set(why, -EBADMSG, "more than %d files in the archive",
					 CPIO_MEMBERS_MOST);
		if (parse_header(data + at, len - at, &h))
			return error_set(why, -EBADMSG, "no archive header at byte %zu of %zu", at,
					 len);
		name = (const char *)data + at + 110;
		body = (at + 110 + h.name_size + 3) & ~(size_t)3;
		next = (body + h.size + 3) & ~(size_t)3;
		if (!h.name_size || body > len || h.size > len - body || name[h.name_size - 1])
			return error_set(why, -EBADMSG,
					 "the archive ends inside the file at byte %zu of %zu", at,
					 len);
		if (!strcmp(name, "TRAILER!!!"))
			return 0;
		err = make_member(dir, name, &h, data + body);
		if (err) {
			error_say(why, "%.200s in the archive: %s", name,
				  err == -EPERM ? "not a plain file below the folder"
						: strerror(-err));
			return err == -EPERM ? -EBADMSG : err;
		}
		at = next;
		if (at > len)
			at = len;
	}
}
