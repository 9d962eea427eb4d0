/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include <bpf/libbpf.h>

#include "bpf/programs/shared.h" /* before the skeleton, which uses its types */
#include "bpf/load/program.h"
#include "bpf/load/rates.h"
#include "bpf/programs/rates_munmap.skel.h"

struct rates {
	struct program program;
};

int rates_open(struct rates **out, struct error *why)
{
	struct rates *rates = calloc(1, sizeof(*rates));
	const void *elf;
	size_t size;
	int err;

	if (!rates)
		return -ENOMEM;
	elf = rates_munmap__elf_bytes(&size);
	err = program_open(&rates->program, HOOK_RAW_TP, TARGET_MUNMAP, elf, size, "rates", why);
	if (!err)
		err = program_load(&rates->program, "rates", why);
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
	program_close(&rates->program);
	free(rates);
}

int rates_monitor(struct rates *rates, const pid_t *tgids, size_t n)
{
	int err = program_monitor_nobody(&rates->program);

	for (size_t i = 0; i < n && !err; i++)
		err = program_monitor(&rates->program, tgids[i]);
	return err;
}

int rates_attach(struct rates *rates, struct error *why)
{
	return program_attach(&rates->program, why);
}

void rates_detach(struct rates *rates)
{
	program_detach(&rates->program);
}

struct rates_slot rates_counts(const struct rates *rates)
{
	const volatile struct rates_slot *slots = rates->program.globals;
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
