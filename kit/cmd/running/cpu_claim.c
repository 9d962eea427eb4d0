/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/running/cpu_claim.h"

int cpu_claim(const struct placement *placement, bool wait, struct claim *out, struct error *why)
{
	const int cpus[] = {placement->cpu, placement->reader_cpu, placement->sibling};
	struct claim_wish wish = {.folder = getenv("BPFTOLL_LOCKS")};
	int err;

	for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++)
		if (cpus[i] >= 0)
			wish.cpus[wish.n++] = cpus[i];
	err = claim_open(&wish, out, why);
	if (err == -EBUSY && wait) {
		cli_say("waiting: %s", why->text);
		wish.wait = &cli_stop;
		err = claim_open(&wish, out, why);
	}
	if (err == -EBUSY)
		error_add(why,
			  "; --wait waits for its end, and --cpu and --reader-cpu name others");
	if (err == -EBUSY || err == -EINTR)
		return err;
	if (err)
		cli_say("other measurements on these CPUs are not seen: no lock: %s", why->text);
	else if (*out->folder)
		cli_say("locks of CPUs are in %s: measurements of other users are not seen",
			out->folder);
	*why->text = '\0';
	return 0;
}
