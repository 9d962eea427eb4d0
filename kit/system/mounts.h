/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mounts: mounts tracefs, debugfs and securityfs where they are missing, for this process only.
 *
 * They are mounted in a private mount namespace that ends with the process, so the system is not
 * changed.
 */
#ifndef BPFTOLL_KIT_SYSTEM_MOUNTS_H
#define BPFTOLL_KIT_SYSTEM_MOUNTS_H

/*
 * Call it before any thread starts. What cannot be mounted is reported later by the code that needs
 * it.
 */
void mounts_complete(void);

#endif
