/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the events of probes report: in the record file and back, as a table by hook, and as the
 * report's finding.
 */
#define _GNU_SOURCE
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "reports/show/costs/data_table.h"
#include "reports/document/report.h"
#include "tests/unit/reports/example.h"
#include "tests/unit/reports/rendered.h"

#define ELEVEN "bytes_freed = 11 for a munmap of 4096 to 16384 bytes; that is the syscall's number"

static void give(struct record_result *result, const char *length, const char *ids,
		 const char *order, const char *note)
{
	result->data.length = length ? strdup(length) : NULL;
	result->data.pid = ids ? strdup(ids) : NULL;
	result->data.tgid = ids ? strdup(ids) : NULL;
	result->data.order = order ? strdup(order) : NULL;
	result->data.note = note ? strdup(note) : NULL;
}

/*
 * The kprobe under test reports wrong values; the corrected ones are right on two syscalls; a
 * tracepoint was not checked.
 */
static struct record *planted(void)
{
	struct record *rec = record_new();

	example_host(rec);
	give(example_config(rec, "kprobe", "as_written", "munmap_4k", "idle", 300), "wrong",
	     "wrong", "right", ELEVEN);
	give(example_config(rec, "kprobe", "as_written", "munmap_4k", "caught_up", 3000), "wrong",
	     "wrong", "right", ELEVEN);
	give(example_config(rec, "kprobe", "perf", "munmap_4k", "idle", 310), "right", "right",
	     "right", NULL);
	give(example_config(rec, "kprobe", "ringbuf", "madvise_free_4k", "idle", 200), "right",
	     "right", "right", NULL);
	example_config(rec, "tracepoint", "perf", "munmap_4k", "idle", 280);
	example_skip(rec, "fentry", "perf", "no trampoline here");
	return rec;
}

static struct record *written_and_read(struct record *rec)
{
	json_t *json = record_to_json(rec);
	char *text = json_dumps(json, JSON_INDENT(1));
	struct record *back = NULL;
	struct error why = {0};

	assert_int_equal(record_parse(text, strlen(text), "record.json", &back, &why), 0);
	free(text);
	json_decref(json);
	record_free(rec);
	return back;
}

static void it_is_kept(void **state)
{
	struct record *rec = written_and_read(planted());

	(void)state;
	assert_string_equal(rec->results[0]->data.length, "wrong");
	assert_string_equal(rec->results[0]->data.tgid, "wrong");
	assert_string_equal(rec->results[0]->data.order, "right");
	assert_string_equal(rec->results[0]->data.note, ELEVEN);
	assert_string_equal(rec->results[2]->data.pid, "right");
	assert_null(rec->results[2]->data.note);
	assert_null(rec->results[4]->data.length);
	record_free(rec);
}

/* Records from before this check lack that member. */
static void an_old_record_reads(void **state)
{
	struct record *rec = planted(), *back = NULL;
	json_t *json = record_to_json(rec), *result;
	char *text;
	struct error why = {0};
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(json, "cells"), i, result)
		json_object_del(result, "data");
	text = json_dumps(json, 0);
	assert_int_equal(record_parse(text, strlen(text), "record.json", &back, &why), 0);
	assert_null(back->results[0]->data.length);
	free(text);
	text = rendered(back, RENDER_TEXT);
	says_not(text, "What each probe reports");
	free(text);
	json_decref(json);
	record_free(rec);
	record_free(back);
}

static void a_row_for_what_says_the_same(void **state)
{
	struct record *rec = written_and_read(planted());
	char *text = rendered(rec, RENDER_TEXT);

	(void)state;
	says(text, "What each probe reports");
	says(text, "kprobe  as_written     munmap           wrong   wrong  wrong  right\n");
	says(text, "kprobe  perf, ringbuf  munmap, madvise  right   right  right  right\n");
	says(text, "reports         kprobe as_written: bytes_freed = 11 for a munmap");
	says_not(text, "tracepoint  perf  ");
	fits(text);
	free(text);
	text = rendered(rec, RENDER_CSV);
	says(text, "data_length,data_pid,data_tgid,data_order,data_note");
	says(text, "\"wrong\",\"wrong\",\"wrong\",\"right\",\"bytes_freed = 11");
	free(text);
	record_free(rec);
}

static void the_corrected_bodies_stand_for_the_hook(void **state)
{
	struct record *rec = planted();

	(void)state;
	assert_string_equal(data_of_hook(rec, "kprobe"), "right");
	assert_string_equal(data_of_hook(rec, "tracepoint"), "not checked");
	assert_string_equal(data_of_hook(rec, "fentry"), "not available");
	give(rec->results[4], "right", "wrong", "right", NULL);
	assert_string_equal(data_of_hook(rec, "tracepoint"), "wrong");
	record_free(rec);
}

static size_t findings(const struct record *rec, char **text)
{
	size_t len = 0, n;
	FILE *line = open_memstream(text, &len);

	assert_non_null(line);
	n = data_findings(rec, RENDER_TEXT, line);
	fclose(line);
	return n;
}

static void only_what_is_wrong_is_a_finding(void **state)
{
	struct record *rec = planted();
	char *text;

	(void)state;
	assert_int_equal(findings(rec, &text), 1);
	says(text, "kprobe as_written (the code of the probe under test) does not report what it "
		   "should: " ELEVEN ".");
	free(text);
	for (size_t i = 0; i < 2; i++) {
		free(rec->results[i]->data.length);
		free(rec->results[i]->data.pid);
		free(rec->results[i]->data.tgid);
		free(rec->results[i]->data.order);
		free(rec->results[i]->data.note);
		give(rec->results[i], "right", "right", "right", NULL);
	}
	assert_int_equal(findings(rec, &text), 0);
	assert_string_equal(text, "");
	free(text);
	record_free(rec);
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

/* The report's Markdown; frees the records. */
static char *markdown(struct record *run, struct record *lab)
{
	struct record_set e = {.n_runs = 1, .n_labs = 1};
	char dir[] = "/tmp/bpftoll-data-XXXXXX", out[64], work[64], *text = NULL;
	struct error why;
	struct report_done done;
	volatile sig_atomic_t stop = 0;
	struct budget budget;
	size_t room = 0;
	FILE *file;

	assert_non_null(mkdtemp(dir));
	snprintf(out, sizeof(out), "%s/report", dir);
	e.runs[0].record = run;
	e.runs[0].dir = strdup(dir);
	e.labs[0].record = lab;
	budget_default(&budget);
	snprintf(work, sizeof(work), "%s/work-XXXXXX", dir);
	assert_non_null(mkdtemp(work));
	assert_int_equal(report_write(&e, &budget, &(struct report_place){out, work, &stop, NULL},
				      &done, &why),
			 0);
	record_set_close(&e);
	file = fopen(done.md, "re");
	assert_non_null(file);
	assert_true(getdelim(&text, &room, '\0', file) > 0);
	fclose(file);
	nftw(dir, drop, 8, FTW_DEPTH | FTW_PHYS);
	return text;
}

/* The part before the decision matrix. */
static char *first_page(struct record *run, struct record *lab)
{
	char *text = markdown(run, lab), *end = strstr(text, "Decision matrix");

	assert_non_null(end);
	*end = '\0';
	return text;
}

/* Question 3, from this machine or else from a guest. */
static void the_hooks_have_the_column(void **state)
{
	struct record *run = example_record();
	char *text;

	(void)state;
	example_skip(run, "kprobe", "perf", "no kprobes here");
	text = markdown(run, planted());
	says(text, "| same data |");
	says(text, "| not available here; right in a guest with kernel 6.1.0-28-amd64 |");
	says(text, "| not checked |");
	free(text);
}

static void the_finding_stands_on_the_first_page(void **state)
{
	struct record *lab = record_new();
	char *text;

	(void)state;
	example_host(lab);
	text = first_page(planted(), lab);
	says(text, "**Wrong data.** The code as written");
	says(text, "bytes_freed = 11");
	says_not(text, "lab record");
	free(text);
	/* a run on a machine without kprobes: the finding comes from the lab's guest */
	text = first_page(example_record(), planted());
	says(text, "bytes_freed = 11");
	says(text, "(lab record L1)");
	free(text);
	lab = record_new();
	example_host(lab);
	text = first_page(example_record(), lab);
	says_not(text, "Wrong data");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_kept),
		cmocka_unit_test(an_old_record_reads),
		cmocka_unit_test(a_row_for_what_says_the_same),
		cmocka_unit_test(the_corrected_bodies_stand_for_the_hook),
		cmocka_unit_test(only_what_is_wrong_is_a_finding),
		cmocka_unit_test(the_finding_stands_on_the_first_page),
		cmocka_unit_test(the_hooks_have_the_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
