/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/document/page/page_data.h"
#include "reports/document/page/page_file.h"
#include "reports/document/page/page_json.h"

static void put_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		const char *entity = *text == '<'   ? "&lt;"
				     : *text == '&' ? "&amp;"
				     : *text == '"' ? "&quot;"
						    : NULL;

		if (entity)
			fputs(entity, out);
		else
			fputc(*text, out);
	}
}

static void put_bytes(FILE *out, struct bundle_text bytes)
{
	fwrite(bytes.text, 1, bytes.len, out);
}

static bool is(const char *mark, size_t len, const char *name)
{
	return len == strlen(name) && memcmp(mark, name, len) == 0;
}

static int put_mark(const struct bundle *bundle, const char *title, const json_t *data,
		    const char *mark, size_t len, FILE *out)
{
	if (is(mark, len, "title"))
		put_text(out, title);
	else if (is(mark, len, "script_hash"))
		fputs(bundle->script_hash, out);
	else if (is(mark, len, "style_hash"))
		fputs(bundle->style_hash, out);
	else if (is(mark, len, "style"))
		put_bytes(out, bundle->style);
	else if (is(mark, len, "script"))
		put_bytes(out, bundle->script);
	else if (is(mark, len, "data"))
		return page_json_write(data, out);
	else
		return -EINVAL;
	return 0;
}

int page_file_put(const struct bundle *bundle, const char *title, const json_t *data, FILE *out)
{
	const char *at = bundle->template.text, *end = at + bundle->template.len;

	while (at < end) {
		const char *open = memmem(at, (size_t)(end - at), "{{", 2), *close;
		int err;

		put_bytes(out, (struct bundle_text){at, (size_t)((open ? open : end) - at)});
		if (!open)
			break;
		close = memmem(open, (size_t)(end - open), "}}", 2);
		if (!close)
			return -EINVAL;
		err = put_mark(bundle, title, data, open + 2, (size_t)(close - open - 2), out);
		if (err)
			return err;
		at = close + 2;
	}
	return ferror(out) ? -EIO : 0;
}

/* A new file beside the old one, of a name that nobody can have prepared. */
static FILE *open_new(char *name)
{
	mode_t mask = umask(0);
	int fd;
	FILE *out;

	umask(mask);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return NULL;
	out = fchmod(fd, 0644 & ~mask) ? NULL : fdopen(fd, "w");
	if (!out) {
		int err = errno;

		close(fd);
		unlink(name);
		errno = err;
	}
	return out;
}

int page_file_write_data(const struct bundle *bundle, const char *title, const json_t *data,
			 const char *path, struct error *why)
{
	char *name;
	FILE *out;
	int err;

	if (asprintf(&name, "%s.XXXXXX", path) < 0)
		return error_set(why, -ENOMEM, "%s: out of memory", path);
	out = open_new(name);
	err = out ? page_file_put(bundle, title, data, out) : -errno;
	if (out && fclose(out) && !err)
		err = -errno;
	if (!err && rename(name, path))
		err = -errno;
	if (err) {
		error_say(why, "%s: %s", path,
			  err == -EINVAL ? "the template has a mark that is not known"
					 : strerror(-err));
		unlink(name);
	}
	free(name);
	return err;
}

int page_file_write(const struct record_set *e, const struct verdicts *v, const char *dir,
		    struct error *why)
{
	struct bundle bundle;
	json_t *data;
	char *path;
	int err;

	if (!bundle_get(&bundle))
		return -ENOTSUP;
	if (asprintf(&path, "%s/report.html", dir) < 0)
		return error_set(why, -ENOMEM, "%s: out of memory", dir);
	data = page_data(e, v, bundle.version);
	err = data ? page_file_write_data(&bundle, "bpftoll: what a probe costs here", data, path,
					  why)
		   : error_set(why, -ENOMEM, "%s: out of memory", path);
	json_decref(data);
	free(path);
	return err;
}
