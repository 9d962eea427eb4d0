/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bpftrace: a histogram of the call's time, measured by kprobe and kretprobe, or by tracepoints on
 * kernels without kprobes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "bpf/load/attach.h"
#include "bpf/load/kernel/kernel_option.h"
#include "kit/crosscheck/tool_session.h"
#include "kit/crosscheck/observer.h"
#include "reports/stats/stats.h"

#define ROUNDS	15
#define CALLS	1024
#define READY_S 60 /* in s; it compiles its script first */

/* A block's mark is 4 * round + one of these. */
enum { BARE = 1, PROBED = 2 };

struct said {
	double mean[ROUNDS][3]; /* ns, for each phase; NAN: not reported */
	uint64_t bucket[3];	/* lower end of the bucket with the median, over all rounds */
	double ours[ROUNDS][3]; /* by bpftoll's own timing, while bpftrace watches */
};

static char *make_script(const struct observer *w)
{
	const char *call = probe_target_name(w->workload->target);
	char *script = NULL, *entry = NULL, *end = NULL, source[KERNEL_SOURCE];
	int ok;

	if (kernel_option("CONFIG_KPROBES", source)) {
		ok = asprintf(&entry, "kprobe:%s", attach_symbol(w->workload->target)) > 0 &&
		     asprintf(&end, "kretprobe:%s", attach_symbol(w->workload->target)) > 0;
	} else {
		ok = asprintf(&entry, "tracepoint:syscalls:sys_enter_%s", call) > 0 &&
		     asprintf(&end, "tracepoint:syscalls:sys_exit_%s", call) > 0;
	}
	/*
	 * probes may be attached in either order: once both intervals have printed, those between
	 * them are attached too
	 */
	if (ok && asprintf(&script,
			   "interval:ms:100 { printf(\"first\\n\"); } "
			   "tracepoint:syscalls:sys_enter_getpriority /pid == %d/ { @mark = "
			   "(uint64)args->who; } %s /pid == %d/ { @start[tid] = nsecs; } %s "
			   "/@start[tid]/ { $d = nsecs - @start[tid]; @calls[@mark] = stats($d); "
			   "@hist[@mark %% 4] = hist($d); delete(@start[tid]); } interval:ms:100 { "
			   "printf(\"last\\n\"); } END { clear(@start); clear(@mark); }",
			   (int)getpid(), entry, (int)getpid(), end) < 0)
		script = NULL;
	free(entry);
	free(end);
	return script;
}

static void read_means(const json_t *calls, struct said *said)
{
	for (size_t round = 0; round < ROUNDS; round++)
		for (int phase = BARE; phase <= PROBED; phase++) {
			char key[32];
			const json_t *stats, *total, *count;

			snprintf(key, sizeof(key), "%zu", 4 * (round + 1) + (size_t)phase);
			stats = json_object_get(calls, key);
			total = json_object_get(stats, "total");
			count = json_object_get(stats, "count");
			said->mean[round][phase] =
				json_integer_value(count) > 0
					? json_number_value(total) / json_number_value(count)
					: NAN;
		}
}

static void read_buckets(const json_t *hist, struct said *said)
{
	for (int phase = BARE; phase <= PROBED; phase++) {
		char key[8];
		const json_t *buckets;
		json_int_t all = 0, seen = 0;

		snprintf(key, sizeof(key), "%d", phase);
		buckets = json_object_get(hist, key);
		for (size_t i = 0; i < json_array_size(buckets); i++)
			all += json_integer_value(
				json_object_get(json_array_get(buckets, i), "count"));
		for (size_t i = 0; i < json_array_size(buckets) && 2 * seen <= all; i++) {
			const json_t *b = json_array_get(buckets, i);

			seen += json_integer_value(json_object_get(b, "count"));
			said->bucket[phase] =
				(uint64_t)json_integer_value(json_object_get(b, "min"));
		}
	}
}

/*
 * Its output has a JSON object on each line; this finds {"type": "stats", "data": {"@calls": {…}}}.
 */
static void read_answer(const char *text, struct said *said)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		json_t *line = json_loadb(text, len, 0, NULL);
		const json_t *data = json_object_get(line, "data");

		if (json_object_get(data, "@calls"))
			read_means(json_object_get(data, "@calls"), said);
		if (json_object_get(data, "@hist"))
			read_buckets(json_object_get(data, "@hist"), said);
		json_decref(line);
		text += len + (text[len] == '\n');
	}
}

/*
 * Each round has two phases: calls without the probe, then with the probe attached after bpftrace's
 * own.
 */
static int run_rounds(struct observer *w, struct said *said, struct error *why)
{
	int err = 0;

	for (size_t i = 0; i < ROUNDS && !err; i++) {
		uint32_t mark = 4 * ((uint32_t)i + 1);

		if (*w->env->stop)
			return error_set(why, -EINTR, "stopped");
		observer_warm(w);
		said->ours[i][BARE] = observer_block(w, CALLS, mark + BARE);
		err = observer_attach(w, why);
		if (err)
			break;
		observer_warm(w);
		said->ours[i][PROBED] = observer_block(w, CALLS, mark + PROBED);
		observer_detach(w);
	}
	return err;
}

static struct effect differences(double (*x)[3])
{
	double d[ROUNDS];
	size_t n = 0;

	for (size_t i = 0; i < ROUNDS; i++)
		if (isfinite(x[i][PROBED]) && isfinite(x[i][BARE]))
			d[n++] = x[i][PROBED] - x[i][BARE];
	return stats_trimmed_interval(d, n);
}

static double mean_bare(double (*x)[3])
{
	double bare[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++)
		bare[i] = x[i][BARE];
	return stats_trimmed_interval(bare, ROUNDS).value;
}

static void explain(const struct observer *w, struct crosscheck *row, struct said *said)
{
	struct effect ours = differences(said->ours);
	char buckets[160];

	if (said->bucket[BARE] == said->bucket[PROBED])
		snprintf(buckets, sizeof(buckets),
			 " Its histogram puts the median into the bucket from %" PRIu64
			 " ns, with and without the probe.",
			 said->bucket[BARE]);
	else
		snprintf(buckets, sizeof(buckets),
			 " Its histogram moves the median from the bucket at %" PRIu64
			 " ns to the one at %" PRIu64 ".",
			 said->bucket[BARE], said->bucket[PROBED]);
	observer_why(
		row,
		"its own probes are in what it times: the bare call reads %.0f ns there and %.0f "
		"in the timed region, which itself reads %.0f while bpftrace watches. There the "
		"probe adds %.0f [%.0f, %.0f] ns%s.%s",
		mean_bare(said->mean), w->bare, mean_bare(said->ours), ours.value, ours.lo, ours.hi,
		ours.hi < w->whole.lo ? ": part of the dispatch is paid for bpftrace already" : "",
		buckets);
}

void observer_ask_bpftrace(struct observer *w, struct crosscheck *row)
{
	static const char *const ready[] = {"\"first\\n\"", "\"last\\n\""};
	char *script = make_script(w);
	char *argv[] = {"bpftrace", "-f", "json", "-e", script, NULL};
	struct session s = {.out_fd = -1};
	struct said said = {.bucket = {0}};
	struct error why = {0};
	int err;

	if (!script) {
		observer_skip(row, "out of memory");
		return;
	}
	for (size_t i = 0; i < ROUNDS; i++)
		said.mean[i][BARE] = said.mean[i][PROBED] = NAN;
	row->command = session_command(argv);
	err = session_start(&s, argv, w->env->placement->reader_cpu, &why);
	if (!err)
		err = session_until(&s, ready, 2, READY_S, &why);
	if (!err)
		err = run_rounds(w, &said, &why);
	read_answer(session_stop(&s), &said);
	row->says = differences(said.mean);
	if (err == -ENOENT)
		observer_skip(row, "bpftrace is not installed (package bpftrace)");
	else if (err)
		observer_skip(row, "bpftrace: %s", why.text);
	else if (isnan(row->says.value))
		observer_skip(row, "bpftrace saw none of the calls");
	else
		explain(w, row, &said);
	session_free(&s);
	free(script);
}
