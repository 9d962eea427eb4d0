/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "bpf/programs/shared.h" /* before the skeleton, which uses its types */
#include "bpf/load/probe.h"
#include "bpf/load/rates.h"
#include "bpf/programs/rates_munmap.skel.h"

struct rates {
	struct probe *probe;
};

int rates_open(struct rates **out, char *why, size_t why_len)
{
	struct probe_request request = {
		.hook = HOOK_RAW_TP, .name = "rates", .object_name = "rates"};
	struct rates *rates = calloc(1, sizeof(*rates));
	int err;

	if (!rates)
		return -ENOMEM;
	request.elf = rates_munmap__elf_bytes(&request.elf_bytes);
	err = probe_load(&request, &rates->probe, why, why_len);
	if (err)
		rates_close(rates);
	else
		*out = rates;
	return err;
}

void rates_close(struct rates *rates)
{
	if (!rates)
		return;
	probe_close(rates->probe);
	free(rates);
}

int rates_monitor(struct rates *rates, const pid_t *tgids, size_t n)
{
	int err = probe_monitor(rates->probe, 0);

	for (size_t i = 0; i < n && !err; i++)
		err = probe_monitor_also(rates->probe, tgids[i]);
	return err;
}

int rates_attach(struct rates *rates, char *why, size_t why_len)
{
	return probe_attach(rates->probe, why, why_len);
}

void rates_detach(struct rates *rates)
{
	probe_detach(rates->probe);
}

struct rates_slot rates_counts(const struct rates *rates)
{
	const volatile struct rates_slot *slots = probe_globals(rates->probe);
	struct rates_slot sum = {0};

	for (size_t i = 0; i < RATES_SLOTS; i++) {
		sum.all += slots[i].all;
		sum.munmap += slots[i].munmap;
		sum.madvise_dontneed += slots[i].madvise_dontneed;
		sum.madvise_free += slots[i].madvise_free;
		sum.madvise_other += slots[i].madvise_other;
	}
	return sum;
}
