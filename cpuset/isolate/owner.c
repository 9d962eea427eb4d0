/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpuset/isolate/owner.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cpuset/sysfile.h"

static void read_boot(const char *root, char boot[OWNER_BOOT_MAX])
{
	char text[SYSFILE_MAX];
	size_t len;

	if (sysfile_read(root, "/proc/sys/kernel/random/boot_id", text))
		text[0] = '\0';
	len = strspn(text, "0123456789abcdef-");
	if (!len || text[len] || len >= OWNER_BOOT_MAX) {
		memcpy(boot, "-", 2);
		return;
	}
	memcpy(boot, text, len + 1);
}

/* Field 22 of /proc/PID/stat. -ESRCH: no such process, or a zombie. */
static int start_time(int pid, uint64_t *ticks)
{
	char path[64];
	char text[SYSFILE_MAX];
	const char *at;
	char state;
	int err;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	err = sysfile_read("", path, text);
	if (err)
		return err == -ENOENT ? -ESRCH : err;
	/*
	 * The command's name may contain blanks and parentheses, so look for the last parenthesis.
	 */
	at = strrchr(text, ')');
	if (!at || sscanf(at,
			  ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
			  "%*d %*d %" SCNu64,
			  &state, ticks) != 2)
		return -EBADMSG;
	return state == 'Z' || state == 'X' ? -ESRCH : 0;
}

int owner_self(const char *root, struct owner *out)
{
	out->pid = (int)getpid();
	read_boot(root, out->boot);
	return start_time(out->pid, &out->start);
}

enum owner_state owner_state(const char *root, const struct owner *owner)
{
	char boot[OWNER_BOOT_MAX];
	uint64_t start;
	int err;

	read_boot(root, boot);
	if (strcmp(owner->boot, boot) != 0)
		return OWNER_EARLIER_BOOT;
	err = start_time(owner->pid, &start);
	/*
	 * In doubt it counts as running: restoring under a running owner would spoil its
	 * measurement.
	 */
	if (err)
		return err == -ESRCH ? OWNER_DEAD : OWNER_RUNNING;
	return start == owner->start ? OWNER_RUNNING : OWNER_DEAD;
}
