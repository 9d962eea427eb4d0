/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "kit/timing/cold.h"
#include "reports/record/record_rows.h"

static int keep(struct record *record, const struct evict *evict, const struct evict_proof *proof,
		double eviction_ticks, double ns_per_tick)
{
	struct eviction *row = record_add_eviction(record);

	if (!row)
		return -ENOMEM;
	row->what = strdup(proof->what);
	row->how = strdup(evict_levels(evict));
	row->measure = strdup(proof->measure);
	row->hot = proof->hot * ns_per_tick;
	row->evicted = proof->evicted * ns_per_tick;
	row->near = proof->near * ns_per_tick;
	row->far = proof->far * ns_per_tick;
	row->eviction = eviction_ticks * ns_per_tick;
	row->holds = proof->holds;
	row->note = strdup(proof->note);
	return row->what && row->how && row->measure && row->note ? 0 : -ENOMEM;
}

static void explain(const struct evict_proof *proofs, double ns_per_tick, struct error *why)
{
	const struct evict_proof *p =
		&proofs[proofs[EVICT_DATA].holds ? EVICT_INSTRUCTIONS : EVICT_DATA];

	error_say(why,
		  "the caches cannot be emptied from user space here: %s took %.1f ns hot and %.1f "
		  "ns behind an eviction (%s)",
		  p->measure, p->hot * ns_per_tick, p->evicted * ns_per_tick, p->note);
}

int cold_open(int cpu, const struct tsc_rate *tsc, struct record *record, struct evict **out,
	      struct error *why)
{
	struct evict_proof proofs[EVICT_PROOFS];
	double ticks, ns = 1e9 / tsc->hz;
	int err = evict_open(cpu, out, why);
	bool evicted;

	if (err)
		return err;
	evicted = evict_check(*out, cpu, proofs, &ticks);
	for (size_t i = 0; i < EVICT_PROOFS && !err; i++)
		err = keep(record, *out, &proofs[i], ticks, ns);
	if (err) {
		error_say(why, "out of memory");
	} else if (!evicted) {
		explain(proofs, ns, why);
		err = -EOPNOTSUPP;
	} else if (!proofs[EVICT_BRANCHES].holds) {
		record_add_warning(record,
				   "the branch predictor stays warm in cold results: %s, %.1f ns "
				   "known and %.1f ns behind an eviction",
				   proofs[EVICT_BRANCHES].measure, proofs[EVICT_BRANCHES].hot * ns,
				   proofs[EVICT_BRANCHES].evicted * ns);
	}
	if (err) {
		evict_close(*out);
		*out = NULL;
	}
	return err;
}
