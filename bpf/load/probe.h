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

struct probe;

/*
 * Loads the variant's program; of a foreign one target and wake mean nothing. 0 or -errno, why in
 * words a person can act on.
 */
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
 * How the kernel runs it: "ftrace", "optimized", "int3" ("brk" on aarch64), "trampoline", … Valid
 * after the first attach.
 */
const char *probe_mechanism(const struct probe *probe);

/*
 * Puts tgid into monitored_pids; 0: no process. Ids of MONITORED_OTHERS processes that cannot exist
 * are always in the map.
 */
#define MONITORED_OTHERS 16
/* Does the variant expect the calling process in such a map? Of a foreign one --monitor says so. */
bool probe_monitors(const struct probe *probe, const struct variant *variant);
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

/*
 * Where probe_count_hits gives -EPERM: a copy of the attached program that counts its own runs
 * takes its place, at the same hook and with the same maps, until probe_copy_end puts the program
 * back; probe_hits gives the copy's runs meanwhile. They show that the hook runs what is attached
 * there, once a call. 0 or -errno with the reason, and the program may then be detached; -EPERM: it
 * is foreign, so there is no copy.
 */
int probe_copy_begin(struct probe *probe, struct error *why);
int probe_copy_end(struct probe *probe, struct error *why);

/* What the kernel made of the program. */
const struct program_facts *probe_facts(const struct probe *probe);

/*
 * The map that the events go to (-1: none), and the number of events that the program failed to
 * send.
 */
int probe_events_fd(const struct probe *probe);
uint64_t probe_dropped(const struct probe *probe);

/* The maps that a foreign program may send events to; NULL: it is one of ours. */
struct foreign_maps;
const struct foreign_maps *probe_foreign_maps(const struct probe *probe);

/* Which program to load from which object. The names need not outlive the call. */
struct probe_request {
	enum hook hook;
	enum probe_target target;
	const void *elf; /* the object as a skeleton embeds it */
	size_t elf_bytes;
	const char *name, *object_name;
	const char *events; /* the map "events_…" that it sends to, the only buffer that is made;
			       NULL: none */
	unsigned int events_entries; /* its max_entries; 0: as compiled */
	const void *constants; /* the object's .rodata, which is then frozen; NULL: not made */
	size_t constants_bytes;
	const struct probe *maps_of; /* its maps but .rodata are used; NULL: all are made */
};

/* 0 or -errno with the kernel's reason. */
int probe_load(const struct probe_request *request, struct probe **out, struct error *why);

/*
 * The object's .bss, which the program writes; the fd of one of its maps, by name (-errno: none);
 * and how it is attached.
 */
const volatile void *probe_globals(const struct probe *probe);
int probe_map_fd(const struct probe *probe, const char *name);
const struct attachment *probe_attachment(const struct probe *probe);

#endif
