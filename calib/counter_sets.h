/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * counter_sets: what --counters NAME counts. A set is a list of rows; a row is one question
 * ("branch-misses") and libpfm4's names for it on different models. The first name that this CPU's
 * model has is taken, for user and kernel mode separately.
 *
 * counter_set_find -> counter_set_requests -> counters_open_list. A row for which the model has no
 * event becomes a request without one, which says so. The kernel's generic names (perf::) are used
 * where libpfm4 has none for the model.
 */
#ifndef BPFTOLL_CALIB_COUNTER_SETS_H
#define BPFTOLL_CALIB_COUNTER_SETS_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/counters.h"

#define COUNTER_SET_NAMES "cycles, frontend, branches, caches, tlb, all"

/* The sets in order, "all" last; NULL past the end. */
const char *counter_set_name(size_t i);

/*
 * The requests of one set on this CPU (or for the model in LIBPFM_FORCE_PMU), cycles and
 * instructions first. Release with counter_set_free. 0; -ENOENT: no set of that name; -ENOMEM.
 */
int counter_set_requests(const char *set, struct counter_request **out, size_t *n);
void counter_set_free(struct counter_request *list, size_t n);

/*
 * libpfm4's name for this CPU's model ("icl"); false: it does not know the model, and name says so.
 */
bool counter_set_model(char *name, size_t len);

#endif
