/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe: opens, attaches, counts and closes one variant. The only file that sees the BPF objects.
 *
 * probe_open (load: the verifier has spoken) -> probe_attach -> … -> probe_detach -> probe_attach …
 * -> probe_close. A loaded program that is not attached costs nobody anything, so a run loads once
 * and attaches for each round. Every failure comes with a reason found by asking the kernel.
 */
#ifndef BPFTOLL_BPF_LOAD_PROBE_H
#define BPFTOLL_BPF_LOAD_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "calib/error.h"
#include "bpf/load/variant.h"

struct probe;

/* The syscall that the probe names. */
enum probe_target { TARGET_MUNMAP, TARGET_MADVISE, TARGET_COUNT };

/* When a ring buffer program wakes its consumer. A perf buffer's policy is the reader's (drain.h).
 */
enum wake_policy { WAKE_DEFAULT, WAKE_NEVER, WAKE_SAMPLED, WAKE_ALWAYS };

const char *probe_target_name(enum probe_target target); /* "munmap" */
long probe_target_nr(enum probe_target target);		 /* its syscall number */

/* Loads the variant's program. 0 or -errno, why in words a person can act on. */
int probe_open(const struct variant *variant, enum probe_target target, enum wake_policy wake,
	       struct probe **out, struct error *why);
void probe_close(struct probe *probe);

/*
 * Attaches, and waits until the kernel has finished what it does later (jump optimisation of a
 * kprobe: its own list is polled). 0 or -errno with the reason.
 */
int probe_attach(struct probe *probe, struct error *why);
void probe_detach(struct probe *probe);

/* How the kernel runs it now: "ftrace", "optimized", "int3" ("brk" on aarch64), "trampoline", …
 * Valid after the first attach. */
const char *probe_mechanism(const struct probe *probe);

/* Puts tgid into monitored_pids, or (0) only others. Always holds MONITORED_OTHERS other processes.
 */
#define MONITORED_OTHERS 16
int probe_monitor(struct probe *probe, pid_t tgid);

/* One process more, beside those. 0 or -errno. */
int probe_monitor_also(struct probe *probe, pid_t tgid);

/* Runs so far while counting was on, and runs that the kernel skipped. 0 or -errno. */
int probe_hits(const struct probe *probe, uint64_t *runs, uint64_t *missed);

/* Runs so far and the ns in them, while counting was on. 0 or -errno. */
int probe_time(const struct probe *probe, uint64_t *runs, uint64_t *ns);

/*
 * Counting of runs (BPF_ENABLE_STATS) costs about 20 ns a run: on for rehearsals only. Returns an
 * fd that keeps it on until closed, or -errno.
 */
int probe_count_hits(void);

/* What the kernel made of the program. */
struct program_facts;
const struct program_facts *probe_facts(const struct probe *probe);

/* The map that the events go to (-1: none), and those that the program itself saw fail to be sent.
 */
int probe_events_fd(const struct probe *probe);
uint64_t probe_dropped(const struct probe *probe);

#endif
