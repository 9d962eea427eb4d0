/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdict_words: a verdict in sentences, for the terminal and the report alike. Each writes one to
 * out, without a full stop.
 */
#ifndef BPFTOLL_REPORTS_SHOW_VERDICT_VERDICT_WORDS_H
#define BPFTOLL_REPORTS_SHOW_VERDICT_VERDICT_WORDS_H

#include <stdio.h>
#include "reports/show/format.h"
#include "reports/judge/verdict.h"

/* "YELLOW: proceed with changes: …; the probe under test (…) is RED for its p99: …": the one
 * line that is looked for. */
void verdict_say(FILE *out, const struct verdicts *v, enum render_format format);

/* The other configurations: those that pass, the cheapest first, or that none does. false: there
 * are none. */
bool verdict_say_changes(FILE *out, const struct verdicts *v, enum render_format format);

/* What each other syscall pays for a hook, measured or not; c: a configuration of the hook. */
void verdict_say_others(FILE *out, const struct verdicts *v, const struct configuration *c,
			enum render_format format);

/* Is it the first measured configuration of a hook that other syscalls pay for? */
bool verdict_first_of_hook(const struct verdicts *v, size_t row);

/* "tracepoint_ringbuf, none", with the cache state where it is not hot */
void verdict_say_name(FILE *out, const struct record_result *result, enum render_format format);

/*
 * What is predicted for a configuration that was not measured, and the verdict of the measured one
 * most alike; or why nothing is. c: NULL, none. 0; -ENODATA: c was measured, or no prediction was
 * asked for: nothing is written; -ENOMEM.
 */
int verdict_say_predicted(FILE *out, const struct verdicts *v, const struct configuration *c,
			  enum render_format format);

/* "50,000/s (assumed)" */
void other_syscalls_say(FILE *out, const struct other_syscalls *others, enum render_format format);

#endif
