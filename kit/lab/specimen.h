/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * specimen: the guest's side of an X-ray: attaches one variant, and holds still before the call that is looked at.
 *
 * Host and guest are the same binary, so they share this board: the guest writes its address to the second serial port, the host
 * reads and writes it through the gdb stub whenever the guest enters specimen_stop.
 */
#ifndef BPFTOLL_LAB_SPECIMEN_H
#define BPFTOLL_LAB_SPECIMEN_H

#include <stdint.h>

#define SPECIMEN_COMMAND "specimen"
#define SPECIMEN_MAGIC 0x796172782d6c6f74ull
#define SPECIMEN_LINE  "xray stop=%llx board=%llx\n"
#define SPECIMEN_CALLS 4 /* windows that follow each stop */

enum specimen_phase { SPECIMEN_WAITS, SPECIMEN_BARE, SPECIMEN_HIT, SPECIMEN_DONE };

struct specimen_board {
	uint64_t magic;
	uint64_t go;		       /* set by the host: it is there */
	uint64_t phase;		       /* what comes right after this stop */
	uint64_t bare, hit;	       /* what such calls read when nobody looks: median, ticks */
	uint64_t symbols, symbols_len; /* /proc/kallsyms, taken with the probe attached */
	char mechanism[32];
};

/*
 * `bpftoll specimen VARIANT TRIGGER DRAIN`, in the guest only. The exit code.
 */
int specimen_main(const char *variant_name, const char *trigger_name, const char *drain_name);

#endif
