/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "reports/judge/loss.h"
#include "reports/stats/share.h"

#define TAIL 0.05 /* of one side */

struct effect loss_share(uint64_t lost, uint64_t n)
{
	return share_of(lost, n, TAIL, 100);
}

/* The ends of a Poisson mean from a count (Garwood 1936). */
static double poisson_lo(double k)
{
	return k > 0 ? gsl_cdf_chisq_Pinv(TAIL, 2 * k) / 2 : 0;
}

static double poisson_hi(double k)
{
	return gsl_cdf_chisq_Qinv(TAIL, 2 * (k + 1)) / 2;
}

struct effect loss_stalls_per_s(uint64_t stalls, double seconds)
{
	double k = (double)stalls;

	if (!(seconds > 0))
		return (struct effect){NAN, NAN, NAN};
	return (struct effect){k / seconds, poisson_lo(k) / seconds, poisson_hi(k) / seconds};
}

/* The scatter of the batches about the common share, as the standard error of that share (a ratio
 * estimate). */
static double standard_error(const uint64_t *lost, const uint64_t *sent, size_t n, double share,
			     double all)
{
	double squares = 0;

	for (size_t i = 0; i < n; i++) {
		double off = (double)lost[i] - share * (double)sent[i];

		squares += off * off;
	}
	return sqrt(squares * (double)n / (double)(n - 1)) / all;
}

struct effect loss_of_batches(const uint64_t *lost, const uint64_t *sent, size_t n)
{
	uint64_t all_lost = 0, all_sent = 0;
	size_t hit = 0;
	struct effect e;
	double share, half;

	for (size_t i = 0; i < n; i++) {
		all_lost += lost[i];
		all_sent += sent[i];
		hit += lost[i] > 0;
	}
	e = loss_share(all_lost, all_sent);
	if (!all_lost || n < 2 || isnan(e.value))
		return e;
	share = e.value / 100;
	half = gsl_cdf_tdist_Qinv(TAIL, (double)(n - 1)) *
	       standard_error(lost, sent, n, share, (double)all_sent);
	e.lo = fmin(e.lo, 100 * fmax(share - half, 0));
	e.hi = fmax(e.hi, 100 * fmin(share + half, 1));
	if (2 * hit < n) {
		e.lo = fmin(e.lo, e.value * poisson_lo((double)hit) / (double)hit);
		e.hi = fmax(e.hi, fmin(e.value * poisson_hi((double)hit) / (double)hit, 100));
	}
	return e;
}

bool loss_bound(const struct event_point *p, struct loss_bound *out)
{
	*out = (struct loss_bound){
		.percent = {NAN, NAN, NAN},
		.stalls_per_s = {NAN, NAN, NAN},
		.stall_ms = NAN,
	};
	/* NAN, of a record without exposure, fails too */
	if (!(p->exposure_s >= LOSS_SECONDS_LEAST) || !(p->buffer_fills >= LOSS_FILLS_LEAST) ||
	    !p->exposure_produced || p->exposure_lost > p->exposure_produced)
		return false;
	out->shown = true;
	out->percent = loss_share(p->exposure_lost, p->exposure_produced);
	if (p->exposure_lost && !isnan(p->exposure_loss.value)) {
		out->percent.lo = fmin(out->percent.lo, p->exposure_loss.lo);
		out->percent.hi = fmax(out->percent.hi, p->exposure_loss.hi);
	}
	out->stalls_per_s = loss_stalls_per_s(p->stalls, p->exposure_s);
	out->stall_ms = 1e3 * p->exposure_s / p->buffer_fills;
	return true;
}
