/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cpuset/cputime.h"

/* The first line is: cpu user nice system idle iowait irq softirq steal … */
static int parse(const char *line, struct cputime *out)
{
	uint64_t x[8];

	if (sscanf(line,
		   "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		   " %" SCNu64 " %" SCNu64,
		   &x[0], &x[1], &x[2], &x[3], &x[4], &x[5], &x[6], &x[7]) != 8)
		return -EBADMSG;
	*out = (struct cputime){
		.busy = x[0] + x[1] + x[2] + x[5] + x[6], .idle = x[3] + x[4], .steal = x[7]};
	return 0;
}

int cputime_read(struct cputime *out)
{
	char text[512];
	int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return -EIO;
	text[got] = '\0';
	return parse(text, out);
}
