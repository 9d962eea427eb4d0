/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the reader of a budget: what it accepts has every threshold in order. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "reports/judge/budget.h"
#include "tests/fuzz/fuzz_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct budget b;
	struct error why;

	if (budget_parse((const char *)data, size, "fuzz", &b, &why))
		return 0;
	if (!(b.rate > 0) || !(b.overload_rate > 0) || !(b.p99_ns.green > 0) ||
	    !(b.cpu_percent.green > 0) || !(b.loss_percent.green > 0) ||
	    b.p99_ns.red < b.p99_ns.green || b.cpu_percent.red < b.cpu_percent.green ||
	    b.loss_percent.red < b.loss_percent.green)
		abort();
	return 0;
}
