/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A library for LD_PRELOAD: one allocation of a process fails. FAIL_ALLOC=N: the N-th from main on
 * (what libraries do before it is not ours); 0: none.
 * FAIL_ALLOC_COUNT=FILE: at the end the number of allocations is written there.
 * FAIL_ALLOC_SITES=FILE: and there of each distinct call stack the numbers of its first and its
 * last allocation, and the library FAIL_ALLOC_LEAVE=NAME,NAME where the stack passes through one of
 * these libraries or functions. Children of the process are left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
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

#define FRAMES	   24
#define SITES_MOST (1 << 16) /* far more than any command has */

static char sites_file[512], leave[64];
static struct site {
	uint64_t hash;
	unsigned long first, last;
	int left;
} sites[SITES_MOST];
static __thread int inside;

static uint64_t hash_of(void *const *frame, int n)
{
	uint64_t hash = 14695981039346656037ULL;

	for (int i = 0; i < n; i++)
		hash = (hash ^ (uintptr_t)frame[i]) * 1099511628211ULL;
	return hash ? hash : 1;
}

/* leave: names with commas between them */
static int is_left(const char *name)
{
	size_t len;

	for (const char *at = leave; name && *at; at += len + (at[len] == ',')) {
		char one[64];

		len = strcspn(at, ",");
		snprintf(one, sizeof(one), "%.*s", (int)len, at);
		if (strstr(name, one))
			return 1;
	}
	return 0;
}

static int passes_through(void *const *frame, int n)
{
	Dl_info info;

	for (int i = 0; *leave && i < n; i++)
		if (dladdr(frame[i], &info) && (is_left(info.dli_fname) || is_left(info.dli_sname)))
			return 1;
	return 0;
}

static void note_site(unsigned long n)
{
	void *frame[FRAMES];
	uint64_t hash;
	size_t i;
	int depth;

	inside = 1;
	depth = backtrace(frame, FRAMES);
	hash = hash_of(frame, depth);
	for (i = hash % SITES_MOST; sites[i].hash && sites[i].hash != hash;
	     i = (i + 1) % SITES_MOST)
		;
	if (!sites[i].hash)
		sites[i] = (struct site){hash, n, n, passes_through(frame, depth)};
	sites[i].last = n;
	inside = 0;
}

__attribute__((constructor)) static void begin(void)
{
	const char *n = getenv("FAIL_ALLOC"), *file = getenv("FAIL_ALLOC_COUNT"),
		   *to = getenv("FAIL_ALLOC_SITES"), *without = getenv("FAIL_ALLOC_LEAVE");
	void *frame[1];

	if (!n)
		return;
	which = strtoul(n, NULL, 10);
	if (file && strlen(file) < sizeof(count_file))
		strcpy(count_file, file);
	if (without && strlen(without) < sizeof(leave))
		strcpy(leave, without);
	if (to && strlen(to) < sizeof(sites_file)) {
		backtrace(frame, 1); /* it allocates the first time */
		strcpy(sites_file, to);
	}
	unsetenv("FAIL_ALLOC_SITES");
	unsetenv("FAIL_ALLOC_LEAVE");
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

static int create(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

__attribute__((destructor)) static void end(void)
{
	int fd;

	if (!process || process != getpid())
		return;
	inside = 1;
	fd = *count_file ? create(count_file) : -1;
	if (fd >= 0) {
		dprintf(fd, "%lu\n", (unsigned long)done);
		close(fd);
	}
	fd = *sites_file ? create(sites_file) : -1;
	for (size_t i = 0; fd >= 0 && i < SITES_MOST; i++)
		if (sites[i].hash)
			dprintf(fd, "%lu %lu%s%s\n", sites[i].first, sites[i].last,
				sites[i].left ? " " : "", sites[i].left ? leave : "");
	if (fd >= 0)
		close(fd);
}

static int fails(void)
{
	unsigned long n;

	if (!process || getpid() != process || inside)
		return 0;
	n = ++done;
	if (*sites_file)
		note_site(n);
	if (n != which)
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
