/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arch: picks the one header that knows this architecture. */
#ifndef BPFTOLL_CALIB_ARCH_ARCH_H
#define BPFTOLL_CALIB_ARCH_ARCH_H

#if defined(__x86_64__)
#include "calib/arch/arch_x86_64.h"
#elif defined(__aarch64__)
#include "calib/arch/arch_aarch64.h"
#else
#error "bpftoll measures on x86-64 and aarch64: the window of this architecture is not written"
#endif

#endif
