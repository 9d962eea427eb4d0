/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "reports/answer/answers.h"
#include "reports/record/record_rows.h"

struct kind {
	const char *name;
	bool (*has)(const struct record *rec);
	void (*fill)(struct answer *a, const struct record *rec);
};

static bool has_slopes(const struct record *rec)
{
	return rec->n_slopes > 0;
}

static bool has_events(const struct record *rec)
{
	return rec->n_event_points > 0;
}

static bool has_apps(const struct record *rec)
{
	return rec->n_app_results > 0;
}

static bool has_crosschecks(const struct record *rec)
{
	return rec->n_crosschecks > 0;
}

static bool has_instruction_prices(const struct record *rec)
{
	return rec->n_instruction_prices > 0;
}

/* All results of a record have one unit. */
static bool has_counts(const struct record *rec)
{
	return rec->n_results > 0 && rec->results[0]->unit == UNIT_INSTRUCTIONS;
}

static bool always(const struct record *rec)
{
	(void)rec;
	return true;
}

/* The first that the record has; a record of costs has nothing else. */
static const struct kind kinds[] = {
	{"measure", answer_is_measure, answer_measure},
	{"events", has_events, answer_events},
	{"apps", has_apps, answer_apps},
	{"crosscheck", has_crosschecks, answer_crosscheck},
	{"helpers", has_slopes, answer_helpers},
	{"calibrate", has_instruction_prices, answer_calibrate},
	{"lab", has_counts, answer_lab},
	{"run", always, NULL}, /* answer_costs */
};

int answer_of_record(const struct record *rec, const char *where, struct answer **out)
{
	return answer_of_run(rec, where, NULL, out);
}

int answer_of_run(const struct record *rec, const char *where, const struct predicted *predicted,
		  struct answer **out)
{
	const struct kind *kind = kinds;

	while (!kind->has(rec))
		kind++;
	*out = answer_open(kind->name, where);
	if (!*out)
		return -ENOMEM;
	answer_host_title(*out, rec);
	if (rec->partial && record_is_orphan(where))
		answer_title(*out,
			     "The run was killed; all its complete rounds: bpftoll recover %s",
			     where);
	if (kind->fill)
		kind->fill(*out, rec);
	else
		answer_costs(*out, rec, predicted);
	answer_precision(*out, rec);
	answer_where(*out, where);
	return 0;
}
