/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit: the machine code that evict.c generates, and the flush of one cache line; includes the
 * header for this architecture.
 */
#ifndef BPFTOLL_CALIB_ARCH_EMIT_H
#define BPFTOLL_CALIB_ARCH_EMIT_H

#if defined(__x86_64__)
#include "calib/arch/emit_x86_64.h"
#elif defined(__aarch64__)
#include "calib/arch/emit_aarch64.h"
#else
#error "cold caches: the code that evicts instructions is not written for this architecture"
#endif

#endif
