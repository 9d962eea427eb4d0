/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "calib/error.h"
#include "bpf/read/accounting.h"

void accounting_lost(void *ctx, int cpu, uint64_t lost)
{
	struct accounting *accounting = ctx;

	(void)cpu;
	accounting_add(&accounting->lost_records, lost);
}

int accounting_check(const struct accounting_sum *sum, const char *of, struct error *why)
{
	if (sum->produced == sum->received + sum->lost && sum->told == sum->lost && !sum->foreign &&
	    !sum->disorder)
		return 0;
	return error_set(why, -EBADMSG,
			 "%s: %" PRIu64 " events produced, %" PRIu64 " received, %" PRIu64
			 " lost by the program's count, %" PRIu64 " by what arrived, %" PRIu64
			 " not ours, %" PRIu64 " twice or out of order",
			 of, sum->produced, sum->received, sum->lost, sum->told, sum->foreign,
			 sum->disorder);
}
