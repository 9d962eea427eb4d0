/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "reports/stats/clusters.h"
#include "reports/stats/stats.h"

#define FENCE_RANGES 3
#define FENCE_ROUNDS 8 /* fewer have no quartiles to speak of */

struct cluster {
	uint32_t worker;
	size_t n;
	double sum, median;
};

/* Where worker stands among the first n clusters; n when it is new. Neighbouring rounds mostly
 * share it. */
static size_t find(const struct cluster *clusters, size_t n, uint32_t worker)
{
	for (size_t i = n; i-- > 0;) {
		if (clusters[i].worker == worker)
			return i;
	}
	return n;
}

/* Sums by process; *out is to be freed. Returns their number, 0 for no round; SIZE_MAX: no memory.
 */
static size_t gather(const double *x, const uint32_t *worker, size_t n, struct cluster **out)
{
	struct cluster *clusters = calloc(n + 1, sizeof(*clusters));
	size_t count = 0;

	*out = clusters;
	if (!clusters)
		return SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		uint32_t of = worker ? worker[i] : 0;
		size_t at = find(clusters, count, of);

		if (at == count)
			clusters[count++].worker = of;
		clusters[at].n++;
		clusters[at].sum += x ? x[i] : 0;
	}
	return count;
}

size_t clusters_number(const uint32_t *worker, size_t n, uint32_t *number)
{
	struct cluster *clusters;
	size_t count = gather(NULL, worker, n, &clusters);

	for (size_t i = 0; i < n && number && count != SIZE_MAX; i++)
		number[i] = (uint32_t)find(clusters, count, worker ? worker[i] : 0);
	free(clusters);
	return count;
}

/* The median number of rounds of a process; scratch holds as many numbers as there are processes.
 */
static double median_rounds(const struct cluster *clusters, size_t count, double *scratch)
{
	for (size_t i = 0; i < count; i++)
		scratch[i] = (double)clusters[i].n;
	gsl_sort(scratch, 1, count);
	return stats_quantile_sorted(scratch, count, 0.5);
}

/* The weighted mean of the processes' means and the variance of that; weight is scratch. */
static double between(const struct cluster *clusters, size_t count, double *weight,
		      double *variance)
{
	double most = median_rounds(clusters, count, weight), sum = 0, mean = 0, spread = 0;

	for (size_t i = 0; i < count; i++) {
		weight[i] = fmin((double)clusters[i].n, most);
		sum += weight[i];
	}
	for (size_t i = 0; i < count; i++)
		mean += weight[i] / sum * (clusters[i].sum / (double)clusters[i].n);
	for (size_t i = 0; i < count; i++) {
		double d = weight[i] / sum * (clusters[i].sum / (double)clusters[i].n - mean);

		spread += d * d;
	}
	*variance = spread * (double)count / (double)(count - 1);
	return mean;
}

/* Of the mean of n rounds of one process. */
static double within(const double *x, size_t n, double mean)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (x[i] - mean) * (x[i] - mean);
	return sum / (double)(n - 1) / (double)n;
}

struct effect clusters_mean(const double *x, const uint32_t *worker, size_t n,
			    const struct serial *serial, double error2)
{
	struct effect out = {NAN, NAN, NAN};
	struct cluster *clusters;
	size_t count = gather(x, worker, n, &clusters);
	double *scratch = calloc(n + 1, sizeof(*scratch));
	size_t independent;
	double variance, half;

	if (count == SIZE_MAX || !scratch || n == 0)
		goto out;
	out.value = stats_mean(x, n);
	if (n < 2)
		goto out;
	if (count >= 2) {
		out.value = between(clusters, count, scratch, &variance);
		independent = count;
	} else {
		variance = within(x, n, out.value);
		independent = n;
	}
	half = stats_t_quantile(serial_df(serial, independent)) *
	       sqrt(serial->ratio * variance + error2);
	out.lo = out.value - half;
	out.hi = out.value + half;
out:
	free(scratch);
	free(clusters);
	return out;
}

static double median_of(const double *x, const uint32_t *worker, size_t n, uint32_t of,
			double *scratch)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (!worker || worker[i] == of)
			scratch[kept++] = x[i];
	}
	gsl_sort(scratch, 1, kept);
	return stats_quantile_sorted(scratch, kept, 0.5);
}

int clusters_fence(double *x, const uint32_t *worker, size_t n)
{
	struct cluster *clusters;
	size_t count = gather(x, worker, n, &clusters);
	double *scratch = calloc(n + 1, sizeof(*scratch));
	int err = count != SIZE_MAX && scratch ? 0 : -ENOMEM;
	double low, high, reach;

	if (err || n < FENCE_ROUNDS)
		goto out;
	for (size_t c = 0; c < count; c++)
		clusters[c].median = median_of(x, worker, n, clusters[c].worker, scratch);
	for (size_t i = 0; i < n; i++)
		scratch[i] = x[i] - clusters[find(clusters, count, worker ? worker[i] : 0)].median;
	gsl_sort(scratch, 1, n);
	low = stats_quantile_sorted(scratch, n, 0.25);
	high = stats_quantile_sorted(scratch, n, 0.75);
	reach = FENCE_RANGES * (high - low);
	for (size_t i = 0; i < n; i++) {
		double middle = clusters[find(clusters, count, worker ? worker[i] : 0)].median;

		x[i] = middle + fmin(fmax(x[i] - middle, low - reach), high + reach);
	}
out:
	free(scratch);
	free(clusters);
	return err;
}
