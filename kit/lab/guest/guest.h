/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guest: a machine under QEMU, from its start to its results.
 *
 * guest_start -> guest_wait (for all guests together, with poll) -> guest_results -> guest_close.
 * Under TCG one instruction is one tick and one virtual nanosecond, and whatever the guest could
 * see of the host is fixed (seed, date), so two runs are identical to the last byte. A guest ends
 * with this process.
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
	GUEST_ENDED, /* by itself: guest_results says how; 0: also zeroed memory */
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
	unsigned int cpus; /* 1 (or 0) or 2; under TCG they take turns */
	bool free_running; /* TCG without -icount: the clock counts no instructions */
	unsigned int seed; /* for everything random in the machine */
	bool gdb;	   /* offer a gdb stub on a socket in the guest's folder */
};

struct guest {
	enum guest_state state;
	pid_t pid;
	int pidfd;
	int exit_status; /* QEMU's, as from wait(2) */
	double deadline; /* in s of CLOCK_MONOTONIC */
	double seconds;	 /* for which it ran */
	char dir[256];	 /* private and temporary */
	struct guard *dir_guard;
	char console[PATH_MAX + 16], results[PATH_MAX + 16], gdb[PATH_MAX + 16];
};

/* 0 or -errno: -ENOENT without QEMU. */
int guest_start(struct guest *guest, const struct guest_options *options, struct error *why);

/*
 * Waits until one of the running guests ends, exceeds its time (it is killed) or the user stops
 * (all are killed), but at most patience_ms. Returns how many still run.
 */
size_t guest_wait(struct guest *const *guests, size_t n, int patience_ms);

/*
 * Unpacks what the guest sent into dir, which exists. -ENODATA: it sent nothing; -EBADMSG: cut
 * short or damaged. why then says how the guest ended, with the last lines of its console.
 */
int guest_results(const struct guest *guest, const char *dir, struct error *why);

/* Did the kernel die of a double fault before init ran? Then another seed may help (see lab.c). */
bool guest_died_early(const struct guest *guest);

/* The last lines of the console, without control characters. */
void guest_last_words(const struct guest *guest, size_t lines, char *text, size_t len);

/* What bpftoll in the guest said last on the console ("bpftoll: …"); false: nothing. */
bool guest_own_words(const struct guest *guest, char *text, size_t len);

/* How a kernel ended that panicked, by what its console shows. */
const char *guest_panic_words(const char *console);

/* Kills the guest if it runs, and removes its folder. Zeroed memory is fine. */
void guest_close(struct guest *guest);

/* For the record: "QEMU 7.2.22, tcg, icount shift=0, cpu max". */
void guest_describe(const struct machine *machine, enum guest_accel accel, bool free_running,
		    char *text, size_t len);

#endif
