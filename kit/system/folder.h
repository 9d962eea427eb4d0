/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * folder: folders for results: makes a folder and its parents when needed, and never puts two
 * records into one.
 */
#ifndef BPFTOLL_KIT_SYSTEM_FOLDER_H
#define BPFTOLL_KIT_SYSTEM_FOLDER_H

#include <stddef.h>
#include <sys/types.h>

#include "calib/error.h"

/*
 * Like mkdir -p: a part that exists must be a folder or a link to one. New parts get mode less the
 * umask. 0, -ENOTDIR where something else has the name, else mkdir's -errno.
 */
int folder_make(const char *path, mode_t mode);

/*
 * Makes reports/runs/TIME<tail> (UTC, so that names sort by time), with a number after it where
 * that second has one already. dir: its path. 0 or -errno, why names the folder.
 */
int folder_make_run(const char *tail, char *dir, size_t len, struct error *why);

/*
 * Makes path for a record. -EEXIST: it holds a record or samples already; else -errno; why. path
 * NULL: as folder_make_run.
 */
int folder_for_record(const char *path, char *dir, size_t len, struct error *why);

#endif
