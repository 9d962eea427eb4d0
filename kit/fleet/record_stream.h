/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_stream: a run's files as lines of text, for a machine that shares no folder: they pass
 * ssh, clush and srun unchanged, and lines of others between them do no harm.
 *
 *   bpftoll-record started ID BOOT RUN
 *   bpftoll-record begin ID BOOT RUN
 *   bpftoll-record data BASE64          gzip of a cpio archive of the run's folder, in pieces
 *   bpftoll-record end BYTES CRC        of the gzip's bytes: length, and CRC-32 in hexadecimal
 *   bpftoll-record gap ID BOOT RUN WORDS   the run could not be made
 *   bpftoll-record alive                every STREAM_ALIVE_S seconds, while it is made
 *
 * Sender: record_stream_write. Receiver: record_stream_open, record_stream_take for each line, and
 * record_stream_unpack when it says STREAM_WHOLE; record_stream_close. What is received is not
 * trusted: sizes are limited, length and CRC checked before anything is unpacked, and cpio.h keeps
 * names below the folder.
 */
#ifndef BPFTOLL_KIT_FLEET_RECORD_STREAM_H
#define BPFTOLL_KIT_FLEET_RECORD_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "calib/error.h"

#define STREAM_MARK	     "bpftoll-record "
#define STREAM_ALIVE_S	     10
#define STREAM_LINE_MOST     8192	   /* bytes of a line; longer ones are others' */
#define STREAM_PACKED_MOST   (256ul << 20) /* bytes of a run's gzip */
#define STREAM_UNPACKED_MOST (256ul << 20) /* bytes of its archive */

struct stream_head {
	char id[32];
	unsigned int boot, run;
};

/* What a line ended or said. */
enum stream_event {
	STREAM_NOTHING,
	STREAM_STARTED, /* the run is being made */
	STREAM_WHOLE,	/* its files are here */
	STREAM_GAP,	/* it has none: words in why */
	STREAM_DAMAGED, /* they came, and are not whole: the fault in why */
};

void record_stream_say_started(FILE *out, const struct stream_head *head);
void record_stream_say_alive(FILE *out);
void record_stream_say_gap(FILE *out, const struct stream_head *head, const char *words);

/* All regular files below dir. 0 or -errno, why: -EFBIG, or out's. */
int record_stream_write(FILE *out, const struct stream_head *head, const char *dir,
			struct error *why);

struct record_stream;

struct record_stream *record_stream_open(void); /* NULL: out of memory */
void record_stream_close(struct record_stream *stream);

/* One line without its end. head: of STARTED, WHOLE, GAP and DAMAGED. */
enum stream_event record_stream_take(struct record_stream *stream, const char *line,
				     struct stream_head *head, struct error *why);

/* Is there a beginning without its end? head: whose. */
bool record_stream_is_open(const struct record_stream *stream, struct stream_head *head);

/* After STREAM_WHOLE: its files into dir, which exists. 0 or -errno, why; a part may be there. */
int record_stream_unpack(struct record_stream *stream, const char *dir, struct error *why);

#endif
