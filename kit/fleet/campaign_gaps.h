/* SPDX-License-Identifier: GPL-3.0-or-later */
/* campaign_gaps: what a campaign asked for and has no record of, as gaps of a fleet's verdict. */
#ifndef BPFTOLL_KIT_FLEET_CAMPAIGN_GAPS_H
#define BPFTOLL_KIT_FLEET_CAMPAIGN_GAPS_H

#include <stddef.h>

#include "reports/judge/fleet/fleet.h"

/*
 * Looks for campaign.json in these folders at any depth (links are not followed), and adds a gap to
 * the fleet for each run that failed, was lost, or has no result yet. Nothing is asked of Slurm or
 * other machines. n_gaps: how many; a damaged campaign.json is one. 0 or -ENOMEM.
 */
int campaign_gaps(const char *const *paths, size_t n, struct fleet *fleet, size_t *n_gaps);

#endif
