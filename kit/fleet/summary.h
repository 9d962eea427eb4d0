/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summary: a campaign's state as text: how many tasks are where, each one that is missing with its
 * reason, and what the records themselves say they lack.
 */
#ifndef BPFTOLL_KIT_FLEET_SUMMARY_H
#define BPFTOLL_KIT_FLEET_SUMMARY_H

#include <stdio.h>

#include "kit/fleet/campaign_file.h"

/*
 * Prints it; drive_look comes before. Returns how many tasks failed or are lost, those included
 * whose record cannot be read.
 */
size_t summary_print(FILE *out, struct campaign *campaign);

#endif
