/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "bpf/read/probe_reader.h"
#include "bpf/load/probe.h"
#include "kit/selfcheck/selfcheck.h"
#include "kit/timing/workload.h"

#define WORKLOAD "munmap_einval"

#define HIT_CALLS    256
#define HIT_ATTEMPTS 200

/* More records of the smallest size than three buffers hold. */
#define FLOOD_CALLS 20000
#define FLOOD_BLOCK 500

static void fire(const struct workload *workload, size_t n)
{
	static uint32_t ticks[FLOOD_BLOCK];

	for (size_t done = 0; done < n;) {
		size_t now = n - done < FLOOD_BLOCK ? n - done : FLOOD_BLOCK;

		workload_block(workload, NULL, ticks, now, NULL);
		done += now;
	}
}

static int open_attached(const char *name, enum ring_wake wake, struct probe **probe,
			 struct error *why)
{
	int err = probe_open(variant_find(name), TARGET_MUNMAP, wake, probe, why);

	return err ? err : probe_attach(*probe, why);
}

/* ---- hits ---- */

/*
 * Runs for HIT_CALLS calls: the fewest of several tries, at least HIT_CALLS. Other tasks' calls add
 * runs, and nothing removes one, so fewer than HIT_CALLS ends the tries. 0 or -errno.
 */
static int count_runs(const struct workload *workload, struct probe *probe, bool sees_all,
		      uint64_t *least, uint64_t *missed)
{
	*least = UINT64_MAX;
	*missed = 0;
	for (int i = 0; i<HIT_ATTEMPTS && * least> HIT_CALLS; i++) {
		uint64_t before, after, missed_before, missed_after, runs;
		int err = probe_hits(probe, &before, &missed_before);

		fire(workload, HIT_CALLS);
		err = err ? err : probe_hits(probe, &after, &missed_after);
		if (err)
			return err;
		/* the second read of the count is a syscall itself */
		runs = after - before - (sees_all ? 1 : 0);
		*missed += missed_after - missed_before;
		if (runs < *least)
			*least = runs;
	}
	return 0;
}

static void examine_hook(struct selfcheck *check, enum hook hook)
{
	char variant[64], name[80];
	struct error why = {0};
	struct probe *probe = NULL;
	uint64_t runs, missed;
	int fd, err;
	bool copied;

	snprintf(variant, sizeof(variant), "%s_empty", hook_name(hook));
	snprintf(name, sizeof(name), "hits, %s", hook_name(hook));
	if (open_attached(variant, WAKE_DEFAULT, &probe, &why)) {
		selfcheck_say(check, TOPIC_HITS, SELFCHECK_SKIPPED, name, "%s", why.text);
		goto out;
	}
	fd = probe_count_hits();
	copied = fd == -EPERM && !probe_copy_begin(probe, &why);
	if (fd < 0 && !copied) {
		selfcheck_say(check, TOPIC_HITS, SELFCHECK_SKIPPED, name, "cannot be counted: %s",
			      *why.text ? why.text : strerror(-fd));
		goto out;
	}
	err = count_runs(workload_find(WORKLOAD), probe, hook_sees_all_syscalls(hook), &runs,
			 &missed);
	if (!copied)
		close(fd);
	if (err)
		selfcheck_say(check, TOPIC_HITS, SELFCHECK_NOT_OK, name, "%s", strerror(-err));
	else
		selfcheck_say(check, TOPIC_HITS,
			      runs == HIT_CALLS && !missed ? SELFCHECK_OK : SELFCHECK_NOT_OK, name,
			      "%d calls gave %" PRIu64 " runs%s, %" PRIu64 " missed%s", HIT_CALLS,
			      runs, copied ? " of a copy that counts" : "", missed,
			      runs > HIT_CALLS
				      ? "; other tasks call it as well, in each of the tries"
				      : "");
out:
	probe_close(probe);
}

int selfcheck_hits(struct selfcheck *check, struct selfcheck_share share)
{
	for (int h = 0; h < HOOK_COUNT; h++) {
		if (*check->stop)
			return -EINTR;
		check->progress(share.from + share.part * h / HOOK_COUNT, "hits");
		examine_hook(check, (enum hook)h);
	}
	return 0;
}

/* ---- event accounting ---- */

struct flood {
	struct probe *probe;
	struct probe_reader *wakeup;
	uint64_t produced, lost;
};

/*
 * Makes calls while nobody reads; the buffer is full long before the end. Nothing here may map or
 * free memory, since that is a munmap.
 */
static int flood(const struct workload *workload, bool perf, struct flood *f)
{
	int err;

	consumer_set_active(f->wakeup->consumer, true);
	fire(workload, FLOOD_CALLS);
	f->produced = FLOOD_CALLS;
	err = probe_reader_settle(f->wakeup);
	if (perf && !err) {
		/* perf reports what was lost in front of the next event */
		fire(workload, 1);
		f->produced++;
		err = probe_reader_settle(f->wakeup);
	}
	consumer_set_active(f->wakeup->consumer, false);
	probe_detach(f->probe);
	f->lost = probe_dropped(f->probe);
	return err;
}

static int flood_open(struct selfcheck *check, const struct variant *v, struct flood *f,
		      struct error *why)
{
	const struct workload *workload = workload_find(WORKLOAD);
	struct probe_reader_expect expect = {getpid(), workload->bytes,		 workload->target,
					     0,	       body_as_written(v->body), false};
	int err = probe_open(v, workload->target, wakeup_ring_wake(WAKEUP_NONE), &f->probe, why);

	if (err)
		return err;
	err = probe_monitor(f->probe, getpid());
	if (err)
		return error_set(why, err, "monitored_pids: %s", strerror(-err));
	err = probe_reader_open(body_output(v->body), WAKEUP_NONE, probe_events_fd(f->probe),
				check->placement->cpu, -1, &expect, &f->wakeup, why);
	return err ? err : probe_attach(f->probe, why);
}

static void flood_close(struct flood *f)
{
	probe_reader_close(f->wakeup);
	probe_close(f->probe);
	*f = (struct flood){0};
}

static void say_accounting(struct selfcheck *check, const char *variant, bool perf,
			   const struct flood *f)
{
	const struct accounting *b = &f->wakeup->counted;
	bool ok = f->lost && b->received + f->lost == f->produced && !b->foreign &&
		  (!perf || b->lost_records == f->lost);
	char name[120], told[64] = "";

	snprintf(name, sizeof(name), "events, %s", variant);
	if (perf)
		snprintf(told, sizeof(told), " (LOST records tell of %" PRIu64 ")",
			 b->lost_records);
	selfcheck_say(check, TOPIC_ACCOUNTING, ok ? SELFCHECK_OK : SELFCHECK_NOT_OK, name,
		      "%" PRIu64 " sent, %" PRIu64 " received, %" PRIu64 " lost%s, %" PRIu64
		      " of other programs",
		      f->produced, b->received, f->lost, told, b->foreign);
}

/* Uses the first hook that works. */
static void examine_accounting(struct selfcheck *check, enum body body)
{
	bool perf = body_output(body) == OUTPUT_PERF;
	struct flood f = {0};
	char name[80], first[ERROR_TEXT_BYTES] = "";
	struct error why = {0};
	int err = -ENOENT;

	for (int h = HOOK_COUNT - 1; h >= 0 && err; h--) {
		const struct variant *v;

		snprintf(name, sizeof(name), "%s_%s", hook_name((enum hook)h), body_name(body));
		v = variant_find(name);
		err = v ? flood_open(check, v, &f, &why) : -ENOENT;
		if (!err)
			break;
		flood_close(&f);
		if (!*first)
			snprintf(first, sizeof(first), "%s", why.text);
	}
	if (err) {
		snprintf(name, sizeof(name), "events, %s", body_name(body));
		selfcheck_say(check, TOPIC_ACCOUNTING, SELFCHECK_SKIPPED, name, "%s", first);
		return;
	}
	err = flood(workload_find(WORKLOAD), perf, &f);
	if (err)
		selfcheck_say(check, TOPIC_ACCOUNTING, SELFCHECK_NOT_OK, name,
			      "the reader is stuck: %s", strerror(-err));
	else
		say_accounting(check, name, perf, &f);
	flood_close(&f);
}

int selfcheck_accounting(struct selfcheck *check, struct selfcheck_share share)
{
	for (int b = 0; b < BODY_COUNT; b++) {
		if (*check->stop)
			return -EINTR;
		check->progress(share.from + share.part * b / BODY_COUNT, "event accounting");
		if (body_output((enum body)b) != OUTPUT_NONE)
			examine_accounting(check, (enum body)b);
	}
	return 0;
}
