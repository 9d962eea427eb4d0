/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mounts: tracefs, debugfs and securityfs where they are missing, seen by this process alone.
 *
 * They are mounted in a private mount namespace that ends with the process, so the system stays as
 * it was.
 */
#ifndef BPFTOLL_KIT_SYSTEM_MOUNTS_H
#define BPFTOLL_KIT_SYSTEM_MOUNTS_H

/* Call before any thread starts. What cannot be mounted is missed later, by whoever needs it, with
 * its reason. */
void mounts_complete(void);

#endif
