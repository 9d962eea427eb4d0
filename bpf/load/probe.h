/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe: one program out of an embedded object of many, from its name to attached, counted and
 * closed. The program of a variant (probe_open) or of stream.h, host_program.h and rates.h
 * (probe_load), which are built on it.
 *
 * probe_open (loads; the verifier has accepted it) -> probe_attach -> … -> probe_detach ->
 * probe_attach … -> probe_close. A loaded program that is not attached costs nothing, so it can be
 * loaded once and attached in each round. Every failure comes with a reason found by asking the
 * kernel.
 */
#ifndef BPFTOLL_BPF_LOAD_PROBE_H
#define BPFTOLL_BPF_LOAD_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "calib/error.h"
#include "bpf/load/attach.h"
#include "bpf/load/program.h"
#include "bpf/load/variant.h"

struct probe {
	struct bpf_object *object;
	/*
	 * at.mechanism: how the kernel runs it, valid after the first attach: "ftrace",
	 * "optimized", "int3" ("brk" on aarch64), "trampoline", …
	 */
	struct attachment at;
	int fd, pids_fd; /* the program, monitored_pids */
	int events_fd;	 /* the map that the events go to; -1: none */
	bool attached;	 /* was attached at least once */
	struct program_facts facts;
	/* the object's .bss, which the program writes: a read-only mapping */
	const volatile void *globals;
	size_t globals_bytes;
};

/* Loads the variant's program. 0 or -errno, why in words a person can act on. */
int probe_open(const struct variant *variant, enum probe_target target, enum ring_wake wake,
	       struct probe **out, struct error *why);
void probe_close(struct probe *probe);

/*
 * Sets N of the programs that wake the reader once in N events (WAKE_SAMPLED), a power of two, for
 * probes opened from now on.
 */
void probe_wake_every(unsigned int every);

/*
 * Attaches, and waits for what the kernel does later (jump optimisation of a kprobe: its list is
 * polled). 0 or -errno with the reason.
 */
int probe_attach(struct probe *probe, struct error *why);
void probe_detach(struct probe *probe);

/*
 * Puts tgid into monitored_pids; 0: no process. Ids of MONITORED_OTHERS processes that cannot exist
 * are always in the map.
 */
#define MONITORED_OTHERS 16
int probe_monitor(struct probe *probe, pid_t tgid);

/* Adds one more process. 0 or -errno. */
int probe_monitor_also(struct probe *probe, pid_t tgid);

/* Runs so far while counting was on, and hits that the kernel skipped. 0 or -errno. */
int probe_hits(const struct probe *probe, uint64_t *runs, uint64_t *missed);

/* Runs so far and the ns spent in them, while counting was on. 0 or -errno. */
int probe_time(const struct probe *probe, uint64_t *runs, uint64_t *ns);

/*
 * Switches the counting of runs on (BPF_ENABLE_STATS). It costs about 20 ns a run, so never during
 * timed blocks. Returns an fd that keeps it on until it is closed, or -errno.
 */
int probe_count_hits(void);

/* The number of events that the program failed to send. */
uint64_t probe_dropped(const struct probe *probe);

/* Which program to load from which object. The names need not outlive the call. */
struct probe_request {
	enum hook hook;
	enum probe_target target;
	const void *elf; /* the object as a skeleton embeds it */
	size_t elf_bytes;
	const char *name, *object_name;
	const char *events; /* the map "events_…" that it sends to; no other is made; NULL: none */
	unsigned int events_entries; /* its size in bytes; 0: as compiled */
	const void *constants; /* the object's .rodata, which is then frozen; NULL: not made */
	size_t constants_bytes;
};

/* 0 or -errno with the kernel's reason. */
int probe_load(const struct probe_request *request, struct probe **out, struct error *why);

/* The fd of one of the object's maps, by name; -errno: none. */
int probe_map_fd(const struct probe *probe, const char *name);

#endif
