/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * subject: the guest's side of an X-ray: attaches one variant, and stops before the call that is to
 * be single-stepped.
 *
 * Host and guest run the same binary, so both know struct subject_board: the guest writes its
 * address to the second serial port, and the host reads and writes it through the gdb stub whenever
 * the guest enters subject_stop.
 */
#ifndef BPFTOLL_KIT_LAB_XRAY_SUBJECT_H
#define BPFTOLL_KIT_LAB_XRAY_SUBJECT_H

#include <stdint.h>

#define SUBJECT_COMMAND "subject"
#define SUBJECT_MAGIC	0x796172782d6c6f74ull
#define SUBJECT_LINE	"xray stop=%llx board=%llx\n"
#define SUBJECT_CALLS	4 /* timed regions after each stop */

enum subject_phase {
	SUBJECT_WAITS,
	SUBJECT_BARE,
	SUBJECT_HIT,
	SUBJECT_DONE,
	SUBJECT_REFUSED /* the board's variant: why is in its reason; the next one follows */
};

struct subject_board {
	uint64_t magic;
	uint64_t go;	    /* set by the host: it is connected */
	uint64_t phase;	    /* what follows this stop */
	uint64_t bare, hit; /* what such calls read without single-stepping: median, ticks */
	uint64_t symbols, symbols_len; /* /proc/kallsyms, read with the probe attached */
	char mechanism[32], workload[64];
	char variant[64], reason[192]; /* of a list of them: which one this is */
};

/*
 * `bpftoll subject VARIANT WORKLOAD POLICY OBJECT`, in the guest only; POLICY as in a record.
 * OBJECT: a file whose program VARIANT is, or "-"; WORKLOAD "-": the first that runs it. VARIANT
 * may be a list with commas, of ours: one after another. Returns the exit code.
 */
int subject_main(const char *variant_name, const char *workload_name, const char *wakeup_name,
		 const char *object);

#endif
