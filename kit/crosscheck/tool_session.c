/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "calib/error.h"
#include "calib/path.h"
#include "calib/clock.h"
#include "kit/crosscheck/tool_session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <hwloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kit/system/guard.h"

#define STOP_PATIENCE_S 20
#define TEXT_MOST	(4u << 20)
#define POLL_MS		20 /* between two checks, where there is no event to wait for */

int session_start(struct session *s, char *const argv[], int cpu, struct error *why)
{
	hwloc_bitmap_t cpus = cpu >= 0 ? hwloc_bitmap_alloc() : NULL;
	struct process_io io = {.out_fd = -1, .err_fd = -1};
	int ends[2], err;

	session_free(s);
	*s = (struct session){.out_fd = -1};
	err = process_find(argv[0], why);
	if (!err && pipe2(ends, O_CLOEXEC))
		err = -errno;
	if (err)
		goto out;
	if (cpus) {
		hwloc_bitmap_set(cpus, (unsigned int)cpu);
		io.cpus = cpus;
	}
	io.out_fd = io.err_fd = ends[1];
	err = guard_start(argv, &io, &s->guard, why);
	close(ends[1]);
	s->out_fd = ends[0];
out:
	if (cpus)
		hwloc_bitmap_free(cpus);
	return err;
}

/*
 * Reads what is there, waiting up to timeout_ms. Returns 1: something was read; 0: nothing; -EPIPE:
 * the tool has ended; -ENOMEM.
 */
static int take(struct session *s, int timeout_ms)
{
	struct pollfd fd = {.fd = s->out_fd, .events = POLLIN};
	char buf[4096], *grown;
	ssize_t got;

	/* the guard process holds the other end as well, so the tool's end gives no end of file */
	bool ended = s->guard && guard_ended(s->guard, NULL);

	if (poll(&fd, 1, ended ? 0 : timeout_ms) <= 0)
		return ended ? -EPIPE : 0;
	got = read(s->out_fd, buf, sizeof(buf));
	if (got <= 0)
		return -EPIPE;
	if (s->len + (size_t)got >= TEXT_MOST)
		return 1; /* output beyond TEXT_MOST is discarded */
	grown = realloc(s->text, s->len + (size_t)got + 1);
	if (!grown)
		return -ENOMEM;
	memcpy(grown + s->len, buf, (size_t)got);
	s->text = grown;
	s->len += (size_t)got;
	s->text[s->len] = '\0';
	return 1;
}

/* Sets why to the last line that is not empty. */
static void last_line(const struct session *s, struct error *why)
{
	size_t end = s->len, start;

	while (end && (s->text[end - 1] == '\n' || s->text[end - 1] == ' '))
		end--;
	for (start = end; start && s->text[start - 1] != '\n';)
		start--;
	if (end > start)
		error_say(why, "%.*s", (int)(end - start), s->text + start);
	else
		error_say(why, "it ended and said nothing");
}

int session_until(struct session *s, const char *const *words, size_t n, double timeout_s,
		  struct error *why)
{
	double deadline = clock_seconds() + timeout_s;

	for (;;) {
		size_t said = 0;
		int got;

		while (said < n && s->text && strstr(s->text, words[said]))
			said++;
		if (said == n)
			return 0;
		if (clock_seconds() > deadline)
			return error_set(why, -ETIMEDOUT, "it was not ready after %.0f s",
					 timeout_s);
		got = take(s, 100);
		if (got < 0) {
			last_line(s, why);
			return got;
		}
	}
}

static bool has_events(pid_t pid)
{
	char path[64], target[64];
	bool found = false;
	DIR *dir;

	path_put(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return false;
	for (struct dirent *d = readdir(dir); d && !found; d = readdir(dir)) {
		ssize_t len = readlinkat(dirfd(dir), d->d_name, target, sizeof(target) - 1);

		target[len > 0 ? len : 0] = '\0';
		found = strstr(target, "perf_event") != NULL;
	}
	closedir(dir);
	return found;
}

static bool in_poll(pid_t pid)
{
	char path[64];
	long nr = -1;
	FILE *f;

	path_put(path, sizeof(path), "/proc/%d/syscall", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (fscanf(f, "%ld", &nr) != 1)
		nr = -1;
	fclose(f);
#ifdef SYS_poll
	if (nr == SYS_poll)
		return true;
#endif
	return nr == SYS_ppoll || nr == SYS_epoll_pwait;
}

int session_until_polling(struct session *s, double timeout_s, struct error *why)
{
	double deadline = clock_seconds() + timeout_s;

	while (!has_events(guard_pid(s->guard)) || !in_poll(guard_pid(s->guard))) {
		int got = take(s, POLL_MS);

		if (got < 0) {
			last_line(s, why);
			return got;
		}
		if (clock_seconds() > deadline)
			return error_set(why, -ETIMEDOUT, "it was not ready after %.0f s",
					 timeout_s);
	}
	return 0;
}

const char *session_stop(struct session *s)
{
	guard_stop(s->guard, s->guard ? SIGINT : 0, STOP_PATIENCE_S);
	s->guard = NULL;
	while (s->out_fd >= 0 && take(s, 1000) > 0)
		;
	if (s->out_fd >= 0)
		close(s->out_fd);
	s->out_fd = -1;
	return s->text ? s->text : "";
}

void session_free(struct session *s)
{
	free(s->text);
	s->text = NULL;
	s->len = 0;
}

char *session_command(char *const argv[])
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (size_t i = 0; argv[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", argv[i]);
	fclose(out);
	return text;
}
