/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "calib/path.h"
#include "calib/clock.h"
#include "kit/lab/xray/calltree.h"
#include "kit/lab/xray/subject.h"
#include "kit/lab/xray/trace.h"
#include "kit/lab/xray/xray.h"
#include "reports/user/caller.h"

/* The steps of the call with and without the probe. */
struct steps {
	struct trace bare, hit;
};

static int write_one(const char *dir, const char *name, char *path, const struct calltree *tree,
		     const struct stepper *s, int which, struct error *why)
{
	char title[256];
	FILE *file;
	int err;

	if (path_put(path, PATH_MAX, "%s/%s", dir, name))
		return -ENAMETOOLONG;
	file = caller_create(path);
	if (!file)
		return error_set(why, -errno, "%s: %s", path, strerror(errno));
	snprintf(title, sizeof(title),
		 "%s on %s, kernel %s: %" PRIu64 " instructions = %" PRIu64 " bare + %" PRIu64
		 " added",
		 s->options->variant, s->board.workload, s->options->kernel->release, s->board.hit,
		 s->board.bare, s->board.hit - s->board.bare);
	if (which == 0)
		err = calltree_table(tree, &s->symbols, file);
	else if (which == 3)
		err = calltree_flame(tree, &s->symbols, title, file);
	else
		err = calltree_fold(tree, &s->symbols, which == 2, file);
	if (fclose(file) && !err)
		err = -errno;
	if (err)
		error_say(why, "%s: %s", path, strerror(-err));
	return err;
}

/* xray.json: what was looked at, for who draws the stacks. */
static int write_subject(const struct stepper *s, struct error *why)
{
	char path[PATH_MAX];
	json_t *subject;
	FILE *file;
	int err = 0;

	if (path_put(path, sizeof(path), "%s/xray.json", s->options->dir))
		return -ENAMETOOLONG;
	subject = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "schema", "bpftoll-xray/1",
			    "variant", s->options->variant, "trigger", s->board.workload, "kernel",
			    s->options->kernel->release, "arch", s->options->kernel->machine->arch,
			    "mechanism", s->board.mechanism, "bare", (json_int_t)s->board.bare,
			    "hit", (json_int_t)s->board.hit);
	file = subject ? caller_create(path) : NULL;
	if (!file || json_dumpf(subject, file, JSON_INDENT(1)))
		err = error_set(why, -EIO, "%s: cannot be written", path);
	if (file && fclose(file) && !err)
		err = error_set(why, -errno, "%s: %s", path, strerror(errno));
	json_decref(subject);
	return err;
}

/*
 * The functions that the call went through show the mechanism, even if the guest cannot read its
 * own code.
 */
static void settle_mechanism(struct stepper *s, const struct calltree *hit)
{
	static const struct {
		const char *function, *mechanism;
	} told[] = {{"asm_exc_int3", "int3"}, {"optimized_callback", "optimized"}};

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (calltree_passes(hit, &s->symbols, told[i].function)) {
			snprintf(s->board.mechanism, sizeof(s->board.mechanism), "%s",
				 told[i].mechanism);
			return;
		}
}

/* Builds both trees, and checks their difference against what the timed regions read. */
static int report(struct stepper *s, const struct steps *steps, struct xray *out, struct error *why)
{
	struct calltree hit = {0}, bare = {0};
	bool linked = s->options->kernel->machine->ask_link != NULL;
	const char *dir = s->options->dir;
	int err;

	err = calltree_build(steps->hit.steps, steps->hit.n, &s->symbols, linked, &hit);
	if (!err)
		err = calltree_build(steps->bare.steps, steps->bare.n, &s->symbols, linked, &bare);
	if (!err)
		err = calltree_subtract(&hit, &bare);
	if (err) {
		error_say(why, "the call tree: %s", strerror(-err));
		goto out;
	}
	if (hit.calls[0].total != s->board.hit || hit.calls[0].bare_total != s->board.bare) {
		err = -ERANGE;
		error_say(why,
			  "the call tree holds %" PRIu64 " and %" PRIu64
			  " instructions, the timed regions read %" PRIu64 " and %" PRIu64,
			  hit.calls[0].total, hit.calls[0].bare_total, s->board.hit, s->board.bare);
		goto out;
	}
	settle_mechanism(s, &hit);
	err = write_one(dir, "table.txt", out->table, &hit, s, 0, why);
	if (!err)
		err = write_one(dir, "hit.folded", out->folded, &hit, s, 1, why);
	if (!err)
		err = write_one(dir, "difference.folded", out->difference, &hit, s, 2, why);
	if (!err)
		err = write_one(dir, "flame.svg", out->flame, &hit, s, 3, why);
	if (!err)
		err = write_subject(s, why);
out:
	calltree_free(&hit);
	calltree_free(&bare);
	return err;
}

int xray_take(const struct xray_options *options, struct xray *out, struct error *why)
{
	struct stepper s;
	struct steps steps = {0};
	double started = clock_seconds();
	int err;

	memset(out, 0, sizeof(*out));
	err = stepper_open(&s, options, why);
	if (!err)
		err = stepper_look(&s, SUBJECT_HIT, why);
	if (!err)
		err = stepper_symbols(&s, why);
	if (!err)
		err = stepper_trace(&s, &steps.hit, why);
	if (!err)
		err = stepper_look(&s, SUBJECT_BARE, why);
	if (!err)
		err = stepper_trace(&s, &steps.bare, why);
	if (!err)
		err = report(&s, &steps, out, why);
	out->bare = s.board.bare;
	out->hit = s.board.hit;
	snprintf(out->mechanism, sizeof(out->mechanism), "%.31s", s.board.mechanism);
	snprintf(out->workload, sizeof(out->workload), "%.63s", s.board.workload);
	stepper_close(&s);
	trace_free(&steps.bare);
	trace_free(&steps.hit);
	out->seconds = clock_seconds() - started;
	return err;
}
