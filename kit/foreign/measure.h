/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measure: suite measure, which is run by `bpftoll measure` and has no name for `run --suite`. The
 * command fills measure_options before it runs the suite.
 */
#ifndef BPFTOLL_KIT_FOREIGN_MEASURE_H
#define BPFTOLL_KIT_FOREIGN_MEASURE_H

#include "kit/cmd/suite.h"
#include "kit/foreign/measure_file.h"

extern struct measure_options measure_options;
extern const struct suite suite_measure;

#endif
