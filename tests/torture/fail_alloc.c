/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A library for LD_PRELOAD: one allocation of a process fails. FAIL_ALLOC=N: the N-th from main on
 * (what libraries do before it is not ours); 0: none.
 * FAIL_ALLOC_COUNT=FILE: at the end the number of allocations is written there. Children of the
 * process are left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own, behind the names that are taken here */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t n, size_t bytes);
extern void *__libc_realloc(void *old, size_t bytes);
extern void *__libc_memalign(size_t align, size_t bytes);

static atomic_ulong done;
static unsigned long which;
static pid_t process;
static int wanted;
static char count_file[512];

__attribute__((constructor)) static void begin(void)
{
	const char *n = getenv("FAIL_ALLOC"), *file = getenv("FAIL_ALLOC_COUNT");

	if (!n)
		return;
	which = strtoul(n, NULL, 10);
	if (file && strlen(file) < sizeof(count_file))
		strcpy(count_file, file);
	unsetenv("FAIL_ALLOC");
	unsetenv("FAIL_ALLOC_COUNT");
	unsetenv("LD_PRELOAD");
	wanted = 1;
}

typedef int main_function(int argc, char **argv, char **env);

static main_function *real_main;

static int counted_main(int argc, char **argv, char **env)
{
	done = 0;
	if (wanted)
		process = getpid();
	return real_main(argc, argv, env);
}

/* glibc's start code calls it with the program's main. */
int __libc_start_main(main_function *start, int argc, char **argv, void (*init)(void),
		      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	int (*next)(main_function *, int, char **, void (*)(void), void (*)(void), void (*)(void),
		    void *) = dlsym(RTLD_NEXT, "__libc_start_main");

	real_main = start;
	return next(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}

__attribute__((destructor)) static void end(void)
{
	int fd = *count_file && process == getpid()
			 ? open(count_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
			 : -1;

	if (fd < 0)
		return;
	dprintf(fd, "%lu\n", (unsigned long)done);
	close(fd);
}

static int fails(void)
{
	if (!process || getpid() != process || ++done != which)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t bytes)
{
	return fails() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t n, size_t bytes)
{
	return fails() ? NULL : __libc_calloc(n, bytes);
}

void *realloc(void *old, size_t bytes)
{
	return fails() ? NULL : __libc_realloc(old, bytes);
}

void *reallocarray(void *old, size_t n, size_t bytes)
{
	size_t all;

	if (__builtin_mul_overflow(n, bytes, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	return fails() ? NULL : __libc_realloc(old, all);
}

void *aligned_alloc(size_t align, size_t bytes)
{
	return fails() ? NULL : __libc_memalign(align, bytes);
}

int posix_memalign(void **out, size_t align, size_t bytes)
{
	void *got = fails() ? NULL : __libc_memalign(align, bytes);

	if (!got)
		return ENOMEM;
	*out = got;
	return 0;
}
