/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "calib/counter_sets.h"
#include "calib/hybrid.h"

#include <errno.h>
#include <perfmon/pfmlib_perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MOST = 7 };

enum set { SET_CYCLES, SET_FRONTEND, SET_BRANCHES, SET_CACHES, SET_TLB, SET_ALL, SETS };

static const char *const set_names[SETS] = {"cycles", "frontend", "branches",
					    "caches", "tlb",	  "all"};

/*
 * Sources: Intel SDM vol. 3B and perfmon-events.intel.com, AMD PPR of families 17h and 19h, Arm ARM
 * D13 (PMUv3's common events). Where vendors count different things for one question, the model's
 * own event name, which is always shown, tells: Intel counts starved slots and AMD starved cycles,
 * Intel page walks for loads and AMD for loads and stores.
 */
static const struct row {
	enum set set;
	const char *what;
	const char *names[NAMES_MOST]; /* the first one that this model has is counted */
} rows[] = {
	{SET_CYCLES,
	 "cycles",
	 {"UNHALTED_CORE_CYCLES", "CYCLES_NOT_IN_HALT", "CPU_CYCLES", "perf::cycles"}},
	{SET_CYCLES,
	 "instructions",
	 {"INSTRUCTION_RETIRED", "RETIRED_INSTRUCTIONS", "INST_RETIRED", "perf::instructions"}},
	{SET_CYCLES,
	 "ref-cycles",
	 {"UNHALTED_REFERENCE_CYCLES", "P0_FREQ_CYCLES_NOT_IN_HALT", "CNT_CYCLES",
	  "perf::ref-cycles"}},
	{SET_FRONTEND,
	 "frontend-starved",
	 {"IDQ_UOPS_NOT_DELIVERED:CORE", "DISPATCH_STALLS_1:FE_NO_OPS", "UOPS_QUEUE_EMPTY",
	  "STALL_FRONTEND", "perf::stalled-cycles-frontend"}},
	{SET_FRONTEND,
	 "l1i-misses",
	 {"L2_RQSTS:ALL_CODE_RD", "REQUESTS_TO_L2_GROUP1:CACHEABLE_IC_READ", "L1I_CACHE_REFILL",
	  "perf::L1-icache-load-misses"}},
	{SET_FRONTEND,
	 "code-beyond-l2",
	 {"L2_RQSTS:CODE_RD_MISS", "INSTRUCTION_CACHE_REFILLS_FROM_SYSTEM"}},
	{SET_FRONTEND, "l1i-stall-cycles", {"ICACHE_DATA:STALLS", "ICACHE_16B:IFDATA_STALL"}},
	{SET_BRANCHES,
	 "branches",
	 {"BR_INST_RETIRED:ALL_BRANCHES", "RETIRED_BRANCH_INSTRUCTIONS", "BR_RETIRED",
	  "perf::branches"}},
	{SET_BRANCHES,
	 "branch-misses",
	 {"BR_MISP_RETIRED:ALL_BRANCHES", "RETIRED_BRANCH_INSTRUCTIONS_MISPREDICTED",
	  "BR_MIS_PRED_RETIRED", "BR_MIS_PRED", "BRANCH_MISPRED", "perf::branch-misses"}},
	{SET_BRANCHES,
	 "indirect-misses",
	 {"BR_MISP_RETIRED:INDIRECT", "RETIRED_INDIRECT_BRANCH_INSTRUCTIONS_MISPREDICTED"}},
	{SET_BRANCHES,
	 "return-misses",
	 {"BR_MISP_RETIRED:RET", "RETIRED_NEAR_RETURNS_MISPREDICTED"}},
	{SET_BRANCHES, "decode-resteers", {"BACLEARS:ANY", "DECODER_OVERRIDE_BRANCH_PRED"}},
	{SET_CACHES,
	 "l1d-fills",
	 {"L1D:REPLACEMENT",
	  "ANY_DATA_CACHE_FILLS_FROM_SYSTEM:LCL_L2:LOCAL_CCX:NEAR_CACHE_NEAR_FAR:DRAM_IO_NEAR:FAR_"
	  "CACHE_NEAR_FAR:DRAM_IO_FAR",
	  "ANY_DATA_CACHE_FILLS_FROM_SYSTEM:LCL_L2:INT_CACHE:EXT_CACHE_LCL:MEM_IO_LCL:EXT_CACHE_"
	  "RMT:MEM_IO_RMT",
	  "DATA_CACHE_REFILLS_FROM_SYSTEM:MABRESP_LCL_L2:LS_MABRESP_LCL_CACHE:LS_MABRESP_LCL_DRAM:"
	  "LS_MABRESP_RMT_CACHE:LS_MABRESP_RMT_DRAM",
	  "L1D_CACHE_REFILL", "perf::L1-dcache-load-misses"}},
	{SET_CACHES,
	 "l2-misses",
	 {"L2_RQSTS:ALL_DEMAND_MISS",
	  "CORE_TO_L2_CACHEABLE_REQUEST_ACCESS_STATUS:LS_RD_BLK_C:IC_FILL_MISS",
	  "L2D_CACHE_REFILL"}},
	{SET_CACHES,
	 "llc-misses",
	 {"LONGEST_LAT_CACHE:MISS", "ANY_DATA_CACHE_FILLS_FROM_SYSTEM:DRAM_IO_NEAR:DRAM_IO_FAR",
	  "ANY_DATA_CACHE_FILLS_FROM_SYSTEM:MEM_IO_LCL:MEM_IO_RMT",
	  "DATA_CACHE_REFILLS_FROM_SYSTEM:LS_MABRESP_LCL_DRAM:LS_MABRESP_RMT_DRAM",
	  "LL_CACHE_MISS_RD", "perf::cache-misses"}},
	{SET_TLB,
	 "dtlb-walks",
	 {"DTLB_LOAD_MISSES:WALK_COMPLETED",
	  "L1_DTLB_MISS:TLB_RELOAD_1G_L2_MISS:TLB_RELOAD_2M_L2_MISS:TLB_RELOAD_COALESCED_PAGE_MISS:"
	  "TLB_RELOAD_4K_L2_MISS",
	  "DTLB_WALK", "perf::dTLB-load-misses"}},
	{SET_TLB, "dtlb-store-walks", {"DTLB_STORE_MISSES:WALK_COMPLETED"}},
	{SET_TLB,
	 "itlb-walks",
	 {"ITLB_MISSES:WALK_COMPLETED", "L1_ITLB_MISS_L2_ITLB_MISS:COALESCED4K:IF4K:IF2M:IF1G",
	  "L1_ITLB_MISS_L2_ITLB_MISS:IF4K:IF2M:IF1G", "ITLB_WALK", "perf::iTLB-load-misses"}},
	{SET_TLB, "tlb-flushes", {"TLB_FLUSHES:ALL", "TLB_FLUSH:STLB_ANY"}},
};
/* ALWAYS: the first rows, cycles and instructions, are in every set, for IPC. */
enum { ROWS = sizeof(rows) / sizeof(rows[0]), ALWAYS = 2 };

const char *counter_set_name(size_t i)
{
	return i < SETS ? set_names[i] : NULL;
}

bool counter_set_model(char *name, size_t len)
{
	struct hybrid_pmu pmu;
	int id;

	hybrid_find("", sched_getcpu(), &pmu);
	if (pfm_initialize() == PFM_SUCCESS)
		pfm_for_all_pmus(id)
		{
			pfm_pmu_info_t info = {.size = sizeof(info)};

			if (pfm_get_pmu_info((pfm_pmu_t)id, &info) == PFM_SUCCESS &&
			    info.is_present && info.type == PFM_PMU_TYPE_CORE &&
			    strncmp(info.name, "ix86arch", 8) != 0 &&
			    hybrid_serves(&pmu, info.name)) {
				snprintf(name, len, "%s", info.name);
				return true;
			}
		}
	snprintf(name, len, "libpfm4 knows no events of this CPU's model");
	return false;
}

static const char *choose(const struct row *row)
{
	struct perf_event_attr attr;
	struct error why;

	for (size_t i = 0; i < NAMES_MOST && row->names[i]; i++)
		if (!counters_encode(row->names[i], &attr, &why))
			return row->names[i];
	return NULL;
}

/* Adds one row, counted at one privilege level ('u' or 'k'). */
static int fill(struct counter_request *request, const struct row *row, const char *event,
		char level, const char *lacks)
{
	char *name = NULL, *text = NULL;
	int err;

	err = asprintf(&name, "%s:%c", row->what, level) < 0;
	if (!err && event)
		err = asprintf(&text, "%s:%c", event, level) < 0;
	else if (!err)
		err = asprintf(&text, "%s", lacks) < 0;
	if (err) {
		free(name);
		return -ENOMEM;
	}
	*request = (struct counter_request){name, event ? text : NULL, event ? NULL : text};
	return 0;
}

static bool wanted(enum set set, size_t row)
{
	return set == SET_ALL || rows[row].set == set || row < ALWAYS;
}

int counter_set_requests(const char *set, struct counter_request **out, size_t *n)
{
	char model[64], lacks[128];
	enum set chosen = 0;
	int err = 0;

	*out = NULL;
	*n = 0;
	if (counter_set_model(model, sizeof(model)))
		snprintf(lacks, sizeof(lacks), "libpfm4 has no such event for %s", model);
	else
		snprintf(lacks, sizeof(lacks), "%s", model);
	while (chosen < SETS && strcmp(set_names[chosen], set) != 0)
		chosen++;
	if (chosen == SETS)
		return -ENOENT;
	*out = calloc(2 * ROWS, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	for (size_t i = 0; i < ROWS && !err; i++) {
		const char *event = wanted(chosen, i) ? choose(&rows[i]) : NULL;

		for (const char *level = "ku"; wanted(chosen, i) && *level && !err; level++) {
			err = fill(&(*out)[*n], &rows[i], event, *level, lacks);
			*n += !err;
		}
	}
	if (err) {
		counter_set_free(*out, *n);
		*out = NULL;
		*n = 0;
	}
	return err;
}

void counter_set_free(struct counter_request *list, size_t n)
{
	for (size_t i = 0; list && i < n; i++) {
		free((void *)list[i].name);
		free((void *)list[i].event);
		free((void *)list[i].lacks);
	}
	free(list);
}
