/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * drive: makes a campaign's tasks, by Slurm or here, until each is done or its gap has a name.
 *
 * It may be killed at any time: jobs of Slurm go on, and drive_run on the campaign read again goes
 * on where it was.
 */
#ifndef BPFTOLL_KIT_FLEET_DRIVE_H
#define BPFTOLL_KIT_FLEET_DRIVE_H

#include "kit/fleet/campaign_file.h"

/*
 * patience_s: how long a machine may be down or drained, or Slurm silent, before that is a gap. 0
 * (see the tasks' states), -EINTR: stopped; else -errno, why.
 */
int drive_run(struct campaign *campaign, double patience_s, struct error *why);

/*
 * The states now. 0, or -EAGAIN, why: Slurm cannot be asked, they are from files alone.
 */
int drive_look(struct campaign *campaign, struct error *why);

/* Makes tasks that were lost wait again; and those that failed, if asked. Returns their number. */
size_t drive_again(struct campaign *campaign, bool failed);

#endif
