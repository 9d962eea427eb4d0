/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mounts: mounts tracefs, debugfs and securityfs where they are missing, for this process only, and
 * gives a program shared memory of its own.
 *
 * All of it is in namespaces that end with the process, so the system is not changed.
 */
#ifndef BPFTOLL_KIT_SYSTEM_MOUNTS_H
#define BPFTOLL_KIT_SYSTEM_MOUNTS_H

/*
 * Call it before any thread starts. What cannot be mounted is reported later by the code that needs
 * it.
 */
void mounts_complete(void);

/*
 * System V IPC and /dev/shm of this process and its children alone: nothing of it stays, however
 * they end. Without CAP_SYS_ADMIN, which they need, nothing changes.
 */
void mounts_private_shm(void);

#endif
