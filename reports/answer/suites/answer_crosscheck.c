/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What other tools say of a probe, beside what bpftoll says: a row a tool, then a row a probe. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/missing.h"
#include "reports/record/record_rows.h"
#include "reports/stats/combine.h"
#include "reports/record/text_stream.h"

/* The record's own words (crosscheck.why) are a paragraph each: these are their gist. */
static const struct tool {
	const char *name, *differs;
} tools[] = {
	{"bpf_stats", "program alone: no dispatch"},
	{"bpftrace", "its own probes change the call"},
	{"perf_stat", "all CPU time of the task, interrupts too"},
	{"perf_trace", "its tracing outweighs the probe"},
};
#define TOOLS (sizeof(tools) / sizeof(*tools))

static bool measured(const struct crosscheck *c)
{
	return c->status == RESULT_MEASURED && isfinite(c->says.value);
}

/* The probe that the first table is about: one that sends events, on a kprobe where it can be. */
static const struct crosscheck *chosen(const struct record *rec)
{
	static const char *const wanted[] = {"kprobe_ringbuf", "_ringbuf", ""};

	for (size_t w = 0; w < sizeof(wanted) / sizeof(*wanted); w++)
		for (size_t i = 0; i < rec->n_crosschecks; i++)
			if (measured(&rec->crosschecks[i]) &&
			    strstr(rec->crosschecks[i].variant, wanted[w]))
				return &rec->crosschecks[i];
	return NULL;
}

static bool same_probe(const struct crosscheck *a, const struct crosscheck *b)
{
	return !strcmp(a->variant, b->variant) && !strcmp(a->workload, b->workload);
}

static const struct crosscheck *by_tool(const struct record *rec, const struct crosscheck *probe,
					const char *tool)
{
	for (size_t i = 0; i < rec->n_crosschecks; i++)
		if (measured(&rec->crosschecks[i]) && same_probe(&rec->crosschecks[i], probe) &&
		    !strcmp(rec->crosschecks[i].tool, tool))
			return &rec->crosschecks[i];
	return NULL;
}

static const char *differs(const struct crosscheck *c)
{
	struct effect more = combine_difference(c->says, c->bpftoll);

	if (!isfinite(more.lo) || !isfinite(more.hi))
		return "no interval: cannot be compared";
	if (effect_holds_zero(more))
		return fmax(more.hi, -more.lo) > fabs(c->bpftoll.value) ? "too wide to compare"
									: "no difference seen";
	for (size_t i = 0; i < TOOLS; i++)
		if (!strcmp(tools[i].name, c->tool))
			return tools[i].differs;
	return "its reason: --full";
}

static void put_tools(struct answer *a, const struct record *rec, const struct crosscheck *probe)
{
	static const struct answer_column columns[] = {
		{"tool", "tool", ANSWER_WORDS, false},
		{"says", "it says", ANSWER_NS, false},
		{"bpftoll", "bpftoll", ANSWER_NS, false},
		{"why", "why they differ", ANSWER_WORDS, false},
		{"difference", "difference", ANSWER_NS, true},
	};

	answer_table(a, "tools", NULL, columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < rec->n_crosschecks; i++) {
		const struct crosscheck *c = &rec->crosschecks[i];

		if (!measured(c) || !same_probe(c, probe))
			continue;
		answer_row(a);
		answer_text(a, "%s", c->tool);
		answer_effect(a, c->says);
		answer_effect(a, c->bpftoll);
		answer_text(a, "%s", differs(c));
		answer_effect(a, combine_difference(c->says, c->bpftoll));
	}
}

static bool is_first(const struct record *rec, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (measured(&rec->crosschecks[i]) &&
		    same_probe(&rec->crosschecks[i], &rec->crosschecks[at]))
			return false;
	return measured(&rec->crosschecks[at]);
}

static void put_probes(struct answer *a, const struct record *rec, const struct crosscheck *not_it)
{
	static const struct answer_column columns[] = {
		{"variant", "other probes", ANSWER_WORDS, false},
		{"bpftoll", "bpftoll", ANSWER_NS, false},
		{"bpf_stats", "bpf_stats", ANSWER_NS, false},
		{"bpftrace", "bpftrace", ANSWER_NS, false},
		{"perf_stat", "perf_stat", ANSWER_NS, false},
		{"perf_trace", "perf_trace", ANSWER_NS, true},
		{"syscall", "syscall", ANSWER_WORDS, true},
	};
	bool any = false;

	for (size_t i = 0; i < rec->n_crosschecks; i++) {
		const struct crosscheck *probe = &rec->crosschecks[i];

		if (!is_first(rec, i) || same_probe(probe, not_it))
			continue;
		if (!any)
			answer_table(a, "probes", NULL, columns,
				     sizeof(columns) / sizeof(*columns));
		any = true;
		answer_row(a);
		answer_text(a, "%s", probe->variant);
		answer_effect(a, probe->bpftoll);
		for (size_t t = 0; t < TOOLS; t++) {
			const struct crosscheck *c = by_tool(rec, probe, tools[t].name);

			if (c)
				answer_effect(a, c->says);
			else
				answer_absent(a, "not measured");
		}
		answer_text(a, "%s", probe->workload);
	}
}

/* For how many probes a tool reads surely less (sign -1) or more (1). */
static size_t reads(const struct record *rec, const char *tool, int sign, size_t *of)
{
	size_t n = 0;

	*of = 0;
	for (size_t i = 0; i < rec->n_crosschecks; i++) {
		const struct crosscheck *c = &rec->crosschecks[i];
		struct effect more = combine_difference(c->says, c->bpftoll);

		if (!measured(c) || strcmp(c->tool, tool) != 0)
			continue;
		++*of;
		n += sign < 0 ? more.hi < 0 : more.lo > 0;
	}
	return n;
}

static void put_summary(struct answer *a, const struct record *rec)
{
	size_t told = 0, length, of;
	char *text = NULL;
	FILE *out = text_stream(&text, &length);

	if (!out)
		return;
	for (size_t t = 0; t < TOOLS; t++) {
		size_t less = reads(rec, tools[t].name, -1, &of);

		if (!of)
			continue;
		fprintf(out, told++ ? ", %s for %zu" : "%s reads less than bpftoll for %zu",
			tools[t].name, less);
		if (told == 1)
			fprintf(out, " of %zu probes", of);
	}
	for (size_t t = 0, more = 0; t < TOOLS; t++) {
		size_t n = reads(rec, tools[t].name, 1, &of);

		if (n)
			fprintf(out, more++ ? ", %s for %zu" : "; more: %s for %zu", tools[t].name,
				n);
	}
	if (!fclose(out) && told)
		answer_line(a, "Summary", "%s", text);
	free(text);
}

static void put_missing(struct answer *a, const struct record *rec)
{
	struct missing *rows = calloc(rec->n_crosschecks + rec->n_results + 1, sizeof(*rows));
	size_t n = 0;

	for (size_t i = 0; rows && i < rec->n_crosschecks; i++)
		rows[n++] = (struct missing){rec->crosschecks[i].tool, rec->crosschecks[i].reason,
					     rec->crosschecks[i].status};
	for (size_t i = 0; rows && i < rec->n_results; i++)
		rows[n++] = (struct missing){rec->results[i]->hook, rec->results[i]->reason,
					     rec->results[i]->status};
	if (rows)
		missing_say(a, rows, n);
	free(rows);
}

/* Are bpftoll's own figures known to a fifth? */
static bool is_sharp(const struct record *rec)
{
	size_t n = 0, wide = 0;

	for (size_t i = 0; i < rec->n_crosschecks; i++) {
		struct effect e = rec->crosschecks[i].bpftoll;

		if (!is_first(rec, i))
			continue;
		n++;
		wide += !((e.hi - e.lo) / 2 <= 0.2 * fabs(e.value));
	}
	return 2 * wide <= n;
}

void answer_crosscheck(struct answer *a, const struct record *rec)
{
	const struct crosscheck *probe = chosen(rec);

	if (probe) {
		answer_title(a, "What %s adds to one %s, by other tools and by bpftoll",
			     probe->variant, probe->workload);
		put_tools(a, rec, probe);
		put_probes(a, rec, probe);
		put_summary(a, rec);
	} else {
		answer_line(a, "Summary", "no tool could be compared: nothing was measured");
	}
	put_missing(a, rec);
	answer_quality(a, rec);
	if (!probe)
		answer_line(a, "Next", "bpftoll doctor (what can be measured here)");
	else
		answer_line(a, "Next",
			    is_sharp(rec) ? "bpftoll run --suite events --rate 10000 (what no tool "
					    "here shows: "
					    "CPU, loss and age of events)"
					  : "bpftoll run --suite crosscheck --seconds 120 "
					    "(narrower intervals)");
}
