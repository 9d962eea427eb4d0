/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/futex.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/arch/arch.h"
#include "calib/timer_overhead.h"
#include "kit/timing/pace.h"
#include "kit/timing/stir.h"
#include "kit/timing/triggers/trigger_area.h"
#include "kit/timing/workload.h"

#define KIB  1024ul
#define PAGE 4096ul

static bool gate_open(struct gate *gate)
{
	char stat[256];

	if (gate->wakeup)
		return probe_reader_asleep(gate->wakeup, gate->sent);
	return pread(gate->idle_fd, stat, sizeof(stat), 0) != 0;
}

/*
 * false: the reader did not fall asleep within patience_ticks, so the wakeup policy does not hold.
 */
static bool gate_wait(struct gate *gate)
{
	bool opened = true;
	uint64_t start;

	if (gate->pace) {
		pace_wait(gate->pace);
		return true;
	}
	start = arch_clock();
	while (arch_clock() - start < gate->gap_ticks)
		arch_pause();
	while (!gate_open(gate))
		if (arch_clock() - start > gate->patience_ticks) {
			gate->missed++;
			opened = false;
			break;
		}
	gate->sent += gate->events;
	return opened;
}

/* A newly mapped and touched page for one call to give back, or the kernel's -errno. */
static inline char *fresh_page(void)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page != MAP_FAILED)
		*(volatile char *)page = 1;
	return page;
}

static inline void touch(char *area, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += PAGE)
		((volatile char *)area)[at] = 1;
}

/*
 * Each call of a block: PREPARE, the gate, DISTURB (what evicts or stirs), then the timed region.
 */
#define LOOP(PREPARE, DISTURB, TIMED)                                               \
	{                                                                           \
		uint32_t last = arch_cpu_tag();                                     \
		bool asleep = true;                                                 \
                                                                                    \
		(void)area;                                                         \
		for (size_t i = 0; i < n; i++) {                                    \
			uint64_t ticks;                                             \
			uint32_t tag;                                               \
                                                                                    \
			PREPARE;                                                    \
			if (gate)                                                   \
				asleep = gate_wait(gate);                           \
			DISTURB;                                                    \
			TIMED;                                                      \
			out[i] = asleep ? timer_overhead_reading(ticks, tag, &last) \
					: TIMER_OVERHEAD_CENSORED;                  \
		}                                                                   \
	}

/*
 * One block function a workload. After PREPARE come the syscall's number and arguments. AFTER is
 * what is tidied up once the time is taken.
 */
#define BLOCK_OF(name, PREPARE, BODY, AFTER, nr, a1, a2, a3)                     \
	static void name(char *area, uint32_t *out, size_t n, struct gate *gate, \
			 struct evict *evict)                                    \
		LOOP(PREPARE, if (evict) evict_all(evict),                       \
		     ARCH_TIMED_REGION(BODY, ticks, tag, nr, a1, a2, a3);        \
		     AFTER)
#define BLOCK(name, PREPARE, nr, a1, a2, a3) \
	BLOCK_OF(name, PREPARE, ARCH_BODY_SYSCALL, , nr, a1, a2, a3)

/*
 * The same with other code between the calls (stir.h). The timed region stands at four places in
 * the text; which one runs is drawn before it begins, so that the predictor is not as the last call
 * left it. The asm comments keep the compiler from merging the four.
 */
#define SITES 4
#define TIMED_AT_ONE_OF_FOUR(BODY, nr, a1, a2, a3)                             \
	switch (stir->state % SITES) {                                         \
	case 0:                                                                \
		ARCH_TIMED_REGION("/* 0 */" BODY, ticks, tag, nr, a1, a2, a3); \
		break;                                                         \
	case 1:                                                                \
		ARCH_TIMED_REGION("/* 1 */" BODY, ticks, tag, nr, a1, a2, a3); \
		break;                                                         \
	case 2:                                                                \
		ARCH_TIMED_REGION("/* 2 */" BODY, ticks, tag, nr, a1, a2, a3); \
		break;                                                         \
	default:                                                               \
		ARCH_TIMED_REGION("/* 3 */" BODY, ticks, tag, nr, a1, a2, a3); \
		break;                                                         \
	}
#define STIRRED_OF(name, PREPARE, BODY, AFTER, nr, a1, a2, a3)                   \
	static void name(char *area, uint32_t *out, size_t n, struct gate *gate, \
			 struct stir *stir)                                      \
		LOOP(PREPARE, stir_call(stir), TIMED_AT_ONE_OF_FOUR(BODY, nr, a1, a2, a3); AFTER)
#define STIRRED(name, PREPARE, BODY, nr, a1, a2, a3) \
	STIRRED_OF(name, PREPARE, BODY, , nr, a1, a2, a3)

/* The operation once, for its return value, which the blocks do not look at. */
#define ONCE(name, PREPARE, nr, a1, a2, a3)                                   \
	static long name(char *area)                                          \
	{                                                                     \
		(void)area;                                                   \
		PREPARE;                                                      \
		return arch_syscall3(nr, (long)(a1), (long)(a2), (long)(a3)); \
	}

/* All functions of a workload. PREPARE runs before each call, outside the timed region. */
#define WORKLOAD(name, PREPARE, nr, a1, a2, a3)                             \
	BLOCK(name##_block, PREPARE, nr, a1, a2, a3)                        \
	STIRRED(name##_stirred, PREPARE, ARCH_BODY_SYSCALL, nr, a1, a2, a3) \
	ONCE(name##_once, PREPARE, nr, a1, a2, a3)

#define MADVISE(name, bytes, advice) \
	WORKLOAD(name, touch(area, bytes), SYS_madvise, area, bytes, advice)

WORKLOAD(munmap_einval, , SYS_munmap, 1, PAGE, 0)
WORKLOAD(munmap_4k, char *page = fresh_page(), SYS_munmap, page, PAGE, 0)
MADVISE(madvise_dontneed_4k, 4 * KIB, MADV_DONTNEED)
MADVISE(madvise_dontneed_64k, 64 * KIB, MADV_DONTNEED)
MADVISE(madvise_dontneed_1m, 1024 * KIB, MADV_DONTNEED)
MADVISE(madvise_free_4k, 4 * KIB, MADV_FREE)
MADVISE(madvise_free_64k, 64 * KIB, MADV_FREE)
MADVISE(madvise_free_1m, 1024 * KIB, MADV_FREE)
WORKLOAD(getppid, , SYS_getppid, 0, 0, 0)

/* ---- triggers for foreign programs ---- */

#define AREA ((struct trigger_area *)(void *)area)

/* One syscall, that has to be looked at only for its answer. */
#define TRIGGER(name, nr, a1, a2, a3) WORKLOAD(name, , nr, a1, a2, a3)

/* Another body than one syscall; ONCE_IS: the same in C, for its answer. */
#define TRIGGER_OF(name, PREPARE, BODY, AFTER, ONCE_IS, nr, a1, a2, a3)  \
	BLOCK_OF(name##_block, PREPARE, BODY, AFTER, nr, a1, a2, a3)     \
	STIRRED_OF(name##_stirred, PREPARE, BODY, AFTER, nr, a1, a2, a3) \
	static long name##_once(char *area)                              \
	{                                                                \
		uint32_t ticks;                                          \
                                                                         \
		name##_block(area, &ticks, 1, NULL, NULL);               \
		return ONCE_IS;                                          \
	}

/* A function of libc, between two reads of the clock: no syscall of its own is timed. */
#define TIMED_CALL(FUNCTION)                    \
	{                                       \
		uint64_t begin_ = arch_clock(); \
		FUNCTION(AREA);                 \
		ticks = arch_clock() - begin_;  \
		tag = arch_cpu_tag();           \
	}
#define LIBRARY(name, FUNCTION)                                                                    \
	static void name##_block(char *area, uint32_t *out, size_t n, struct gate *gate,           \
				 struct evict *evict)                                              \
		LOOP(, if (evict) evict_all(evict),                                                \
		     TIMED_CALL(FUNCTION)) static void name##_stirred(char *area, uint32_t *out,   \
								      size_t n, struct gate *gate, \
								      struct stir *stir)           \
			LOOP(, stir_call(stir),                                                    \
			     TIMED_CALL(FUNCTION)) static long name##_once(char *area)             \
	{                                                                                          \
		FUNCTION(AREA);                                                                    \
		return 0;                                                                          \
	}

TRIGGER(openat_enoent, SYS_openat, AT_FDCWD, AREA->missing, O_RDONLY)
TRIGGER_OF(openat_close, , ARCH_BODY_THEN_CLOSE, , 0, SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY)
TRIGGER(read_null, SYS_read, AREA->null_fd, AREA->byte, 1)
TRIGGER(write_null, SYS_write, AREA->null_fd, AREA->byte, 1)
TRIGGER(close_ebadf, SYS_close, -1, 0, 0)
TRIGGER(ioctl_enotty, SYS_ioctl, AREA->null_fd, 0x5401, 0)
TRIGGER(fsync_einval, SYS_fsync, AREA->null_fd, 0, 0)
TRIGGER(unlinkat_enoent, SYS_unlinkat, AT_FDCWD, AREA->missing, 0)
TRIGGER(mkdirat_eexist, SYS_mkdirat, AT_FDCWD, "/", 0700)
TRIGGER(statfs_enoent, SYS_statfs, AREA->missing, 0, 0)
TRIGGER(umount_enoent, SYS_umount2, AREA->missing, 0, 0)
TRIGGER(execve_enoent, SYS_execve, AREA->missing, NULL, NULL)
TRIGGER_OF(fork_exit, , ARCH_BODY_CHILD_EXITS, trigger_reap(AREA), -AREA->failed, SYS_clone, 0, 0,
	   0)
TRIGGER_OF(clone3_thread, trigger_expect_thread(AREA), ARCH_BODY_CHILD_EXITS,
	   trigger_wait_thread(AREA), -AREA->failed, SYS_clone3, AREA->thread_args,
	   sizeof(struct clone_args), 0)
TRIGGER(futex_wake, SYS_futex, &AREA->word, FUTEX_WAKE, 1)
TRIGGER(sched_yield, SYS_sched_yield, 0, 0, 0)
TRIGGER(nanosleep_1ns, SYS_nanosleep, &AREA->nap, NULL, 0)
TRIGGER_OF(pipe_pingpong, , ARCH_BODY_WRITE_READ, , 0, SYS_write, AREA->ping_fd, AREA->byte, 1)
TRIGGER(kill_0, SYS_kill, getpid(), 0, 0)
TRIGGER(tkill_0, SYS_tkill, gettid(), 0, 0)
TRIGGER(tgkill_0, SYS_tgkill, getpid(), gettid(), 0)
TRIGGER(kill_ignored, SYS_kill, getpid(), SIGURG, 0)
TRIGGER(sethostname_einval, SYS_sethostname, NULL, -1, 0)
TRIGGER_OF(page_fault, trigger_forget_page(AREA), ARCH_BODY_TOUCH, , 0, 0, AREA->page, 0, 0)
TRIGGER_OF(socket_close, , ARCH_BODY_THEN_CLOSE, , 0, SYS_socket, AF_INET, SOCK_STREAM, 0)
TRIGGER(bind_einval, SYS_bind, AREA->fresh_fd, &AREA->closed_port, 0)
TRIGGER(connect_refused, SYS_connect, AREA->fresh_fd, &AREA->closed_port, sizeof(AREA->closed_port))
TRIGGER_OF(accept_close, trigger_dial(AREA), ARCH_BODY_THEN_CLOSE, trigger_hang_up(AREA), 0,
	   SYS_accept, AREA->listen_fd, NULL, NULL)
TRIGGER_OF(tcp_send, trigger_drain(AREA), ARCH_BODY_SYSCALL, , 0, SYS_write, AREA->tcp_fd,
	   AREA->byte, 1)
TRIGGER_OF(udp_send, trigger_drain(AREA), ARCH_BODY_SYSCALL, , 0, SYS_sendmsg, AREA->udp_fd,
	   &AREA->message, 0)
#ifdef __x86_64__
TRIGGER(open_enoent, SYS_open, AREA->missing, O_RDONLY, 0)
TRIGGER(stat_enoent, SYS_stat, AREA->missing, 0, 0)
TRIGGER(rename_enoent, SYS_rename, AREA->missing, AREA->missing, 0)
TRIGGER(epoll_wait_einval, SYS_epoll_wait, AREA->null_fd, AREA->byte, 0)
#endif
LIBRARY(libc_malloc, trigger_malloc)
LIBRARY(libc_setjmp, trigger_setjmp)
LIBRARY(libc_getaddrinfo, trigger_getaddrinfo)

BLOCK(test_run, , SYS_bpf, BPF_PROG_TEST_RUN, area, sizeof(union bpf_attr))
STIRRED(nothing_stirred, , ARCH_BODY_EMPTY, 0, 0, 0, 0)

void workload_floor_stirred(uint32_t *out, size_t n, struct stir *stir)
{
	nothing_stirred(NULL, out, n, NULL, stir);
}

#define FUNCTIONS(name) .block = name##_block, .stirred = name##_stirred, .once = name##_once
#define MADVISE_ROW(name, summary, bytes)                                              \
	{                                                                              \
#name, summary, TARGET_MADVISE, true, false, bytes, 0, FUNCTIONS(name) \
	}

/* prepares: the preparation of a call, or what follows it, makes a syscall */
#define TRIGGER_ROW(name, prepares, answer, needs, summary, reaches)                        \
	{                                                                                   \
#name, summary, TARGET_MUNMAP, false, prepares, 0, answer, FUNCTIONS(name), \
			reaches, TRIGGER_NOTHING | (needs)                                  \
	}

const struct workload workloads[] = {
	{"munmap_einval", "munmap(1, 4096): refused at once, fires every hook", TARGET_MUNMAP, true,
	 false, PAGE, -EINVAL, FUNCTIONS(munmap_einval)},
	{"munmap_4k", "munmap of one touched page", TARGET_MUNMAP, true, true, PAGE, 0,
	 FUNCTIONS(munmap_4k)},
	MADVISE_ROW(madvise_dontneed_4k, "madvise(MADV_DONTNEED) of 4 KiB, touched", 4 * KIB),
	MADVISE_ROW(madvise_dontneed_64k, "the same of 64 KiB", 64 * KIB),
	MADVISE_ROW(madvise_dontneed_1m, "the same of 1 MiB", 1024 * KIB),
	MADVISE_ROW(madvise_free_4k, "madvise(MADV_FREE) of 4 KiB, touched", 4 * KIB),
	MADVISE_ROW(madvise_free_64k, "the same of 64 KiB", 64 * KIB),
	MADVISE_ROW(madvise_free_1m, "the same of 1 MiB", 1024 * KIB),
	{"getppid", "the control: no probe names it, probes on munmap are attached", TARGET_MUNMAP,
	 false, false, 0, 0, FUNCTIONS(getppid)},
	/* Triggers for foreign programs, the cheaper of two that reach the same first. */
	TRIGGER_ROW(openat_enoent, false, -ENOENT, 0, "openat of a missing path",
		    "openat do_sys_open getname path_openat audit_inode"),
	TRIGGER_ROW(openat_close, false, 0, 0, "openat of /dev/null, and its close",
		    "openat close do_filp_open vfs_open security_file_open fd_install filp_close"),
	TRIGGER_ROW(read_null, false, 0, TRIGGER_NULL, "read of /dev/null",
		    "read vfs_read ksys_read rw_verify_area"),
	TRIGGER_ROW(write_null, false, 1, TRIGGER_NULL, "write to /dev/null",
		    "write vfs_write ksys_write"),
	TRIGGER_ROW(close_ebadf, false, -EBADF, 0, "close(-1)", "close"),
	TRIGGER_ROW(ioctl_enotty, false, -ENOTTY, TRIGGER_NULL, "ioctl(TCGETS) of /dev/null",
		    "ioctl vfs_ioctl"),
	TRIGGER_ROW(fsync_einval, false, -EINVAL, TRIGGER_NULL, "fsync of /dev/null",
		    "fsync vfs_fsync"),
	TRIGGER_ROW(unlinkat_enoent, false, -ENOENT, 0, "unlinkat of a missing path", "unlinkat"),
	TRIGGER_ROW(mkdirat_eexist, false, -EEXIST, 0, "mkdirat(\"/\")", "mkdirat"),
	TRIGGER_ROW(statfs_enoent, false, -ENOENT, 0, "statfs of a missing path", "statfs"),
	TRIGGER_ROW(umount_enoent, false, -ENOENT, 0, "umount of a missing path",
		    "umount sys_umount mount"),
	TRIGGER_ROW(execve_enoent, false, -ENOENT, 0, "execve of a missing path",
		    "execve do_execve bprm exec"),
	TRIGGER_ROW(fork_exit, true, 0, 0, "a process that exits at once",
		    "clone fork kernel_clone sched_process exit task_newtask wake_up_new_task"),
	TRIGGER_ROW(clone3_thread, true, 0, TRIGGER_THREAD, "a thread that exits at once",
		    "clone3 kernel_clone thread task_newtask"),
	TRIGGER_ROW(futex_wake, false, 0, 0, "futex(FUTEX_WAKE) that wakes nobody", "futex"),
	TRIGGER_ROW(sched_yield, false, 0, 0, "sched_yield", "sched_yield"),
	TRIGGER_ROW(nanosleep_1ns, false, 0, TRIGGER_SLACK, "a sleep of 1 ns",
		    "nanosleep hrtimer timer sched_switch sched_wakeup sched_waking"),
	TRIGGER_ROW(pipe_pingpong, false, 0, TRIGGER_PARTNER,
		    "a byte to another process on this CPU and back",
		    "pipe sched_switch sched_wakeup sched_waking finish_task_switch"),
	TRIGGER_ROW(kill_0, false, 0, 0, "kill(self, 0)", "kill"),
	TRIGGER_ROW(tkill_0, false, 0, 0, "tkill(self, 0)", "tkill"),
	TRIGGER_ROW(tgkill_0, false, 0, 0, "tgkill(self, 0)", "tgkill"),
	TRIGGER_ROW(kill_ignored, false, 0, 0, "kill(self, SIGURG), which is ignored",
		    "kill signal signal_generate send_signal"),
	TRIGGER_ROW(sethostname_einval, false, -EINVAL, 0,
		    "sethostname(NULL, -1): asks for a capability first",
		    "sethostname cap_capable capable security_capable"),
	TRIGGER_ROW(page_fault, true, 0, TRIGGER_PAGE, "the first write to a page",
		    "page_fault handle_mm_fault exceptions mm_page_alloc"),
	TRIGGER_ROW(socket_close, false, 0, 0, "a TCP socket, and its close",
		    "socket inet_create sock_ tcp_close inet_release"),
	TRIGGER_ROW(bind_einval, false, -EINVAL, TRIGGER_SOCKET, "bind without an address",
		    "bind inet_bind"),
	TRIGGER_ROW(connect_refused, false, -ECONNREFUSED, TRIGGER_SOCKET,
		    "TCP connect to a closed port of loopback",
		    "connect tcp_v4_connect inet_sock_set_state tcp_set_state tcp_send_reset"),
	TRIGGER_ROW(accept_close, true, 0, TRIGGER_TCP, "accept of a waiting connection, and close",
		    "accept inet_csk_accept tcp_close tcp_set_state"),
	TRIGGER_ROW(tcp_send, true, 0, TRIGGER_TCP, "a byte by TCP over loopback",
		    "tcp_sendmsg tcp_rcv tcp_ sock_sendmsg netif_ net_dev_ skb napi softirq irq"),
	TRIGGER_ROW(udp_send, true, 0, TRIGGER_UDP, "a byte by UDP over loopback",
		    "sendmsg udp_sendmsg udp_ sock_sendmsg"),
#ifdef __x86_64__
	TRIGGER_ROW(open_enoent, false, -ENOENT, 0, "open of a missing path", "open"),
	TRIGGER_ROW(stat_enoent, false, -ENOENT, 0, "stat of a missing path",
		    "newstat stat vfs_statx"),
	TRIGGER_ROW(rename_enoent, false, -ENOENT, 0, "rename of a missing path", "rename"),
	TRIGGER_ROW(epoll_wait_einval, false, -EINVAL, TRIGGER_NULL,
		    "epoll_wait without room for events", "epoll_wait"),
#endif
	TRIGGER_ROW(libc_malloc, false, 0, 0, "libc's malloc(64) and free", "malloc free"),
	TRIGGER_ROW(libc_setjmp, false, 0, 0, "libc's setjmp", "setjmp"),
	TRIGGER_ROW(libc_getaddrinfo, false, 0, 0, "libc's getaddrinfo of a numeric address",
		    "getaddrinfo"),
};
const size_t workloads_count = sizeof(workloads) / sizeof(workloads[0]);
_Static_assert(sizeof(workloads) / sizeof(workloads[0]) <= WORKLOADS_MOST, "sets of 64 bits");

const struct workload workload_test_run = {
	"test_run", "BPF_PROG_TEST_RUN", TARGET_MUNMAP, true, false, 0, 0, .block = test_run};

const struct workload *workload_find(const char *name)
{
	for (size_t i = 0; i < workloads_count; i++)
		if (!strcmp(workloads[i].name, name))
			return &workloads[i];
	return NULL;
}

bool workload_reaches(const struct workload *workload, const char *name)
{
	const char *at = workload->reaches;

	while (at && *at) {
		size_t n = strcspn(at, " ");

		if (n && memmem(name, strlen(name), at, n))
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

static int check(const struct workload *workload, char *area)
{
	long answer = workload->once(area);

	if (workload->answer < 0 ? answer == workload->answer : answer >= workload->answer)
		return 0;
	return answer < 0 && answer != workload->answer ? (int)answer : -EPROTO;
}

int workload_open(const struct workload *workload, char **area, struct error *why)
{
	int err;

	*area = NULL;
	if (workload->target == TARGET_MADVISE) {
		*area = mmap(NULL, workload->bytes, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (*area == MAP_FAILED) {
			*area = NULL;
			err = -errno;
			goto out;
		}
		/* a kernel without THP returns EINVAL and has nothing to switch off */
		madvise(*area, workload->bytes, MADV_NOHUGEPAGE);
		touch(*area, workload->bytes);
	}
	if (workload->reaches) {
		*area = (char *)trigger_open(workload->needs);
		err = *area ? 0 : -errno;
		if (err)
			goto out;
	}
	err = check(workload, *area);
out:
	if (err) {
		error_say(why, "%s does not work here: %s", workload->name, strerror(-err));
		workload_close(workload, *area);
		*area = NULL;
	}
	return err;
}

void workload_close(const struct workload *workload, char *area)
{
	if (workload->reaches && area)
		trigger_close((struct trigger_area *)(void *)area);
	else if (area)
		munmap(area, workload->bytes);
}

void workload_paced(const struct workload *workload, char *area, struct pace *pace, size_t calls,
		    uint64_t until, const volatile sig_atomic_t *stop)
{
	struct gate gate = {.pace = pace};
	size_t most = pace_chunk(pace);

	calls = calls < pace->most ? calls : pace->most;
	while (pace->done < calls && !(stop && *stop) && pace_now(pace) < until) {
		size_t n = calls - pace->done;

		workload_block(workload, area, pace->call + pace->done, n < most ? n : most, &gate);
	}
}

double workload_bare_loop(const struct workload *workload, size_t n)
{
	bool control = workload->once == getppid_once;
	uint64_t start;

	if (!control && workload->once != munmap_einval_once)
		return NAN;
	start = arch_clock();
	for (size_t i = 0; i < n; i++)
		arch_syscall3(control ? SYS_getppid : SYS_munmap, 1, PAGE, 0);
	return (double)(arch_clock() - start) / (double)n;
}
