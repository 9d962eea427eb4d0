/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * subject: the guest's side of an X-ray: attaches one variant, and holds still before the call that
 * is looked at.
 *
 * Host and guest are the same binary, so they share this board: the guest writes its address to the
 * second serial port, the host reads and writes it through the gdb stub whenever the guest enters
 * subject_stop.
 */
#ifndef BPFTOLL_KIT_LAB_XRAY_SUBJECT_H
#define BPFTOLL_KIT_LAB_XRAY_SUBJECT_H

#include <stdint.h>

#define SUBJECT_COMMAND "subject"
#define SUBJECT_MAGIC	0x796172782d6c6f74ull
#define SUBJECT_LINE	"xray stop=%llx board=%llx\n"
#define SUBJECT_CALLS	4 /* windows that follow each stop */

enum subject_phase { SUBJECT_WAITS, SUBJECT_BARE, SUBJECT_HIT, SUBJECT_DONE };

struct subject_board {
	uint64_t magic;
	uint64_t go;		       /* set by the host: it is there */
	uint64_t phase;		       /* what comes right after this stop */
	uint64_t bare, hit;	       /* what such calls read when nobody looks: median, ticks */
	uint64_t symbols, symbols_len; /* /proc/kallsyms, taken with the probe attached */
	char mechanism[32];
};

/*
 * `bpftoll subject VARIANT SYSCALL POLICY`, in the guest only; POLICY as a record has it. The exit
 * code.
 */
int subject_main(const char *variant_name, const char *workload_name, const char *wakeup_name);

#endif
