/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bpf/load/variant.h"
#include "kit/cmd/options/choices.h"
#include "kit/probes/plan.h"
#include "kit/cmd/suite.h"
#include "kit/timing/workload.h"

const char *choice_variant(size_t i)
{
	return i < variants_count ? variants[i].name : NULL;
}

const char *choice_syscall(size_t i)
{
	return i < workloads_count ? workloads[i].name : NULL;
}

const char *choice_suite(size_t i)
{
	static const char *const of_plans[] = {"quick", "full", "matrix"};
	const size_t n = sizeof(of_plans) / sizeof(of_plans[0]);

	return i < n ? of_plans[i] : suite_name(i - n);
}

const char *choice_cache(size_t i)
{
	return i < CACHE_COUNT ? cache_state_name((enum cache_state)i) : NULL;
}

const char *choice_unit(size_t i)
{
	return i <= UNIT_INSTRUCTIONS ? unit_name((enum unit)i) : NULL;
}
