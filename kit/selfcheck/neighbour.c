/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "kit/timing/neighbours.h"
#include "kit/selfcheck/selfcheck.h"

int selfcheck_neighbour(struct selfcheck *check, struct selfcheck_share share)
{
	const char *name = "neighbour on the other thread";
	int sibling = check->placement->sibling, err;
	struct neighbours_proof proof;

	if (*check->stop)
		return -EINTR;
	check->progress(share.from, name);
	if (sibling < 0) {
		selfcheck_say(
			check, TOPIC_NEIGHBOUR, SELFCHECK_SKIPPED, name,
			"no CPU here is known to be the other hardware thread of CPU %d's core",
			check->placement->cpu);
		return 0;
	}
	err = neighbours_prove(sibling, check->tsc->quantum, &proof);
	if (err == -ENOMEM)
		return err;
	if (err)
		selfcheck_say(check, TOPIC_NEIGHBOUR, SELFCHECK_SKIPPED, name,
			      "nothing can be run on CPU %d: %s", sibling, strerror(-err));
	else
		selfcheck_say(check, TOPIC_NEIGHBOUR, proof.holds ? SELFCHECK_OK : SELFCHECK_NOT_OK,
			      name,
			      "with a load on CPU %d seen in %.1f %% of the readings, without it "
			      "in %.1f %% (asked for: 90 %%, and 50 %% more than without)",
			      sibling, 100 * proof.loaded, 100 * proof.idle);
	return *check->stop ? -EINTR : 0;
}
