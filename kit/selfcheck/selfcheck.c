/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>

#include "kit/selfcheck/selfcheck.h"
#include "reports/answer/wrap.h"
#include "reports/judge/trust.h"

#define NAME_COLUMNS 32 /* of a figure */
#define TEXT_COLUMN  (9 + NAME_COLUMNS + 1)
#define LINES_MOST   24

static const char *const verdict_words[] = {
	[SELFCHECK_OK] = "ok",
	[SELFCHECK_WASTE] = "waste",
	[SELFCHECK_NOT_OK] = "NOT ok",
	[SELFCHECK_SKIPPED] = "skipped",
};

static const struct {
	const char *name, *trusted, *not_trusted;
} topics[] = {
	[TOPIC_TYPICAL] = {"intervals of 'typical'", "they contain the truth as often as they say",
			   "they contain the truth less often than they say: repeat a run before "
			   "believing one"},
	[TOPIC_MEAN] = {"intervals of 'mean'", "they contain the truth as often as they say",
			"they contain the truth less often than they say: repeat a run before "
			"believing one"},
	[TOPIC_DELAYS] = {"nanoseconds", "what was added is what is read",
			  "what was added is not what was read, or the scatter could hide that; a "
			  "quieter CPU (--cpu, run --isolate) may help"},
	[TOPIC_REGION] = {"timer overhead",
			  "an empty timed region costs no more than its two clock reads",
			  "an empty timed region costs more than its clock reads: that cancels in "
			  "differences, but not in the length of a baseline"},
	[TOPIC_SPEED] = {"speed", "calls follow each other nearly as fast as untimed ones",
			 "timed calls follow each other slowly: a run of a given time holds fewer "
			 "of them; differences are the same"},
	[TOPIC_HITS] = {"hits", "each call runs the program once",
			"calls and runs differ for the hooks that are not ok above"},
	[TOPIC_ACCOUNTING] =
		{"losses", "events received and lost add up to those sent",
		 "the event accounting does not balance for the outputs that are not ok above"},
	[TOPIC_COUNTERS] = {"counters",
			    "they count a known loop to the instruction, and say so when they were "
			    "not on the PMU",
			    "their counts, where a figure above is not ok"},
	[TOPIC_NEIGHBOUR] = {"neighbours", "work on the core's other hardware thread is seen",
			     "work on the core's other hardware thread is not seen: rounds beside "
			     "it pass for uncontended ones"},
	[TOPIC_REPEAT] = {"the next run", "intervals cover what the same run reads again",
			  "the same run reads something else: figures differ from run to run by "
			  "more than their intervals say"},
};
_Static_assert(sizeof(topics) / sizeof(topics[0]) == TOPIC_COUNT, "a topic without its words");

__attribute__((format(printf, 4, 0))) static void print_line(struct selfcheck *check,
							     const char *verdict, const char *name,
							     const char *fmt, va_list args)
{
	const struct wrap by = {TEXT_COLUMN, check->width, LINES_MOST};
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, args);
	fprintf(check->out, "%-7s  %-*s ", verdict, NAME_COLUMNS, name);
	wrap_text(text, TEXT_COLUMN, &by, check->out);
	fflush(check->out);
}

void selfcheck_say(struct selfcheck *check, enum selfcheck_topic topic,
		   enum selfcheck_verdict verdict, const char *name, const char *fmt, ...)
{
	va_list args;

	check->figures[topic][verdict]++;
	va_start(args, fmt);
	print_line(check, verdict_words[verdict], name, fmt, args);
	va_end(args);
}

void selfcheck_tell(struct selfcheck *check, const char *name, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line(check, "", name, fmt, args);
	va_end(args);
}

void selfcheck_say_coverage(struct selfcheck *check, enum selfcheck_topic topic, const char *name,
			    const struct effect *intervals, size_t n)
{
	static const struct {
		enum selfcheck_verdict verdict;
		const char *remark;
	} meaning[] = {
		[COVERAGE_NOMINAL] = {SELFCHECK_OK, ""},
		[COVERAGE_LOW] = {SELFCHECK_NOT_OK, "; narrower than their error"},
		[COVERAGE_HIGH] = {SELFCHECK_WASTE, "; wider than needed, which is safe"},
	};
	struct trust_coverage c;

	trust_coverage(intervals, n, &c);
	selfcheck_say(check, topic, meaning[c.verdict].verdict, name,
		      "%.1f %% of %zu contain zero [%.1f, %.1f] (asked: %.0f to %.0f %%, or within "
		      "%.0f ns of it); differences under %.1f ns cannot be seen in one%s",
		      c.rate.value * 100, c.trials, c.rate.lo * 100, c.rate.hi * 100,
		      TRUST_COVERAGE_LEAST * 100, TRUST_COVERAGE_MOST * 100, TRUST_NEAR, c.limit,
		      meaning[c.verdict].remark);
}

static enum selfcheck_verdict topic_verdict(const struct selfcheck *check, size_t topic)
{
	if (check->figures[topic][SELFCHECK_NOT_OK])
		return SELFCHECK_NOT_OK;
	if (check->figures[topic][SELFCHECK_WASTE])
		return SELFCHECK_WASTE;
	return check->figures[topic][SELFCHECK_OK] ? SELFCHECK_OK : SELFCHECK_SKIPPED;
}

/* Only topics with intervals can have the verdict WASTE. */
static const char *topic_words(size_t topic, enum selfcheck_verdict verdict)
{
	switch (verdict) {
	case SELFCHECK_OK:
		return topics[topic].trusted;
	case SELFCHECK_WASTE:
		return "they contain the truth more often than they say: wider than needed";
	case SELFCHECK_NOT_OK:
		return topics[topic].not_trusted;
	default:
		return "";
	}
}

static void print_topics(const struct selfcheck *check, enum selfcheck_verdict verdict,
			 const char *title)
{
	bool titled = false;

	for (size_t t = 0; t < TOPIC_COUNT; t++) {
		const char *words = topic_words(t, verdict);
		char text[256];

		if (topic_verdict(check, t) != verdict)
			continue;
		if (!titled)
			fprintf(check->out, "\n%s\n", title);
		titled = true;
		snprintf(text, sizeof(text), "%s%s%s", topics[t].name, *words ? ": " : "", words);
		fputs("  ", check->out);
		wrap_text(text, 2, &(struct wrap){4, check->width, LINES_MOST}, check->out);
	}
}

enum selfcheck_verdict selfcheck_conclude(const struct selfcheck *check)
{
	enum selfcheck_verdict all = SELFCHECK_SKIPPED;

	print_topics(check, SELFCHECK_OK, "May be trusted here, now:");
	print_topics(check, SELFCHECK_WASTE, "May be trusted here, and could be sharper:");
	print_topics(check, SELFCHECK_NOT_OK, "May NOT be trusted here, now:");
	print_topics(check, SELFCHECK_SKIPPED, "Not examined:");
	for (size_t t = 0; t < TOPIC_COUNT; t++) {
		enum selfcheck_verdict v = topic_verdict(check, t);

		if (v == SELFCHECK_NOT_OK)
			return v;
		if (v != SELFCHECK_SKIPPED)
			all = SELFCHECK_OK;
	}
	return all;
}
