/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unrolled: the loops whose instructions are priced in user space (kit/calibrate), where this
 * architecture has them written. The counts that their prices are for (bpftoll lab --features) are
 * of x86-64 guests only, so aarch64 has none.
 */
#ifndef BPFTOLL_CALIB_ARCH_UNROLLED_H
#define BPFTOLL_CALIB_ARCH_UNROLLED_H

#if defined(__x86_64__)
#include "calib/arch/unrolled_x86_64.h"
#else
#define ARCH_UNROLLED(name, times, SETUP, BODY)
#define ARCH_PRICED(X)
#define ARCH_RETURNS(X)
#define ARCH_INDIRECTS(X)
#endif

#endif
