/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "bpf/foreign/foreign_bundle.h"
#include "calib/path.h"
#include "kit/cmd/version.h"
#include "kit/probes/checkpoint/round_log.h"
#include "reports/record/write_all.h"
#include "reports/user/caller.h"

/* Level 1, as samples: the rest costs more than it gains. */
#define PACK_LEVEL 1

struct round_build round_build_here(void)
{
	struct round_build build = {
		.version = BPFTOLL_VERSION,
		.page = sizeof(struct worker_page),
		.experiment = sizeof(struct worker_experiment),
		.config = sizeof(struct worker_config),
		.row = sizeof(struct worker_row),
		.variants = (uint32_t)variants_count,
		.workloads = (uint32_t)workloads_count,
	};

	snprintf(build.commit, sizeof(build.commit), "%s", version_commit ? version_commit : "");
	return build;
}

/* ---- bytes of an entry ---- */

struct bytes {
	unsigned char *at;
	size_t len, room;
};

static int put(struct bytes *to, const void *from, size_t len)
{
	if (to->len + len > to->room) {
		size_t room = 2 * (to->len + len);
		unsigned char *grown = realloc(to->at, room);

		if (!grown)
			return -ENOMEM;
		to->at = grown;
		to->room = room;
	}
	if (len)
		memcpy(to->at + to->len, from, len);
	to->len += len;
	return 0;
}

/* Half an entry would hide those that follow: it is taken away again. */
static int append(int fd, const struct bytes *bytes)
{
	struct round_entry entry = {.magic = ROUND_ENTRY_MAGIC, .bytes = bytes->len};
	uLongf packed = compressBound(bytes->len);
	unsigned char *out = malloc(sizeof(entry) + packed);
	struct stat before;
	int err = -ENOMEM;

	if (!out)
		return err;
	if (compress2(out + sizeof(entry), &packed, bytes->at, bytes->len, PACK_LEVEL) == Z_OK) {
		entry.packed = packed;
		entry.crc = (uint32_t)crc32(0, bytes->at, (uInt)bytes->len);
		memcpy(out, &entry, sizeof(entry));
		err = fstat(fd, &before) ? -errno : write_all(fd, out, sizeof(entry) + packed);
		if (err && ftruncate(fd, before.st_size))
			err = -EIO;
	}
	free(out);
	return err;
}

/* ---- head ---- */

static int put_counters(struct bytes *to, const struct worker_page *page,
			const struct counters *counters)
{
	int err = 0;

	for (size_t i = 0; i < page->n_counters && !err; i++) {
		const struct counter *c = counters_at(counters, i);
		struct round_counter kept = {.name = ""};

		snprintf(kept.name, sizeof(kept.name), "%s", c->name);
		snprintf(kept.event, sizeof(kept.event), "%s", c->event ? c->event : "");
		snprintf(kept.reason, sizeof(kept.reason), "%s", c->reason ? c->reason : "");
		err = put(to, &kept, sizeof(kept));
	}
	return err;
}

static int put_bundle(struct bytes *to)
{
	const struct foreign_bundle *b = bundle();
	const struct round_bundle kept = {(uint32_t)b->n_entries, (uint32_t)b->n_hooks};
	int err = put(to, &kept, sizeof(kept));

	for (size_t i = 0; i < b->n_entries && !err; i++) {
		const struct foreign_entry *entry = &b->entries[i];
		struct round_program program = {.together = entry->together, .tool = entry->tool};

		snprintf(program.program, sizeof(program.program), "%s", entry->program);
		snprintf(program.section, sizeof(program.section), "%s", entry->section);
		err = put(to, &program, sizeof(program));
	}
	return err ? err : put(to, b->hooks, kept.hooks * sizeof(b->hooks[0]));
}

static int put_head(struct bytes *to, const struct worker_page *page,
		    const struct counters *counters, const struct round_log_before *before)
{
	const struct round_head head = {.build = round_build_here(), .before = *before};
	int err = put(to, &head, sizeof(head));

	if (!err)
		err = put(to, page, sizeof(*page));
	if (!err)
		err = put(to, worker_page_experiment(page, 0),
			  page->n_experiments * sizeof(struct worker_experiment));
	if (!err)
		err = put(to, worker_page_config(page, 0, 0),
			  page->n_configs * sizeof(struct worker_config));
	if (!err)
		err = put_counters(to, page, counters);
	return !err && page->objects_fd >= 0 ? put_bundle(to) : err;
}

static int name_of(const char *dir, char *path, size_t len)
{
	return path_put(path, len, "%s/" ROUND_LOG_NAME, dir);
}

int round_log_begin(const struct worker_page *page, const struct counters *counters,
		    const struct round_log_before *before, struct error *why)
{
	char path[PATH_MAX + 16];
	struct bytes bytes = {NULL, 0, 0};
	int err = name_of(page->dir, path, sizeof(path)), fd = -1;

	if (!err) {
		unlink(path); /* of an earlier part of this run */
		fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  0644);
		err = fd < 0 || flock(fd, LOCK_EX | LOCK_NB) ? -errno : 0;
		if (!err)
			caller_own(fd);
	}
	if (!err)
		err = put_head(&bytes, page, counters, before);
	if (!err)
		err = append(fd, &bytes);
	free(bytes.at);
	if (!err)
		return fd;
	round_log_end(fd, page->dir, true);
	return error_set(why, err, "%s: %s", path, strerror(-err));
}

void round_log_end(int fd, const char *dir, bool done)
{
	char path[PATH_MAX + 16];

	if (fd < 0)
		return;
	if (done && !name_of(dir, path, sizeof(path)))
		unlink(path);
	close(fd);
}

/* ---- rounds ---- */

static int put_round(struct bytes *to, const struct worker_page *page, size_t p)
{
	const struct worker_experiment *told = worker_page_experiment(page, p);
	const struct round_told head = {page->number, (uint32_t)p};
	size_t r = told->rounds;
	int err = put(to, &head, sizeof(head));

	if (!err)
		err = put(to, told, sizeof(*told));
	if (!err)
		err = put(to, worker_page_config(page, p, 0),
			  told->n_configs * sizeof(struct worker_config));
	if (!err)
		err = put(to, worker_page_row(page, p, r), sizeof(struct worker_row));
	for (size_t i = 0; i < told->n_configs && !err; i++)
		err = put(to, worker_page_neighbour(page, p, i, r),
			  CONFIG_READINGS * sizeof(struct neighbour_reading));
	for (size_t i = 0; i < told->n_configs && !err && page->n_counters; i++)
		err = put(to, worker_page_counts(page, p, i, r), page->n_counters * sizeof(double));
	return err;
}

int round_log_add(const struct worker_page *page, size_t experiment)
{
	char path[PATH_MAX + 16];
	struct bytes bytes = {NULL, 0, 0};
	int err = name_of(page->dir, path, sizeof(path)), fd;

	if (err)
		return err;
	fd = open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = put_round(&bytes, page, experiment);
	if (!err)
		err = append(fd, &bytes);
	free(bytes.at);
	close(fd);
	return err;
}
