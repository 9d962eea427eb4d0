/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * privileges: which capabilities bpftoll uses, which of them this process lacks, and what is lost
 * without each here. Root has all of them, where no container took some.
 */
#ifndef BPFTOLL_KIT_SYSTEM_PRIVILEGES_H
#define BPFTOLL_KIT_SYSTEM_PRIVILEGES_H

#include <stdbool.h>

/* vital: without it nothing can be measured. */
typedef void (*privilege_fn)(void *ctx, const char *capability, const char *lost, bool vital);

/* Tells each that is lacking and missed. Returns their number. */
unsigned int privileges_lacking(privilege_fn tell, void *ctx);

#endif
