/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bpf/programs/shared.h" /* before the skeleton, which uses its types */
#include "bpf/load/probe.h"
#include "bpf/load/rates.h"
#include "bpf/programs/rates_munmap.skel.h"

int rates_open(struct probe **out, struct error *why)
{
	struct probe_request request = {
		.hook = HOOK_RAW_TP, .name = "rates", .object_name = "rates"};

	request.elf = rates_munmap__elf_bytes(&request.elf_bytes);
	return probe_load(&request, out, why);
}

struct rates_slot rates_counts(const struct probe *rates)
{
	const volatile struct rates_slot *slots = probe_globals(rates);
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
