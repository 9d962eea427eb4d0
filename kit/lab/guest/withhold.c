/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/lab/guest/withhold.h"

#define WITHHELD                                                                     \
	"costs are withheld: an emulator's two CPUs take turns of whatever length, " \
	"and the clock counts no instructions"

static const char *const suites_of_results[] = {"quick", "full", "matrix"};

int withhold_check(const char *const *words, size_t n, struct error *why)
{
	for (size_t i = 0; i + 1 < n; i++) {
		bool results = false;

		if (strcmp(words[i], "--suite") != 0)
			continue;
		for (size_t k = 0; k < sizeof(suites_of_results) / sizeof(suites_of_results[0]);
		     k++)
			results = results || !strcmp(words[i + 1], suites_of_results[k]);
		if (results)
			continue;
		return error_set(why, -EINVAL,
				 "--cpus 2 withholds costs, and --suite %s is nothing else: quick, "
				 "full or matrix",
				 words[i + 1]);
	}
	return 0;
}

void withhold_costs(struct record *rec, const char *dir)
{
	static const struct distribution no_length = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
	static const struct effect none = {NAN, NAN, NAN};
	char path[PATH_MAX];

	rec->floor = no_length;
	for (size_t i = 0; i < rec->n_results; i++) {
		struct record_result *result = rec->results[i];

		result->config = result->baseline = no_length;
		result->overhead = (struct overhead){none, none, none, none, none, none};
		/* results without a probe hold nothing but costs */
		if (!strcmp(result->hook, "none")) {
			result->status = RESULT_SKIPPED;
			free(result->reason);
			result->reason = strdup(WITHHELD);
		}
		if (!result->samples)
			continue;
		path_put(path, sizeof(path), "%s/samples/%s", dir, result->samples);
		unlink(path);
		free(result->samples);
		result->samples = NULL;
	}
	rec->host.tsc_hz = rec->host.tsc_hz_rel_err = rec->host.tsc_quantum = NAN;
	record_add_warning(rec, WITHHELD);
}
