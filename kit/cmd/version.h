/* SPDX-License-Identifier: GPL-3.0-or-later */
/* version: the release, and the commit from which this program was built. Every record has both. */
#ifndef BPFTOLL_KIT_CMD_VERSION_H
#define BPFTOLL_KIT_CMD_VERSION_H

#define BPFTOLL_VERSION "0.3.0"

/*
 * From git describe: "1a2b3c4" or "1a2b3c4-dirty"; "" if the source was no git checkout. main.c
 * defines it, so that a new commit rebuilds only one object.
 */
extern const char *version_commit;

#endif
