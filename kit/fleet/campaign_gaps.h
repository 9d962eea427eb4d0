/* SPDX-License-Identifier: GPL-3.0-or-later */
/* campaign_gaps: what a campaign asked for and has no record of, as gaps of a fleet's verdict. */
#ifndef BPFTOLL_KIT_FLEET_CAMPAIGN_GAPS_H
#define BPFTOLL_KIT_FLEET_CAMPAIGN_GAPS_H

#include <stddef.h>

#include "reports/judge/fleet/fleet.h"

/*
 * fleet_judge; then looks for campaign.json in these folders at any depth (links are not followed),
 * and adds a gap for each run that failed, was lost, or has no result yet; a campaign.json that is
 * damaged is one. Nothing is asked of Slurm or other machines. Returns as fleet_judge does;
 * fleet_free whatever that is.
 */
int campaign_judge(const char *const *paths, size_t n, const struct budget *budget,
		   const struct verdict_scope *scope, struct fleet *fleet, struct error *why);

#endif
