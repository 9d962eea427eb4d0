/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * version: which program this is: the release, and the commit it was built from. Every record has
 * both.
 */
#ifndef BPFTOLL_KIT_CMD_VERSION_H
#define BPFTOLL_KIT_CMD_VERSION_H

#define BPFTOLL_VERSION "0.2"

/*
 * Of git describe, "1a2b3c4" or "1a2b3c4-dirty"; "" where the source was no git checkout. main sets
 * it, so that a new commit builds one object anew.
 */
extern const char *version_commit;

#endif
