/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream_task: a campaign's runs on a machine that shares no folder: each is made in a private
 * folder here, and its files go to stdout (record_stream.h).
 */
#ifndef BPFTOLL_KIT_FLEET_STREAM_TASK_H
#define BPFTOLL_KIT_FLEET_STREAM_TASK_H

#include "calib/error.h"
#include "kit/fleet/campaign_file.h"

#define STREAM_TASK_COMMAND "fleet-stream-job"

/*
 * `bpftoll fleet-stream-job ID BOOT RUNS WORDS [REMOVE]`: RUNS is "1,2,5", WORDS the campaign's
 * words as by stream_task_words. REMOVE: this program is a copy for this campaign, removed at the
 * end, with its folder if that is named bpftoll-*. Returns the exit code.
 */
int stream_task_main(int argc, char **argv);

/*
 * The words as one of letters, digits, "+", "/" and "=": ssh gives it to a shell. NULL: out of
 * memory, or a word is not UTF-8. The caller frees it.
 */
char *stream_task_words(const struct campaign *campaign);

#endif
