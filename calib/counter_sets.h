/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * counter_sets: what --counters NAME counts: a set is rows, a row one question ("branch-misses")
 * and the names that libpfm4 has for it, one a model or family. The first that this CPU's model
 * knows is taken, user and kernel apart.
 *
 * counter_set_find -> counter_set_requests -> counters_open_list. A row that the model lacks
 * becomes a request without an event, which says so. The kernel's own names (perf::) stand in where
 * libpfm4 has none for the model.
 */
#ifndef BPFTOLL_CALIB_COUNTER_SETS_H
#define BPFTOLL_CALIB_COUNTER_SETS_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/counters.h"

#define COUNTER_SET_NAMES "cycles, frontend, branches, caches, tlb, all"

/* In order, "all" last; NULL past the end. */
const char *counter_set_name(size_t i);

/*
 * The requests of one set on this CPU (or the model in LIBPFM_FORCE_PMU), cycles and instructions
 * first. To be released with counter_set_free. 0; -ENOENT: no set of that name; -ENOMEM.
 */
int counter_set_requests(const char *set, struct counter_request **out, size_t *n);
void counter_set_free(struct counter_request *list, size_t n);

/* libpfm4's name for this CPU's model ("icl"); false: it knows none, and name says so. */
bool counter_set_model(char *name, size_t len);

#endif
