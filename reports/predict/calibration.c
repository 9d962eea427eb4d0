/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/effects/instruction_range.h"
#include "reports/predict/calibration.h"

/* What one body of each loop has (kit/calibrate/price_loops.h); the rest of it is plain code. */
static const struct {
	const char *name;
	struct {
		enum instruction_class class;
		double n;
	} counts[3];
} known[] = {
	{"call_return", {{CLASS_CALL, 1}, {CLASS_RETURN, 1}}},
	{"indirect_call_return", {{CLASS_INDIRECT, 1}, {CLASS_RETURN, 1}}},
	{"lock_add", {{CLASS_ATOMIC, 1}}},
	{"lock_cmpxchg", {{CLASS_ATOMIC, 1}}},
	{"xchg", {{CLASS_ATOMIC, 1}}},
	{"rdtsc", {{CLASS_CLOCK, 1}}},
	{"pushf_popf", {{CLASS_FLAGS, 2}}},
	{"iret", {{CLASS_SERIALISE, 1}, {CLASS_STORE, 5}, {CLASS_PLAIN, 4}}},
};
#define KNOWN (sizeof(known) / sizeof(known[0]))
_Static_assert(KNOWN <= CALIBRATION_ROWS_MOST, "room for all rows");

bool calibration_is(const struct record *rec)
{
	return rec->n_instruction_prices > 0;
}

static bool differ(const char *a, const char *b)
{
	return a && b && strcmp(a, b) != 0;
}

int calibration_check(const struct record *run, const struct record *prices, struct error *why)
{
	const struct record_host *a = &run->host, *b = &prices->host;

	if (differ(a->cpu, b->cpu) || differ(a->arch, b->arch) ||
	    differ(a->virtualization, b->virtualization))
		return error_set(why, -EINVAL,
				 "the instructions were priced on another machine: %s there, %s in "
				 "the run",
				 b->cpu, a->cpu);
	if (differ(a->mitigations, b->mitigations))
		return error_set(
			why, -EINVAL,
			"the instructions were priced under other mitigations than the run "
			"had");
	return 0;
}

const struct record *calibration_find(struct record *const *records, size_t n,
				      const struct record *run)
{
	struct error why;

	for (size_t i = 0; i < n; i++)
		if (calibration_is(records[i]) && !calibration_check(run, records[i], &why))
			return records[i];
	return NULL;
}

size_t calibration_rows(const struct record *prices, struct model_row *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < prices->n_instruction_prices; i++) {
		const struct instruction_price *price = &prices->instruction_prices[i];
		struct effect range = instruction_range(price);
		size_t k = 0;

		while (k < KNOWN && strcmp(known[k].name, price->name) != 0)
			k++;
		if (k == KNOWN || n == CALIBRATION_ROWS_MOST || price->status != RESULT_MEASURED ||
		    !(price->ns.value > 0) || !isfinite(range.hi - range.lo))
			continue;
		rows[n] = (struct model_row){.hook = CALIBRATION_HOOK,
					     .variant = price->name,
					     .wakeup = "-",
					     .ns = price->ns.value,
					     .half = (range.hi - range.lo) / 2};
		for (size_t c = 0; c < sizeof(known[k].counts) / sizeof(known[k].counts[0]); c++)
			rows[n].counts[known[k].counts[c].class] += known[k].counts[c].n;
		n++;
	}
	return n;
}
