/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "calib/error.h"
#include "cpuset/affinity.h"
#include "kit/system/place.h"
#include "kit/timing/timing.h"

/* How often, in seconds, the waiting parent checks that the process is alive. */
#define LOOK_S 1

/* Memory that both processes see. A job is waiting or running while asked differs from done. */
struct desk {
	_Atomic uint32_t asked, done;
	void (*work)(void *context);
	_Alignas(16) unsigned char context[TIMING_CONTEXT_MOST];
};

struct timing {
	struct desk *desk;
	pid_t pid;
	char died[96];
};

void *timing_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void timing_memory_free(void *memory, size_t bytes)
{
	if (memory)
		munmap(memory, bytes);
}

/* Sleeps while *word equals value, at most for `most` (NULL: no limit). */
static void wait_while(_Atomic uint32_t *word, uint32_t value, const struct timespec *most)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, most, NULL, 0);
}

static void wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/*
 * The main loop of the process. Signals are left to the parent: a handler would run within a timed
 * call.
 */
static void serve(struct desk *desk, pid_t parent)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	for (uint32_t turn = 1;; turn++) {
		while (atomic_load(&desk->asked) != turn)
			wait_while(&desk->asked, turn - 1, NULL);
		desk->work(desk->context);
		atomic_store(&desk->done, turn);
		wake(&desk->done);
	}
}

int timing_open(int cpu, struct timing **out, struct error *why)
{
	struct timing *t = calloc(1, sizeof(*t));
	struct desk *desk = timing_memory(sizeof(*desk));
	pid_t parent = getpid();
	int err = t && desk ? affinity_pin(cpu) : -ENOMEM;

	/*
	 * like fork, but descriptors opened later are shared too; made while on cpu, so that its
	 * pages have been used on no other CPU
	 */
	if (!err) {
		long pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);

		if (!pid)
			serve(desk, parent);
		err = pid < 0 ? -errno : 0;
		t->pid = (pid_t)pid;
	}
	if (err) {
		error_say(why, "no process for the timed calls on CPU %d: %s", cpu, strerror(-err));
		timing_memory_free(desk, sizeof(*desk));
		free(t);
		return err;
	}
	t->desk = desk;
	place_leave(cpu);
	place_timed_by(t->pid);
	*out = t;
	return 0;
}

void timing_close(struct timing *t)
{
	if (!t)
		return;
	place_timed_by(0);
	if (t->pid > 0) {
		kill(t->pid, SIGKILL);
		while (waitpid(t->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	timing_memory_free(t->desk, sizeof(*t->desk));
	free(t);
}

/* Has the process died? It is waited for only here, so its pid cannot be reused before. */
static bool look(struct timing *t)
{
	int status;

	if (waitpid(t->pid, &status, WNOHANG) != t->pid)
		return true;
	t->pid = 0;
	snprintf(t->died, sizeof(t->died),
		 "the process of the timed calls was ended by signal %d (%s)",
		 WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "none");
	return false;
}

void timing_do(struct timing *t, void (*work)(void *context), void *context, size_t bytes)
{
	const struct timespec most = {.tv_sec = LOOK_S};
	uint32_t turn;

	if (!t) {
		work(context);
		return;
	}
	if (bytes > TIMING_CONTEXT_MOST && !*t->died)
		snprintf(t->died, sizeof(t->died), "a job of %zu bytes, at most %d may be", bytes,
			 TIMING_CONTEXT_MOST);
	if (t->pid <= 0 || *t->died)
		return;
	memcpy(t->desk->context, context, bytes);
	t->desk->work = work;
	turn = atomic_load(&t->desk->asked) + 1;
	atomic_store(&t->desk->asked, turn);
	wake(&t->desk->asked);
	while (atomic_load(&t->desk->done) != turn) {
		wait_while(&t->desk->done, turn - 1, &most);
		if (atomic_load(&t->desk->done) != turn && !look(t))
			return;
	}
	memcpy(context, t->desk->context, bytes);
}

const char *timing_died(const struct timing *t)
{
	return t && *t->died ? t->died : NULL;
}

pid_t timing_pid(const struct timing *t)
{
	return t ? t->pid : getpid();
}
