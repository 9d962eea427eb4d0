/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/cmd/cli.h"
#include "calib/clock.h"
#include "kit/lab/guest/boot.h"
#include "kit/lab/guest/image.h"
#include "kit/lab/xray/calltree.h"
#include "kit/lab/xray/rsp.h"
#include "kit/lab/xray/subject.h"
#include "kit/lab/xray/trace.h"
#include "kit/lab/xray/xray.h"
#include "reports/user/caller.h"
#include "kit/system/process.h"
#include "kit/system/guard.h"

#define SYMBOLS_MAX (64u << 20)

/* Everything that an X-ray allocates, so that it is released in one place. */
struct session {
	const struct xray_options *options;
	struct guest guest;
	struct rsp *rsp;
	char scratch[256];
	struct guard *scratch_guard;
	unsigned long long stop, board_at;
	struct subject_board board;
	struct symbols symbols;
	struct trace bare, hit;
};

static int boot(struct session *s, struct error *why)
{
	const struct xray_options *o = s->options;
	char prefix[PATH_MAX + 8];
	struct words w = {0};
	struct boot boot = {
		.kernel = o->kernel, .program = o->program, .object = o->object, .argv = w.argv};
	struct guest_options options = {.append = o->append,
					.accel = GUEST_TCG,
					.memory_mib = o->memory_mib,
					.timeout_s = o->timeout_s,
					.seed = 1,
					.gdb = true};
	int err = guard_folder(NULL, s->scratch, sizeof(s->scratch), &s->scratch_guard, why);

	words_add(&w, "bpftoll", SUBJECT_COMMAND, o->variant, o->workload ? o->workload : "-",
		  o->wakeup && *o->wakeup ? o->wakeup : "idle", o->object ? IMAGE_OBJECT : "-",
		  NULL);
	path_put(prefix, sizeof(prefix), "%s/", s->scratch);
	if (!err)
		err = boot_build(&boot, GUEST_TCG, prefix, why);
	return err ? err : boot_start(&boot, options, &s->guest, why);
}

/* Reads the guest's one line completely; any other text means that the guest has failed. */
static bool announced(struct session *s)
{
	FILE *file = fopen(s->guest.results, "re");
	char line[128] = "";
	bool whole;

	if (!file)
		return false;
	whole = fgets(line, sizeof(line), file) && strchr(line, '\n') &&
		sscanf(line, SUBJECT_LINE, &s->stop, &s->board_at) == 2;
	fclose(file);
	return whole;
}

static int wait_for_guest(struct session *s, struct error *why)
{
	struct guest *guests[] = {&s->guest};
	char words[1024];

	while (s->guest.state == GUEST_RUNNING && !announced(s))
		guest_wait(guests, 1, 20);
	if (s->guest.state == GUEST_RUNNING)
		return 0;
	guest_last_words(&s->guest, 4, words, sizeof(words));
	error_say(why, "%s:\n    %s",
		  s->guest.state == GUEST_TIMED_OUT ? "the guest ran out of time (--timeout)"
						    : "the guest left before the call",
		  words);
	return s->guest.state == GUEST_STOPPED ? -EINTR : -ENODATA;
}

/* Runs to the guest's next stop, and reads its board there. */
static int next_stop(struct session *s, struct error *why)
{
	uint64_t pc, sp, link;
	int err;

	/* a breakpoint at the current address would stop the machine before it has moved */
	err = rsp_where(s->rsp, &pc, &sp, &link);
	if (!err && pc == s->stop)
		err = rsp_step(s->rsp);
	if (!err)
		err = rsp_break(s->rsp, s->stop, true);
	if (!err)
		err = rsp_continue(s->rsp);
	if (!err)
		err = rsp_break(s->rsp, s->stop, false);
	if (!err)
		err = rsp_read(s->rsp, s->board_at, &s->board, sizeof(s->board));
	if (!err && s->board.magic != SUBJECT_MAGIC)
		err = -EBADMSG;
	if (err)
		error_say(why, "QEMU's gdb stub: %s", strerror(-err));
	return err;
}

static int meet(struct session *s, struct error *why)
{
	const uint64_t go = 1;
	int err;

	err = rsp_connect(s->guest.gdb, s->options->kernel->machine, 20, &s->rsp, why);
	if (err)
		return err;
	err = rsp_mask_interrupts(s->rsp);
	if (err)
		return error_set(why, err, "QEMU's gdb stub cannot step without interrupts: %s",
				 strerror(-err));
	err = next_stop(s, why);
	if (err)
		return err;
	err = rsp_write(s->rsp, s->board_at + offsetof(struct subject_board, go), &go, sizeof(go));
	if (err)
		error_say(why, "QEMU's gdb stub: %s", strerror(-err));
	return err;
}

static int take_symbols(struct session *s, struct error *why)
{
	size_t len = s->board.symbols_len;
	char *text = len && len < SYMBOLS_MAX ? malloc(len + 1) : NULL;
	int err = text ? 0 : -ENOMEM;

	if (!err)
		err = rsp_read(s->rsp, s->board.symbols, text, len);
	if (!err) {
		text[len] = '\0';
		err = symbols_parse(text, &s->symbols);
	}
	if (err)
		error_say(why, "the guest's kallsyms: %s", strerror(-err));
	free(text);
	return err;
}

static int look(struct session *s, enum subject_phase phase, uint64_t expected, struct trace *trace,
		struct error *why)
{
	int err;

	do {
		err = next_stop(s, why);
	} while (!err && s->board.phase == SUBJECT_WAITS);
	if (err)
		return err;
	if (s->board.phase != (uint64_t)phase)
		return error_set(why, -EBADMSG, "the guest is at the wrong place (%" PRIu64 ")",
				 s->board.phase);
	if (phase == SUBJECT_HIT) {
		err = take_symbols(s, why);
		if (err)
			return err;
	}
	return trace_take(s->rsp, s->options->kernel->machine, SUBJECT_CALLS, expected, trace, why);
}

static int write_one(const char *dir, const char *name, char *path, const struct calltree *tree,
		     const struct session *s, int which, struct error *why)
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
static int write_subject(const struct session *s, struct error *why)
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
static void settle_mechanism(struct session *s, const struct calltree *hit)
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
static int report(struct session *s, struct xray *out, struct error *why)
{
	struct calltree hit = {0}, bare = {0};
	bool linked = s->options->kernel->machine->ask_link != NULL;
	const char *dir = s->options->dir;
	int err;

	err = calltree_build(s->hit.steps, s->hit.n, &s->symbols, linked, &hit);
	if (!err)
		err = calltree_build(s->bare.steps, s->bare.n, &s->symbols, linked, &bare);
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
	struct session s = {.options = options};
	double started = clock_seconds();
	int err;

	memset(out, 0, sizeof(*out));
	err = boot(&s, why);
	if (!err)
		err = wait_for_guest(&s, why);
	if (!err)
		err = meet(&s, why);
	if (!err)
		err = look(&s, SUBJECT_HIT, s.board.hit, &s.hit, why);
	if (!err)
		err = look(&s, SUBJECT_BARE, s.board.bare, &s.bare, why);
	if (!err)
		err = report(&s, out, why);
	out->bare = s.board.bare;
	out->hit = s.board.hit;
	snprintf(out->mechanism, sizeof(out->mechanism), "%.31s", s.board.mechanism);
	snprintf(out->workload, sizeof(out->workload), "%.63s", s.board.workload);
	rsp_close(s.rsp);
	guest_close(&s.guest);
	guard_stop(s.scratch_guard, 0, 0);
	symbols_free(&s.symbols);
	trace_free(&s.bare);
	trace_free(&s.hit);
	out->seconds = clock_seconds() - started;
	return err;
}
