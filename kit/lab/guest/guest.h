/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guest: one machine under QEMU, from its start to its results.
 *
 * guest_start -> guest_wait (all of them, poll-driven) -> guest_results -> guest_close. Under TCG
 * one instruction is one tick and one virtual nanosecond, and everything that the guest could see
 * of the host is fixed (seed, date), so two runs are the same to the last byte. A guest dies with
 * this process.
 */
#ifndef BPFTOLL_KIT_LAB_GUEST_GUEST_H
#define BPFTOLL_KIT_LAB_GUEST_GUEST_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "calib/error.h"
#include "kit/lab/guest/machine.h"

enum guest_accel { GUEST_TCG, GUEST_KVM };

enum guest_state {
	GUEST_ENDED, /* 0, so zeroed memory is no guest; or left by itself: guest_results says with
			what */
	GUEST_RUNNING,
	GUEST_TIMED_OUT,
	GUEST_STOPPED /* by the user */
};

struct guest_options {
	const struct machine *machine;
	const char *kernel, *image; /* bzImage, ELF with a PVH entry, or Image; and initramfs */
	const char *append;	    /* more kernel parameters, or NULL */
	enum guest_accel accel;
	unsigned int memory_mib, timeout_s;
	unsigned int cpus; /* 1 (or 0) or 2; under TCG they take turns, unless they are */
	bool free_running; /* TCG without -icount: a thread for each CPU, and a clock that says
			      nothing */
	unsigned int seed; /* of everything random in the machine */
	bool gdb;	   /* offer a gdb stub on a socket in the guest's folder */
};

struct guest {
	enum guest_state state;
	pid_t pid;
	int pidfd;
	int exit_status;    /* of QEMU, as wait(2) gives it */
	double deadline;    /* s of CLOCK_MONOTONIC */
	double seconds;	    /* that it ran */
	char dir[PATH_MAX]; /* private, temporary */
	char console[PATH_MAX + 16], results[PATH_MAX + 16], gdb[PATH_MAX + 16];
};

/* 0 or -errno: -ENOENT without QEMU. */
int guest_start(struct guest *guest, const struct guest_options *options, struct error *why);

/*
 * Waits until one of the running guests leaves, runs out of time (it is killed) or the user stops
 * (all are killed), or for at most patience_ms. Returns how many are still running.
 */
size_t guest_wait(struct guest *const *guests, size_t n, int patience_ms);

/*
 * Unpacks what the guest sent into dir (exists). -ENODATA: it sent nothing; -EBADMSG: cut short or
 * damaged. why then holds what became of the guest with the last lines of its console.
 */
int guest_results(const struct guest *guest, const char *dir, struct error *why);

/* Did the kernel die of a double fault before init ran? Then another seed may help (see lab.c). */
bool guest_died_early(const struct guest *guest);

/* The last lines of the console, cleaned of control characters. */
void guest_last_words(const struct guest *guest, size_t lines, char *text, size_t len);

/* Kills it if it runs and takes its folder away. Zeroed memory is fine. */
void guest_close(struct guest *guest);

/* "QEMU 7.2.22, tcg, icount shift=0, cpu max". */
void guest_describe(const struct machine *machine, enum guest_accel accel, bool free_running,
		    char *text, size_t len);

#endif
