/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/document/report_words.h"
#include "reports/export/tables.h"
#include "reports/record/cache_state.h"
#include "reports/record/wakeup_name.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"
#include "reports/record/text_stream.h"

#define CODE_MOST 300

void words_buffer(FILE *out, const char *body)
{
	static const struct {
		const char *body, *words;
	} known[] = {
		{"perf", "perf buffer"},
		{"ringbuf", "ring buffer"},
		{"ringbuf_output", "ring buffer by copy"},
		{"as_written", "code as written, perf buffer"},
		{"as_written_ringbuf", "code as written, ring buffer"},
		{"empty", "empty program"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].body, body) == 0) {
			fputs(known[i].words, out);
			return;
		}
	escape_part(out, body, RENDER_MARKDOWN);
}

void words_name(FILE *out, const struct record_result *result)
{
	escape_part(out, result->hook, RENDER_MARKDOWN);
	fputs(", ", out);
	words_buffer(out, result->body);
	if (strcmp(result->wakeup, "-") != 0) {
		fputs(", ", out);
		escape_part(out, wakeup_name(result->wakeup).text, RENDER_MARKDOWN);
	}
	if (strcmp(result->cache, CACHE_STIRRED_NAME) != 0 &&
	    strcmp(result->cache, CACHE_HOT_NAME) != 0) {
		fputs(", ", out);
		escape_part(out, result->cache, RENDER_MARKDOWN);
	}
}

void words_call(FILE *out, const char *workload)
{
	char call[32];

	snprintf(call, sizeof(call), "%.*s", (int)strcspn(workload, "_"), workload);
	escape_part(out, call, RENDER_MARKDOWN);
	fputs("()", out);
}

static void put_plain(FILE *out, const char *text)
{
	for (size_t i = 0; text && text[i] && i < CODE_MOST; i++)
		fputc(isalnum((unsigned char)text[i]) || strchr(" _.,:;()/%+-=*?'\"#@", text[i])
			      ? text[i]
			      : '?',
		      out);
}

void words_code(FILE *out, const char *text)
{
	fputc('`', out);
	put_plain(out, text);
	fputc('`', out);
}

void words_command(FILE *out, const struct record_result *result, const char *more)
{
	fputs("`bpftoll run --variant ", out);
	put_plain(out, result->variant);
	fputs(" --syscall ", out);
	put_plain(out, result->workload);
	if (strcmp(result->wakeup, "-") != 0) {
		fputs(" --wakeup-policy ", out);
		put_plain(out, wakeup_name(result->wakeup).text);
	}
	fprintf(out, "%s`", more);
}

/* As figure_effect has it, without the sign of what is surely above zero. */
static void put_unsigned_effect(FILE *out, struct effect e, enum unit unit)
{
	char *text = NULL;
	size_t len;
	FILE *memory = text_stream(&text, &len);

	if (!memory)
		return;
	figure_effect(memory, e, unit, FIGURE_PLUS_MINUS);
	fclose(memory);
	for (const char *c = text; c && *c; c++)
		if (*c != '+')
			fputc(*c, out);
	free(text);
}

void words_cost(FILE *out, struct effect e, enum unit unit)
{
	if (isnan(e.value)) {
		fputs("not known", out);
	} else if (unit == UNIT_NS && e.lo > 0) {
		figure_time(out, e);
	} else {
		figure_effect(out, e, unit, FIGURE_PLUS_MINUS);
		fprintf(out, " %s", unit_name(unit));
	}
}

/* Three digits, in the unit that fits the larger of two. */
static void put_ns(FILE *out, double ns, double large)
{
	if (large >= 10e3)
		fprintf(out, "%.1f", ns / 1e3);
	else
		fprintf(out, "%.0f", ns);
}

void words_p99(FILE *out, struct effect e)
{
	double large = fmax(isnan(e.lo) ? 0 : fabs(e.lo), isnan(e.hi) ? 0 : fabs(e.hi));

	if (isnan(e.lo) && isnan(e.hi)) {
		fputs("not known", out);
		return;
	}
	if (isnan(e.lo))
		fputs("at most ", out);
	else if (isnan(e.hi))
		fputs("at least ", out);
	if (!isnan(e.lo))
		put_ns(out, e.lo, large);
	if (!isnan(e.lo) && !isnan(e.hi))
		fputs(" to ", out);
	if (!isnan(e.hi))
		put_ns(out, e.hi, large);
	fputs(large >= 10e3 ? " µs" : " ns", out);
}

void words_share(FILE *out, struct effect e)
{
	put_unsigned_effect(out, e, UNIT_NS);
	fputs(" %", out);
}

void words_cpu(FILE *out, const struct configuration *c)
{
	const struct judgement *j = &c->by[CRITERION_CPU];

	if (isnan(j->measured.value)) {
		fputs("not measured", out);
	} else if (j->part) {
		fputs("at least ", out);
		words_share(out, j->measured);
	} else {
		words_share(out, j->measured);
	}
}

void words_loss(FILE *out, const struct configuration *c)
{
	struct effect loss = c->by[CRITERION_LOSS].measured;

	if (isnan(loss.value))
		fputs("not measured", out);
	else if (!(loss.value > 0))
		fprintf(out, "below %.2g %%", loss.hi);
	else
		fprintf(out, "%.2g to %.2g %%", loss.lo, loss.hi);
}

void words_record(FILE *out, const struct record_set *e, const struct record *rec)
{
	for (size_t i = 0; i < e->n_runs; i++)
		if (e->runs[i].record == rec)
			fprintf(out, "record %s", tables_letter(i, false).text);
	for (size_t i = 0; i < e->n_labs; i++)
		if (e->labs[i].record == rec)
			fprintf(out, "lab record %s", tables_letter(i, true).text);
}

static bool holds(const struct record *rec, const struct record_result *result)
{
	for (size_t i = 0; i < rec->n_results; i++)
		if (rec->results[i] == result)
			return true;
	return false;
}

void words_cite(FILE *out, const struct record_set *e, const struct record_result *result)
{
	words_code(out, result->id);
	for (size_t i = 0; i < e->n_runs + e->n_labs; i++) {
		const struct record *rec =
			i < e->n_runs ? e->runs[i].record : e->labs[i - e->n_runs].record;

		if (!holds(rec, result))
			continue;
		fputs(" (", out);
		words_record(out, e, rec);
		fputs(")", out);
		return;
	}
}
