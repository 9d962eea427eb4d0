/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/path.h"
#include "kit/lab/guest/boot.h"
#include "kit/lab/guest/image.h"
#include "kit/lab/xray/stepper.h"
#include "kit/system/guard.h"
#include "kit/system/process.h"

#define SYMBOLS_MAX (64u << 20)

static int boot(struct stepper *s, struct error *why)
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
static bool announced(struct stepper *s)
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

static int wait_for_guest(struct stepper *s, struct error *why)
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

int stepper_next_stop(struct stepper *s, struct error *why)
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

static int meet(struct stepper *s, struct error *why)
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
	err = stepper_next_stop(s, why);
	if (err)
		return err;
	err = rsp_write(s->rsp, s->board_at + offsetof(struct subject_board, go), &go, sizeof(go));
	if (err)
		error_say(why, "QEMU's gdb stub: %s", strerror(-err));
	return err;
}

int stepper_symbols(struct stepper *s, struct error *why)
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

int stepper_open(struct stepper *s, const struct xray_options *options, struct error *why)
{
	int err;

	memset(s, 0, sizeof(*s));
	s->options = options;
	err = boot(s, why);
	if (!err)
		err = wait_for_guest(s, why);
	return err ? err : meet(s, why);
}

int stepper_look(struct stepper *s, enum subject_phase phase, struct error *why)
{
	int err;

	do {
		err = stepper_next_stop(s, why);
	} while (!err && s->board.phase == SUBJECT_WAITS);
	if (!err && s->board.phase != (uint64_t)phase)
		err = error_set(why, -EBADMSG, "the guest is at the wrong place (%" PRIu64 ")",
				s->board.phase);
	return err;
}

int stepper_trace(struct stepper *s, struct trace *trace, struct error *why)
{
	return trace_take(s->rsp, s->options->kernel->machine, SUBJECT_CALLS,
			  s->board.phase == SUBJECT_HIT ? s->board.hit : s->board.bare, trace, why);
}

void stepper_close(struct stepper *s)
{
	rsp_close(s->rsp);
	guest_close(&s->guest);
	guard_stop(s->scratch_guard, 0, 0);
	symbols_free(&s->symbols);
	memset(s, 0, sizeof(*s));
}
