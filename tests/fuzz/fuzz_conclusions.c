/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzzes what is made of records that were accepted: verdict, predictions, comparison, gate, fleet,
 * report and page. The input is a list of records: a run, and what stands beside it. Which of the
 * uses it gets follows from its length.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "reports/answer/answers.h"
#include "reports/document/page/page_data.h"
#include "reports/document/report.h"
#include "reports/document/tools/tool.h"
#include "reports/export/export.h"
#include "reports/judge/diff.h"
#include "reports/judge/fleet/fleet.h"
#include "reports/judge/fleet/fleet_compare.h"
#include "reports/judge/fleet/fleet_series.h"
#include "reports/judge/gate/gate.h"
#include "reports/predict/predicted.h"
#include "reports/show/verdict/matrix.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/fuzz_json.h"

#define RECORDS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *nowhere;
static char dirs[RECORDS][128];

/* No tool is here: a process for each picture would be all that is measured. */
int tool_run(char *const argv[], const char *input, size_t len, const char *output,
	     struct error *why)
{
	(void)argv, (void)input, (void)len, (void)output;
	return error_set(why, -ENOENT, "no tool");
}

int tool_run_in(const char *dir, char *const argv[], const char *input, size_t len,
		const char *output, struct error *why)
{
	(void)dir;
	return tool_run(argv, input, len, output, why);
}

void tool_heed(const volatile sig_atomic_t *flag)
{
	(void)flag;
}

int tool_let_read(const char *folder)
{
	(void)folder;
	return 0;
}

/* Whatever is told can be printed on any screen, and as JSON. */
static void told(int err, struct answer *answer)
{
	const struct answer_style whole = {ANSWER_WIDE, true, true}, screen = {ANSWER_NARROW, 0, 0};

	if (err || answer_print(answer, &whole, nowhere) ||
	    answer_print(answer, &screen, nowhere) || answer_json(answer, nowhere))
		abort();
	answer_close(answer);
}

static void judged(const struct record_set *set)
{
	const struct verdict_scope scope = {NULL, NULL, NULL};
	struct answer *answer;
	struct verdicts v;
	struct budget budget;
	json_t *page;

	budget_default(&budget);
	if (!set->n_runs || verdict_judge(set, &budget, &scope, &v))
		return;
	told(answer_of_verdict(&v, &answer), answer);
	if (matrix_print(&v, RENDER_TEXT, nowhere) || matrix_print(&v, RENDER_MARKDOWN, nowhere))
		abort();
	page = page_data(set, &v, "");
	if (!page)
		abort();
	json_decref(page);
	verdict_free(&v);
}

static void predicted(const struct record_set *set)
{
	struct predicted p;
	struct answer *answer;

	if (!set->n_runs || predicted_open(set, NULL, false, &p))
		return;
	told(answer_of_run(set->runs[0].record, dirs[0], &p, &answer), answer);
	if (p.asked && !p.err) {
		told(answer_of_prediction(&p.of, NULL, true, &answer), answer);
		told(answer_of_validation(&p.of, &answer), answer);
	}
	predicted_close(&p);
}

static void compared(const struct record *a, const struct record *b)
{
	const struct gate_kernel before = {a, "a", NULL}, after = {b, "b", NULL};
	const struct gate_limit limit = {5, true};
	struct answer *answer;
	struct error why;
	struct diff diff;
	struct gate gate;

	if (!diff_sides(&(struct diff_side){&a, 1}, &(struct diff_side){&b, 1}, 0.05, &diff,
			&why)) {
		told(answer_of_diff(&diff, &answer), answer);
		diff_free(&diff);
	}
	if (!gate_sides(&(struct gate_side){&before, 1}, &(struct gate_side){&after, 1}, limit,
			&gate, &why)) {
		told(answer_of_gate(&gate, NULL, &answer), answer);
		gate_free(&gate);
	}
}

static void exported(const struct record *rec)
{
	static const char *const kinds[] = {"results",	   "slopes",	  "event_points",
					    "breakpoints", "app_results", "crosschecks"};
	struct answer *answer;

	told(answer_of_record(rec, "x", &answer), answer);
	if (export_openmetrics(rec, nowhere))
		abort();
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		int err = export_csv(rec, kinds[i], nowhere);

		if (err && err != -ENOENT)
			abort();
	}
}

static void fleets(void)
{
	const char *const all = fuzz_folder(), *const one = dirs[0], *const other = dirs[1];
	const struct verdict_scope scope = {NULL, NULL, NULL};
	struct fleet_comparison comparison;
	struct fleet_series series;
	struct answer *answer;
	struct budget budget;
	struct fleet fleet;
	struct error why;

	budget_default(&budget);
	if (!fleet_judge(&all, 1, &budget, &scope, &fleet, &why))
		told(answer_of_fleet(&fleet, all, &answer), answer);
	fleet_free(&fleet);
	if (!fleet_series(&all, 1, SERIES_DAY, NULL, &series, &why))
		told(answer_of_series(&series, false, all, &answer), answer);
	fleet_series_free(&series);
	if (!fleet_compare(&one, 1, &other, 1, NULL, &comparison, &why))
		told(answer_of_fleet_diff(&comparison, &answer), answer);
	fleet_comparison_free(&comparison);
}

static void reported(const struct record_set *set)
{
	static const volatile sig_atomic_t stop;
	struct report_done done;
	struct budget budget;
	struct error why;
	char to[128], work[128];

	if (!set->n_runs)
		return;
	snprintf(to, sizeof(to), "%s/report", fuzz_folder());
	snprintf(work, sizeof(work), "%s/work", fuzz_folder());
	budget_default(&budget);
	mkdir(work, 0700);
	if (report_write(set, &budget, &(struct report_place){to, work, &stop, NULL}, &done,
			 &why)) {
		fprintf(stderr, "no report: %s\n", why.text);
		abort();
	}
	scratch_remove(work);
	scratch_remove(to);
}

static void use(struct record_set *set, size_t which)
{
	const struct record *first = set->n_runs   ? set->runs[0].record
				     : set->n_labs ? set->labs[0].record
						   : NULL;
	const struct record *second = set->n_runs > 1		   ? set->runs[1].record
				      : set->n_runs && set->n_labs ? set->labs[0].record
								   : first;

	switch (which % 6) {
	case 0:
		judged(set);
		break;
	case 1:
		predicted(set);
		break;
	case 2:
		if (first)
			compared(first, second);
		break;
	case 3:
		if (first)
			exported(first);
		break;
	case 4:
		fleets();
		break;
	default:
		reported(set);
	}
}

/* Folders of records, with readings that all results may name. */
static void make_folders(void)
{
	uint32_t ticks[512];

	for (size_t i = 0; i < sizeof(ticks) / sizeof(*ticks); i++)
		ticks[i] = (uint32_t)(500 + i % 7 + (i % 64 ? 0 : 5000));
	for (size_t i = 0; i < RECORDS; i++) {
		char path[192];

		snprintf(dirs[i], sizeof(dirs[i]), "%s/%zu", fuzz_folder(), i);
		mkdir(dirs[i], 0700);
		snprintf(path, sizeof(path), "%s/samples", dirs[i]);
		mkdir(path, 0700);
		snprintf(path, sizeof(path), "%zu/samples/x.gz", i);
		fuzz_pack(path, (const uint8_t *)ticks, sizeof(ticks));
	}
}

/* Each record of the list in a folder of its own; how many there are. */
static size_t laid_out(const uint8_t *data, size_t size)
{
	static struct json_text list;
	size_t n = 0, end = 0;

	if (!json_scan(&list, data, size) || list.bytes[list.values[0].begin] != '[')
		return 0;
	for (size_t i = 1; i < list.n && n < RECORDS; i++) {
		const struct json_span *value = &list.values[i];
		char name[64];

		if (value->begin < end || value->end > list.values[0].end)
			continue;
		end = value->end;
		snprintf(name, sizeof(name), "%zu/record.json", n++);
		fuzz_file(name, data + value->begin, end - value->begin);
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_set set = {.n_runs = 0};
	struct error why;
	size_t n;

	if (!nowhere) {
		nowhere = fopen("/dev/null", "we");
		make_folders();
	}
	n = laid_out(data, size);
	for (size_t i = 0; i < n; i++)
		if (record_set_add_run(&set, dirs[i], &why) &&
		    record_set_add_lab(&set, dirs[i], &why))
			record_set_add_other(&set, dirs[i], &why);
	if (n && nowhere)
		use(&set, size);
	record_set_close(&set);
	for (size_t i = 0; i < n; i++) {
		char path[192];

		snprintf(path, sizeof(path), "%s/record.json", dirs[i]);
		unlink(path);
	}
	return 0;
}
