/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/load/others.h"

#define NAMED_MOST 4

static bool is_tracing(unsigned int type)
{
	return type == BPF_PROG_TYPE_KPROBE || type == BPF_PROG_TYPE_TRACEPOINT ||
	       type == BPF_PROG_TYPE_RAW_TRACEPOINT || type == BPF_PROG_TYPE_TRACING;
}

int others_loaded(char *text, size_t len)
{
	unsigned int id = 0;
	size_t used = 0;
	int count = 0;

	*text = '\0';
	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info info = {0};
		unsigned int size = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id), err;

		if (fd < 0)
			continue; /* the program has been unloaded since */
		err = bpf_obj_get_info_by_fd(fd, &info, &size);
		close(fd);
		if (err || !is_tracing(info.type))
			continue;
		if (count++ < NAMED_MOST && used < len)
			used += (size_t)snprintf(text + used, len - used, "%s%.16s",
						 used ? ", " : "", *info.name ? info.name : "?");
	}
	return errno == ENOENT ? count : -errno;
}
