/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hybrid: which PMU a CPU has where the cores are of several types, and events aimed at it.
 *
 * On Intel's hybrids the kernel has a PMU for each type (cpu_core, cpu_atom, cpu_lowpower), each
 * with a list of its CPUs in /sys/bus/event_source/devices/NAME/cpus; a generic event that names no
 * PMU goes to cpu_core and counts nothing on the other cores. Their models' own events have
 * different codes.
 */
#ifndef BPFTOLL_CALIB_HYBRID_H
#define BPFTOLL_CALIB_HYBRID_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>

struct hybrid_pmu {
	char name[32]; /* the kernel's: "cpu", "cpu_core", "cpu_atom", "armv8_cortex_a76"; "": none
			  found */
	unsigned int type; /* perf_event_attr.type of its own events */
	bool several;	   /* there are core PMUs beside it */
};

/* The core PMU of a CPU (-1: any). root: "" or a folder that stands for / in tests. */
void hybrid_find(const char *root, int cpu, struct hybrid_pmu *out);

/* Are a libpfm4 model's events ("adl_grt") events of this PMU? Where there is one PMU, and of
 * models not known: true. */
bool hybrid_serves(const struct hybrid_pmu *pmu, const char *model);

/* libpfm4's i-th model for this PMU; NULL past the end. */
const char *hybrid_model(const struct hybrid_pmu *pmu, size_t i);

/*
 * Aims what libpfm4 encoded. model: the one whose table it is from, NULL: not known. Generic events
 * get the PMU's type into config (PERF_PMU_TYPE_SHIFT, Linux 5.13), a model's own events get it as
 * their type; software events stay as they are. 0, or -ENOENT: the event is of another type of
 * core.
 */
int hybrid_aim(const struct hybrid_pmu *pmu, const char *model, struct perf_event_attr *attr);

#endif
