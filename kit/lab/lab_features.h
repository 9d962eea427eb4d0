/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lab_features: after lab_run, one more guest for each kernel, which is single-stepped, and the
 * features of its record's results (xray/features.h).
 */
#ifndef BPFTOLL_KIT_LAB_LAB_FEATURES_H
#define BPFTOLL_KIT_LAB_LAB_FEATURES_H

#include "kit/lab/lab.h"

/* What fails is said on stderr, and the record stays as it was. 0, or the last -errno. */
int lab_features(struct lab *lab);

#endif
