/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab/xray/decode.h"
#include "kit/lab/xray/features.h"

#define NOBODY_WOKEN "idle"

enum thunk { THUNK_NONE, THUNK_INDIRECT, THUNK_RETURN };

/* Names of the kernel's retpolines and return thunks: arch/x86/lib/retpoline.S, Linux 4.15 to 7. */
static enum thunk thunk_at(const struct symbols *symbols, uint64_t pc)
{
	static const struct {
		const char *prefix;
		enum thunk thunk;
	} names[] = {
		{"__x86_indirect_thunk", THUNK_INDIRECT},
		{"__x86_indirect_call_thunk", THUNK_INDIRECT},
		{"__x86_indirect_jump_thunk", THUNK_INDIRECT},
		{"__x86_indirect_its_thunk", THUNK_INDIRECT},
		{"__x86_return_thunk", THUNK_RETURN},
		{"retbleed_", THUNK_RETURN},
		{"zen_untrain_ret", THUNK_RETURN},
		{"srso_", THUNK_RETURN},
		{"its_return_thunk", THUNK_RETURN},
		{"call_depth_return_thunk", THUNK_RETURN},
	};
	const char *name = symbols_name(symbols, symbols_find(symbols, pc));

	/* the alias of code that also runs before the kernel is mapped (Linux 6.15) */
	if (!strncmp(name, "__pi_", 5))
		name += 5;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(name, names[i].prefix, strlen(names[i].prefix)))
			return names[i].thunk;
	return THUNK_NONE;
}

static double *place(struct result_features *f, enum code_class class)
{
	double *const places[] = {
		[CODE_UNKNOWN] = &f->unknown,	  [CODE_ATOMIC] = &f->atomic,
		[CODE_CLOCK] = &f->clock,	  [CODE_CR3] = &f->cr3,
		[CODE_SERIALISE] = &f->serialise, [CODE_TRAP] = &f->trap,
		[CODE_FLAGS] = &f->flags,	  [CODE_USER_ACCESS] = &f->user_access,
		[CODE_REPEAT] = &f->repeat,	  [CODE_CONDITION] = &f->condition,
		[CODE_JUMP] = &f->jump,		  [CODE_CALL] = &f->call,
		[CODE_INDIRECT] = &f->indirect,	  [CODE_RETURN] = &f->returns,
		[CODE_STORE] = &f->store,	  [CODE_LOAD] = &f->load,
		[CODE_PLAIN] = &f->plain,
	};

	return places[class];
}

void features_count(const struct trace *trace, const struct symbols *symbols, int times,
		    struct result_features *to)
{
	enum thunk in = THUNK_NONE;

	for (size_t i = 0; i < trace->n; i++) {
		size_t len, last = i + 1 == trace->n;
		uint64_t pc = trace->steps[i].pc;
		enum code_class class = decode(trace->code[i], TRACE_CODE, &len);
		enum thunk next = last ? THUNK_NONE : thunk_at(symbols, trace->steps[i + 1].pc);

		to->instructions += times;
		if (class == CODE_CONDITION && !last && trace->steps[i + 1].pc != pc + len)
			to->taken += times;
		if (in != THUNK_NONE) {
			to->thunk += times;
		} else if (next == THUNK_INDIRECT) {
			to->indirect += times;
			to->retpoline += times;
		} else if (next == THUNK_RETURN) {
			to->returns += times;
			to->return_thunk += times;
		} else {
			*place(to, class) += times;
		}
		in = next;
	}
}

/* A single call through the guest's list: its counts with and without the probe. */
static int take_one(struct stepper *s, struct result_features *to, struct error *why)
{
	struct trace hit = {.with_code = true}, bare = {.with_code = true};
	int err, other;

	if (!s->symbols.n && (err = stepper_symbols(s, why)))
		return err;
	err = stepper_trace(s, &hit, why);
	/* the guest goes on to its next stop whatever came of this one */
	other = stepper_look(s, SUBJECT_BARE, why);
	if (other)
		err = other;
	else if (!err)
		err = stepper_trace(s, &bare, why);
	if (!err) {
		*to = (struct result_features){.present = true};
		features_count(&hit, &s->symbols, 1, to);
		features_count(&bare, &s->symbols, -1, to);
	}
	trace_free(&hit);
	trace_free(&bare);
	return other ? -EPIPE : err;
}

static bool wanted(const struct record_result *result, const char *workload)
{
	return result->status == RESULT_MEASURED && result->baseline_id &&
	       !strcmp(result->workload, workload) && strcmp(result->hook, "none") != 0 &&
	       (!strcmp(result->wakeup, "-") || !strcmp(result->wakeup, NOBODY_WOKEN));
}

static char *list_of(const struct record *rec, const char *workload)
{
	size_t len = 1;
	char *list, *end;

	for (size_t i = 0; i < rec->n_results; i++)
		len += strlen(rec->results[i]->variant) + 1;
	list = calloc(1, len + 1);
	if (!list)
		return NULL;
	end = list;
	for (size_t i = 0; i < rec->n_results; i++)
		if (wanted(rec->results[i], workload))
			end = stpcpy(stpcpy(end, *list ? "," : ""), rec->results[i]->variant);
	return list;
}

static int keep(struct record *rec, const char *workload, const char *variant,
		const struct result_features *features)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		struct record_result *result = rec->results[i];

		if (wanted(result, workload) && !strcmp(result->variant, variant))
			result->features = *features;
	}
	return 0;
}

int features_take(const struct xray_options *options, const char *workload, struct record *rec,
		  struct error *why)
{
	struct xray_options wanted_options = *options;
	struct stepper s = {0};
	char *list = list_of(rec, workload);
	int err = list ? 0 : -ENOMEM;

	if (!err && (!decode_works() || options->kernel->machine->elf != EM_X86_64))
		err = error_set(why, -ENOTSUP,
				"instructions are classed on x86-64 alone, for guests of its kind, "
				"and not by the static binary");
	if (!err && !*list)
		err = error_set(why, -ENODATA, "no result on %s to single-step", workload);
	wanted_options.variant = list;
	wanted_options.workload = workload;
	if (!err)
		err = stepper_open(&s, &wanted_options, why);
	while (!err) {
		struct result_features features;

		do {
			err = stepper_next_stop(&s, why);
		} while (!err && s.board.phase == SUBJECT_WAITS);
		if (err || s.board.phase == SUBJECT_DONE)
			break;
		s.board.variant[sizeof(s.board.variant) - 1] = '\0';
		s.board.reason[sizeof(s.board.reason) - 1] = '\0';
		if (s.board.phase == SUBJECT_REFUSED) {
			record_add_warning(rec, "%s: not single-stepped: %s", s.board.variant,
					   s.board.reason);
			continue;
		}
		err = take_one(&s, &features, why);
		if (!err)
			err = keep(rec, workload, s.board.variant, &features);
		else if (err != -EPIPE && err != -EINTR && err != -ETIMEDOUT) {
			record_add_warning(rec, "%s: not single-stepped: %s", s.board.variant,
					   why->text);
			err = 0;
		}
	}
	stepper_close(&s);
	free(list);
	return err;
}
