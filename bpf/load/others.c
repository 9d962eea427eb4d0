/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/load/others.h"

#define NAMED_MOST 4
/* A program of ours that was just closed may still be listed: the kernel frees it later. */
#define LEAVE_TRIES 20
#define LEAVE_US    25000

static bool is_tracing(unsigned int type)
{
	return type == BPF_PROG_TYPE_KPROBE || type == BPF_PROG_TYPE_TRACEPOINT ||
	       type == BPF_PROG_TYPE_RAW_TRACEPOINT || type == BPF_PROG_TYPE_TRACING;
}

/* Programs that this process has open: some of ours stay for as long as it runs (text.h). */
static void note_ours(struct others *out)
{
	DIR *dir = opendir("/proc/self/fdinfo");
	const struct dirent *entry;

	*out = (struct others){.n = 0};
	while (dir && (entry = readdir(dir)) && out->n < OTHERS_MOST) {
		char path[64], line[128];
		unsigned int id;
		FILE *file;

		snprintf(path, sizeof(path), "/proc/self/fdinfo/%.16s", entry->d_name);
		file = *entry->d_name == '.' ? NULL : fopen(path, "re");
		while (file && fgets(line, sizeof(line), file))
			if (sscanf(line, "prog_id: %u", &id) == 1 && out->n < OTHERS_MOST)
				out->ids[out->n++] = id;
		if (file)
			fclose(file);
	}
	if (dir)
		closedir(dir);
}

static bool had(const struct others *since, unsigned int id)
{
	for (size_t i = 0; since && i < since->n; i++)
		if (since->ids[i] == id)
			return true;
	return false;
}

/* Those that are not in since. out may be NULL. */
static int list(const struct others *since, struct others *out, char *text, size_t len)
{
	struct others ours;
	unsigned int id = 0;
	size_t used = 0;
	int count = 0;

	note_ours(&ours);
	*text = '\0';
	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = {0};
		unsigned int size = sizeof(info);
		int fd, err;

		if (had(since, id) || had(&ours, id))
			continue;
		fd = bpf_prog_get_fd_by_id(id);
		if (fd < 0)
			continue; /* the program has been unloaded since */
		err = bpf_obj_get_info_by_fd(fd, &info, &size);
		close(fd);
		if (err || !is_tracing(info.type))
			continue;
		if (out && out->n < OTHERS_MOST)
			out->ids[out->n++] = id;
		if (count++ < NAMED_MOST && used < len)
			used += (size_t)snprintf(text + used, len - used, "%s%.16s",
						 used ? ", " : "", *info.name ? info.name : "?");
	}
	return errno == ENOENT ? count : -errno;
}

int others_loaded(struct others *out, char *text, size_t len)
{
	*out = (struct others){.n = 0};
	return list(NULL, out, text, len);
}

int others_came(struct others *known, char *text, size_t len)
{
	struct others came = {.n = 0};
	int count = 0;

	/* with more than can be noted nothing is known of those that are not */
	for (int i = 0; i < LEAVE_TRIES && known->n < OTHERS_MOST; i++) {
		if (i)
			usleep(LEAVE_US);
		came.n = 0;
		count = list(known, &came, text, len);
		if (count <= 0)
			return count;
	}
	for (size_t i = 0; i < came.n && known->n < OTHERS_MOST; i++)
		known->ids[known->n++] = came.ids[i];
	return count;
}
