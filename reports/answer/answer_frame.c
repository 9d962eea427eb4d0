/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* strcasestr */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answer_verdict.h"
#include "reports/answer/answers.h"
#include "reports/judge/null_test.h"
#include "reports/record/record_rows.h"
#include "reports/show/figure.h"
#include "reports/show/precision.h"

static void title_effort(struct answer *a, const struct record *rec)
{
	double seconds = 0;
	unsigned int rounds = 0;

	for (size_t i = 0; i < rec->n_conditions; i++)
		seconds += rec->conditions[i].seconds;
	for (size_t i = 0; i < rec->n_results; i++)
		if (rec->results[i]->rounds > rounds)
			rounds = rec->results[i]->rounds;
	if (rounds && seconds > 0)
		answer_title(a, "%u round%s, %.0f s of measuring%s", rounds, rounds == 1 ? "" : "s",
			     seconds, rec->partial ? "; stopped before the plan was done" : "");
	else if (rec->partial)
		answer_title(a,
			     "Stopped before the plan was done; what follows is what was finished");
}

void answer_host(struct answer *a, const struct record *rec)
{
	const struct record_host *host = &rec->host;
	bool guest = host->virtualization && *host->virtualization &&
		     strcmp(host->virtualization, "none") != 0;

	answer_title(a, "Linux %s %s%s · %s, %u CPU%s%s%s%s",
		     host->kernel ? host->kernel : "unknown", host->arch ? host->arch : "",
		     host->jit ? "" : ", BPF programs interpreted (no JIT)",
		     host->cpu ? host->cpu : "unknown CPU", host->cpus, host->cpus == 1 ? "" : "s",
		     guest ? " (" : "", guest ? figure_hypervisor(host->virtualization) : "",
		     guest ? ")" : "");
}

void answer_host_title(struct answer *a, const struct record *rec)
{
	answer_host(a, rec);
	title_effort(a, rec);
}

static bool warned(const struct record *rec, const char *words)
{
	for (size_t i = 0; i < rec->n_warnings; i++)
		if (strcasestr(rec->warnings[i], words))
			return true;
	return false;
}

/* Of the wakeup policy "none" or of programs that send nothing: the first null test of that kind.
 */
static const struct record_result *null_test(const struct record *rec, const char *kind)
{
	for (size_t i = 0; i < rec->n_results; i++)
		if (strcmp(rec->results[i]->body, kind) == 0 &&
		    rec->results[i]->status == RESULT_MEASURED)
			return rec->results[i];
	return NULL;
}

/* Of the probe measured twice where there is one, which has in it what all rows have. */
static const struct record_result *quoted_test(const struct record *rec)
{
	const struct record_result *null = null_test(rec, "bb");

	return null ? null : null_test(rec, "aa");
}

double answer_null_limit(const struct record *rec)
{
	const struct record_result *null = quoted_test(rec);

	return null ? null_test_limit(null->overhead.typical) : NAN;
}

/* How far apart results must be. */
static const char *say_null(const struct record *rec, char *text, size_t room, bool *fails)
{
	const struct record_result *null = quoted_test(rec);
	struct null_test test;
	struct effect e;
	char limit[32];

	*fails = false;
	if (!null || null_test_of(rec, null, &test))
		return "";
	e = null->overhead.typical;
	*fails = test.verdict == NULL_FAILS;
	if (*fails)
		snprintf(text, room, "; null test FAILS: %+.0f [%+.0f, %+.0f] %s", e.value, e.lo,
			 e.hi, unit_name(null->unit));
	else if (isfinite(null_test_limit(e)))
		snprintf(text, room, "; %s under %s %s apart cannot be told apart%s",
			 strcmp(null->body, "bb") == 0 ? "two probes" : "results",
			 verdict_count(fmax(ceil(null_test_limit(e)), 1), limit, sizeof(limit)),
			 unit_name(null->unit),
			 test.verdict == NULL_PASSES ? "" : " (null test not resolved)");
	else
		snprintf(text, room, "; null test without an interval");
	return text;
}

void answer_quality(struct answer *a, const struct record *rec)
{
	char null[160];
	bool fails;
	const char *say = say_null(rec, null, sizeof(null), &fails);
	bool virtual = warned(rec, "virtual machine"), shared = warned(rec, "is not isolated");
	size_t others = rec->n_warnings - virtual - (shared && rec->n_warnings > virtual);

	if (!rec->n_warnings && !*say)
		return;
	answer_line(a, "Quality", "%s: %s%s%s%s%.0zu%s%s",
		    fails	      ? "POOR"
		    : rec->n_warnings ? "FAIR"
				      : "GOOD",
		    virtual ? "virtual machine" : "", virtual && shared ? ", " : "",
		    shared ? "CPU not isolated" : "",
		    others ? (virtual || shared ? ", " : "")
			   : (rec->n_warnings ? "" : "no warnings"),
		    others, others ? (others == 1 ? " more warning" : " more warnings") : "", say);
	answer_mark(a, fails ? ANSWER_BAD : rec->n_warnings ? ANSWER_UNSURE : ANSWER_GOOD);
}

void answer_interpreted(struct answer *a, const struct record *const *records,
			const char *const *labels, size_t n)
{
	for (size_t r = 0; r < n; r++)
		if (!records[r]->host.jit)
			answer_line(a, "Interpreted",
				    "%s%sno BPF JIT: counts hold the interpreter's work",
				    n > 1 ? labels[r] : "", n > 1 ? ": " : "");
}

void answer_precision(struct answer *a, const struct record *rec)
{
	char *text = precision_text(rec);

	if (text)
		answer_line(a, "Precision", "%s", text);
	free(text);
}

void answer_where(struct answer *a, const char *where)
{
	if (where)
		answer_line(a, "Record", "%s (all tables: bpftoll report --full DIR)", where);
}
