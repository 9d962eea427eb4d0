/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hybrid: which PMU a CPU has where cores are of several types, and how to direct events to it.
 *
 * On Intel's hybrid CPUs the kernel has a PMU for each type (cpu_core, cpu_atom, cpu_lowpower),
 * each with a list of its CPUs in /sys/bus/event_source/devices/NAME/cpus. A generic event that
 * names no PMU goes to cpu_core and counts nothing on the other cores. The models' own events have
 * different codes.
 */
#ifndef BPFTOLL_CALIB_HYBRID_H
#define BPFTOLL_CALIB_HYBRID_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>

struct hybrid_pmu {
	char name[32]; /* in the kernel: "cpu", "cpu_core", "armv8_cortex_a76"; "": none found */
	unsigned int type; /* perf_event_attr.type of its own events */
	bool several;	   /* there are other core PMUs too */
};

/* The core PMU of a CPU (-1: any). root: "" or a folder that stands for / in tests. */
void hybrid_find(const char *root, int cpu, struct hybrid_pmu *out);

/*
 * Does a libpfm4 model ("adl_grt") describe events of this PMU? true where there is one PMU, and
 * for models that are not known here.
 */
bool hybrid_serves(const struct hybrid_pmu *pmu, const char *model);

/* libpfm4's i-th model for this PMU; NULL past the end. */
const char *hybrid_model(const struct hybrid_pmu *pmu, size_t i);

/*
 * Directs an encoded event to the PMU. model: the model in whose table it is; NULL: not known.
 * Generic events get the PMU's type in config (PERF_PMU_TYPE_SHIFT, Linux 5.13), a model's own
 * events as their type; software events are not changed. 0, or -ENOENT: the event is of another
 * type of core.
 */
int hybrid_aim(const struct hybrid_pmu *pmu, const char *model, struct perf_event_attr *attr);

#endif
