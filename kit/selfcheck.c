/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>

#include "kit/selfcheck.h"

static const char *const verdict_words[] = {
	[SELFCHECK_OK] = "ok",
	[SELFCHECK_NOT_OK] = "NOT ok",
	[SELFCHECK_SKIPPED] = "skipped",
};

static const struct {
	const char *name, *trusted, *not_trusted;
} topics[] = {
	[TOPIC_TYPICAL] = {"intervals of 'typical'", "they hold the truth as often as they say",
			   "not at the rate they say: if lower, repeat a run before believing "
			   "one; if higher, they are safe and wider than need be"},
	[TOPIC_MEAN] = {"intervals of 'mean'", "they hold the truth as often as they say",
			"not at the rate they say: if lower, repeat a run before believing "
			"one; if higher, they are safe and wider than need be"},
	[TOPIC_DELAYS] = {"nanoseconds", "what was added is what is read",
			  "what was added is not what was read, or the scatter could hide that; a "
			  "quieter CPU (--cpu, run --isolate) may mend it"},
	[TOPIC_WINDOW] = {"the floor", "the window costs no more than its two clock reads",
			  "the window costs more than its clock reads: differences of arms do "
			  "without it, the baseline's own length does not"},
	[TOPIC_SPEED] = {"speed", "calls follow each other nearly as fast as untimed ones",
			 "timed calls follow each other slowly: a run of a given time holds fewer "
			 "of them; differences do without it"},
	[TOPIC_HITS] = {"hits", "each call runs the program once",
			"calls and runs differ for the hooks that are not ok above"},
	[TOPIC_BOOKS] = {"losses", "events received and lost add up to those sent",
			 "the books do not balance for the outputs that are not ok above"},
	[TOPIC_COUNTERS] = {"counters",
			    "they count a known loop to the instruction, and say so when "
			    "they were not on the PMU",
			    "their counts, where a figure above is not ok"},
	[TOPIC_NEIGHBOUR] = {"neighbours", "work on the core's other hardware thread is seen",
			     "work on the core's other hardware thread is not seen: rounds beside "
			     "it pass for uncontended ones"},
};
_Static_assert(sizeof(topics) / sizeof(topics[0]) == TOPIC_COUNT, "a topic without its words");

void selfcheck_say(struct selfcheck *check, enum selfcheck_topic topic,
		   enum selfcheck_verdict verdict, const char *name, const char *fmt, ...)
{
	va_list args;

	check->figures[topic][verdict]++;
	fprintf(check->out, "%-7s  %-32s ", verdict_words[verdict], name);
	va_start(args, fmt);
	vfprintf(check->out, fmt, args);
	va_end(args);
	fputc('\n', check->out);
	fflush(check->out);
}

static enum selfcheck_verdict topic_verdict(const struct selfcheck *check, size_t topic)
{
	if (check->figures[topic][SELFCHECK_NOT_OK])
		return SELFCHECK_NOT_OK;
	return check->figures[topic][SELFCHECK_OK] ? SELFCHECK_OK : SELFCHECK_SKIPPED;
}

static void print_topics(const struct selfcheck *check, enum selfcheck_verdict verdict,
			 const char *title)
{
	bool titled = false;

	for (size_t t = 0; t < TOPIC_COUNT; t++) {
		if (topic_verdict(check, t) != verdict)
			continue;
		if (!titled)
			fprintf(check->out, "\n%s\n", title);
		titled = true;
		fprintf(check->out, "  %s%s%s\n", topics[t].name,
			verdict == SELFCHECK_SKIPPED ? "" : ": ",
			verdict == SELFCHECK_OK	      ? topics[t].trusted
			: verdict == SELFCHECK_NOT_OK ? topics[t].not_trusted
						      : "");
	}
}

enum selfcheck_verdict selfcheck_conclude(const struct selfcheck *check)
{
	enum selfcheck_verdict all = SELFCHECK_SKIPPED;

	print_topics(check, SELFCHECK_OK, "May be trusted here, now:");
	print_topics(check, SELFCHECK_NOT_OK, "May NOT be trusted here, now:");
	print_topics(check, SELFCHECK_SKIPPED, "Not examined:");
	for (size_t t = 0; t < TOPIC_COUNT; t++) {
		enum selfcheck_verdict v = topic_verdict(check, t);

		if (v == SELFCHECK_NOT_OK || (v == SELFCHECK_OK && all == SELFCHECK_SKIPPED))
			all = v;
	}
	return all;
}
