/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/error.h"
#include "tests/unit/reports/example_rows.h"

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/bpftoll-record-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char name[128];

	(void)state;
	snprintf(name, sizeof(name), "%s/record.json", dir);
	unlink(name);
	return rmdir(dir);
}

static char *example_text(void)
{
	struct record *rec = example_record();
	json_t *json = record_to_json(rec);
	char *text = json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(15));

	assert_non_null(text);
	json_decref(json);
	record_free(rec);
	return text;
}

/* The example, with the first occurrence of `from` (after `after`) replaced. */
static char *damaged(const char *after, const char *from, const char *to)
{
	char *text = example_text(), *at = strstr(text, after), *out;

	assert_non_null(at);
	at = strstr(at, from);
	assert_non_null(at);
	assert_true(asprintf(&out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
	free(text);
	return out;
}

static void refused(const char *text, const char *words)
{
	struct record *rec;
	struct error why = {0};

	assert_int_equal(record_parse(text, strlen(text), "record.json", &rec, &why), -EINVAL);
	assert_null(rec);
	if (!strstr(why.text, words))
		fail_msg("\"%s\" does not say \"%s\"", why.text, words);
	assert_memory_equal(why.text, "record.json: ", 13);
}

static void refused_damage(const char *after, const char *from, const char *to, const char *words)
{
	char *text = damaged(after, from, to);

	refused(text, words);
	free(text);
}

static void same_effect(struct effect a, struct effect b)
{
	assert_float_equal(a.value, b.value, 1e-9);
	assert_float_equal(a.lo, b.lo, 1e-9);
	assert_float_equal(a.hi, b.hi, 1e-9);
}

static void test_round_trip(void **state)
{
	struct record *rec = example_record(), *back = NULL;
	const struct record_result *result;
	struct error why = {0};

	(void)state;
	assert_int_equal(record_write(rec, dir, &why), 0);
	assert_int_equal(record_read(dir, &back, &why), 0);
	assert_string_equal(back->created, rec->created);
	assert_int_equal(back->n_argv, 3);
	assert_string_equal(back->argv[2], "--suite=quick");
	assert_true(back->seed == rec->seed);
	assert_false(back->partial);
	assert_string_equal(back->host.kernel, rec->host.kernel);
	assert_null(back->host.mitigations);
	assert_float_equal(back->host.tsc_hz, 2450000123.5, 1e-6);
	assert_int_equal(back->placement.measure_cpu, 1);
	assert_string_equal(back->warnings[0], "steal time: 1.4 %");
	assert_true(isnan(back->floor.p50));
	assert_int_equal(back->n_results, rec->n_results);

	result = back->results[2];
	assert_string_equal(result->id, "raw_tp_empty/munmap_einval/-/hot");
	assert_ptr_equal(record_find_result(back, result->id), result);
	same_effect(result->overhead.typical, rec->results[2]->overhead.typical);
	same_effect(result->overhead.p999, rec->results[2]->overhead.p999);
	same_effect(result->p99_bound, rec->results[2]->p99_bound);
	same_effect(result->p99_least, rec->results[2]->p99_least);
	assert_float_equal(result->config.max, rec->results[2]->config.max, 1e-9);
	assert_int_equal(result->n_counters, 2);
	assert_string_equal(result->counters[1].reason, "no PMU here");
	assert_false(result->events.present);
	assert_true(result->program.present);
	assert_int_equal(result->program.jited_bytes, 218);
	assert_false(back->results[0]->program.present);
	assert_string_equal(result->samples, rec->results[2]->samples);
	assert_true(back->results[6]->events.present);
	assert_int_equal(back->results[6]->events.lost, 1000);
	assert_int_equal(back->results[9]->status, RESULT_SKIPPED);
	assert_true(isnan(back->results[9]->overhead.mean.lo));
	record_free(back);
	record_free(rec);
}

static void test_bytes_that_are_no_text(void **state)
{
	struct record *rec = example_record(), *back = NULL;
	struct error why = {0};

	(void)state;
	rec->host.cmdline = strdup("quiet\xff\xc0");
	rec->results[0]->config.max = INFINITY;
	assert_int_equal(record_write(rec, dir, &why), 0);
	assert_int_equal(record_read(dir, &back, &why), 0);
	assert_string_equal(back->host.cmdline, "quiet??");
	assert_true(isnan(back->results[0]->config.max));
	record_free(back);
	record_free(rec);
}

/* A member that was added later may be missing in an older record, and no other member may. */
/* What older records lack is unknown: a spread, modes, the processes behind an interval. */
static void test_loads(void **state)
{
	static const char *const keys[] = {"\"spread\"", "\"modes\"", "\"workers\"",
					   "\"interval_over\""};
	char *text = example_text();
	struct error why = {0};
	struct record *rec;

	(void)state;
	assert_int_equal(record_parse(text, strlen(text), "record.json", &rec, &why), 0);
	assert_float_equal(rec->results[2]->spread.p10, 22, 0);
	assert_float_equal(rec->results[2]->spread.p90, 61, 0);
	assert_int_equal(rec->results[2]->spread.loads, 20);
	assert_int_equal(rec->results[2]->n_modes, 2);
	assert_float_equal(rec->results[2]->modes[1].value, 60, 0);
	assert_float_equal(rec->results[2]->modes[1].share, 0.4, 1e-12);
	assert_int_equal(rec->results[2]->workers, 8);
	assert_string_equal(rec->results[2]->interval_over, "worker processes");
	assert_true(isnan(rec->results[0]->spread.p10));
	assert_null(rec->results[0]->interval_over);
	record_free(rec);
	/* the same text with each key renamed is like an older record */
	for (size_t i = 0; i < 4; i++) {
		for (char *at = text; (at = strstr(at, keys[i]));)
			at[1] = '_';
	}
	assert_int_equal(record_parse(text, strlen(text), "record.json", &rec, &why), 0);
	assert_true(isnan(rec->results[2]->spread.p10));
	assert_int_equal(rec->results[2]->n_modes, 0);
	assert_int_equal(rec->results[2]->workers, 0);
	assert_null(rec->results[2]->interval_over);
	record_free(rec);
	free(text);
}

static void test_older_records(void **state)
{
	char *text = damaged("raw_tp_empty/", "\"baseline\": {\n      \"value\"",
			     "\"other\": {\n      \"value\"");
	struct record *rec;
	struct error why = {0};

	(void)state;
	assert_int_equal(record_parse(text, strlen(text), "record.json", &rec, &why), 0);
	assert_true(isnan(rec->results[2]->counters[0].baseline.value));
	assert_null(rec->results[2]->counters[0].event);
	assert_false(isnan(rec->results[2]->counters[0].per_call.value));
	record_free(rec);
	free(text);
	refused_damage("raw_tp_empty/", "\"verified_insns\": 37", "\"verified_insns\": \"x\"",
		       "cells[2].program.verified_insns");
	refused_damage("raw_tp_empty/", "\"per_call\": {", "\"other\": {", "per_call: missing");
}

/*
 * A record from before wakeup policies had one meaning each, losses an exposure and breakpoints a
 * direction; and a present one.
 */
static void test_reader_and_exposure(void **state)
{
	struct record *rec = record_new(), *back;
	struct record_result *result =
		example_config(rec, "raw_tp", "perf", "munmap_einval", "sampled", 200);
	struct event_point *p =
		example_point(rec, "sweep", "raw_tp_perf", "caught_up", 1e4, 40000, 0);
	struct error why = {0};
	json_t *json, *row;
	char *text;

	(void)state;
	example_host(rec);
	result->censored = 7;
	result->reader.wake = strdup("every");
	result->reader.every = 64;
	result->reader.wait = strdup("edge");
	p->exposure_s = 10.1;
	p->buffer_fills = 18.5;
	p->exposure_produced = 101000;
	p->stalls_per_s = (struct effect){0, 0, 0.297};
	json = record_to_json(rec);
	text = json_dumps(json, 0);
	assert_int_equal(record_parse(text, strlen(text), "r", &back, &why), 0);
	assert_int_equal(back->results[0]->censored, 7);
	assert_string_equal(back->results[0]->reader.wake, "every");
	assert_int_equal(back->results[0]->reader.every, 64);
	assert_true(isnan(back->results[0]->reader.interval_ms));
	assert_int_equal(back->event_points[0].exposure_produced, 101000);
	assert_float_equal(back->event_points[0].stalls_per_s.hi, 0.297, 1e-12);
	record_free(back);
	free(text);
	json_object_del(json_array_get(json_object_get(json, "cells"), 0), "reader");
	json_object_del(json_array_get(json_object_get(json, "cells"), 0), "censored");
	row = json_array_get(json_object_get(json, "event_points"), 0);
	json_object_del(row, "reader");
	json_object_del(row, "exposure_s");
	json_object_del(row, "stalls");
	json_object_del(row, "stalls_per_s");
	text = json_dumps(json, 0);
	assert_int_equal(record_parse(text, strlen(text), "r", &back, &why), 0);
	assert_null(back->results[0]->reader.wake);
	assert_int_equal(back->results[0]->censored, 0);
	assert_true(isnan(back->event_points[0].exposure_s));
	assert_true(isnan(back->event_points[0].stalls_per_s.hi));
	record_free(back);
	free(text);
	json_decref(json);
	record_free(rec);
}

static void test_warning_once(void **state)
{
	struct record *rec = record_new();

	(void)state;
	assert_int_equal(record_add_warning(rec, "turbo is %s", "on"), 0);
	assert_int_equal(record_add_warning(rec, "turbo is %s", "on"), 0);
	assert_int_equal(record_add_warning(rec, "steal"), 0);
	assert_int_equal(rec->n_warnings, 2);
	record_free(rec);
	record_free(NULL);
}

static void test_names_the_fault(void **state)
{
	(void)state;
	refused("", "line 1, column 0");
	refused("[]", "not an object");
	refused("{}", "schema: missing");
	refused("{\"schema\": \"bpftoll/9\\u001b[2J\"}", "\"bpftoll/9?[2J\" is unknown");
	refused("{\"schema\": \"bpftoll/1\", \"schema\": \"bpftoll/1\"}", "line 1");
	refused_damage("raw_tp_empty/", "\"lo\": 30.6", "\"lo\": \"x\"",
		       "cells[2].overhead.typical.lo: not a number");
	refused_damage("raw_tp_empty/", "\"hi\": 31.5", "\"hi\": 3",
		       "cells[2].overhead.typical: lo is greater than hi");
	refused_damage("raw_tp_empty/", "\"hi\": 31.5", "\"hi\": null",
		       "cells[2].overhead.typical: an interval with one end");
	refused_damage("raw_tp_empty/", "\"rounds\": 20", "\"rounds\": 4294967296",
		       "cells[2].rounds: 4294967296 is out of range");
	refused_damage("raw_tp_empty/", "\"rounds\": 20", "\"rounds\": -1",
		       "cells[2].rounds: negative");
	refused_damage("raw_tp_empty/", "\"rounds\": 20", "\"rounds\": 2.5",
		       "cells[2].rounds: not a whole number");
	refused_damage("raw_tp_empty/", "\"n\": 10000,", "", "cells[2].n: missing");
	refused_damage("raw_tp_empty/", "\"measured\"", "\"guessed\"", "cells[2].status");
	refused_damage("raw_tp_empty/", "\"ns\"", "\"s\"", "cells[2].unit");
	refused_damage("raw_tp_empty/", "\"counters\": [", "\"counters\": 3, \"x\": [",
		       "cells[2].counters: not an array");
	refused_damage("raw_tp_empty/", "\"per_call\": {", "\"per_call\": 3, \"x\": {",
		       "cells[2].counters[0].per_call: not an object");
	refused_damage("raw_tp_empty/", "\"samples\": \"raw", "\"samples\": \"../raw",
		       "is not a plain file name");
	refused_damage("raw_tp_ringbuf/munmap_einval/caught_up", "\"lost\": 1000", "\"lost\": 999",
		       "cells[6].events: produced is not received + lost");
	refused_damage("\"variant\"", "\"none\"", "\"other\"",
		       "cells[0]: id \"none/munmap_einval/-/hot\" is not variant/");
	refused_damage("cells", "\"max\": 48221.0,\n   \"counters", "\"max\": 1,\n   \"counters",
		       "cells[0].max: differs");
	refused_damage("\"seed\"", "\"18446744073709551360\"", "\"99999999999999999999\"",
		       "seed: not a whole number");
	refused_damage("\"cpus\"", "\"cpus\": 2", "\"cpus\": true",
		       "host.cpus: not a whole number");
	refused_damage("\"host\"", "\"btf\": true", "\"btf\": 1",
		       "host.btf: neither true nor false");
}

static void test_too_many(void **state)
{
	size_t room = 400000, len;
	char *text = malloc(room);

	(void)state;
	assert_non_null(text);
	len = (size_t)snprintf(text, room,
			       "{\"schema\": \"bpftoll/1\", \"created\": null, \"argv\": [\"\"");
	while (len < 5000 * 4)
		len += (size_t)snprintf(text + len, room - len, ",\"\"");
	snprintf(text + len, room - len, "]}");
	refused(text, "argv: ");
	free(text);
}

/* Whatever is cut off or changed, the reader returns; what it accepts, it frees. */
static void test_truncated_and_flipped(void **state)
{
	char *text = example_text();
	size_t len = strlen(text);
	uint64_t random = 12345;
	struct record *rec;
	struct error why;

	(void)state;
	for (size_t n = 0; n < len; n += n < 200 ? 1 : 97)
		assert_int_equal(record_parse(text, n, "record.json", &rec, &why), -EINVAL);
	for (int i = 0; i < 400; i++) {
		size_t at;
		char was;

		random = random * 6364136223846793005ULL + 1442695040888963407ULL;
		at = (random >> 33) % len;
		was = text[at];
		text[at] = (char)(random >> 25);
		record_parse(text, len, "record.json", &rec, &why);
		record_free(rec);
		text[at] = was;
	}
	free(text);
}

static void test_files(void **state)
{
	struct record *rec;
	struct error why = {0};
	char name[128];

	(void)state;
	assert_int_equal(record_read("/nonexistent", &rec, &why), -ENOENT);
	assert_non_null(strstr(why.text, "/nonexistent"));
	assert_int_equal(record_read(dir, &rec, &why), -ENOENT);
	assert_non_null(strstr(why.text, "record.json"));
	snprintf(name, sizeof(name), "%s/record.json", dir);
	assert_int_equal(mkfifo(name, 0600), 0);
	assert_int_equal(record_read(dir, &rec, &why), -EINVAL);
	assert_non_null(strstr(why.text, "not a regular file"));
	assert_int_equal(record_read("/dev/zero", &rec, &why), -EINVAL);
}

static size_t files_in(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

/* A limit on the file's size acts as a full disk: write fails in the middle, without root. */
static void test_full_disk(void **state)
{
	struct record *rec = example_record(), *back = NULL;
	struct rlimit was, small;
	struct error why = {0};
	int err;

	(void)state;
	assert_int_equal(record_write(rec, dir, &why), 0);
	record_add_warning(rec, "a second reason");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small = (struct rlimit){1000, was.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	err = record_write(rec, dir, &why);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(err, -EFBIG);
	assert_non_null(strstr(why.text, "unchanged"));
	assert_int_equal(files_in(dir), 1);
	assert_int_equal(record_read(dir, &back, &why), 0);
	assert_int_equal(back->n_warnings, 1);
	record_free(back);
	record_free(rec);
}

static void test_mode_and_links(void **state)
{
	struct record *rec = example_record();
	char name[128], target[128];
	struct error why = {0};
	struct stat st;

	(void)state;
	snprintf(name, sizeof(name), "%s/record.json", dir);
	snprintf(target, sizeof(target), "%s/elsewhere", dir);
	umask(0);
	assert_int_equal(symlink(target, name), 0);
	assert_int_equal(record_write(rec, dir, &why), 0);
	assert_int_equal(lstat(name, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0644);
	assert_int_equal(access(target, F_OK), -1);
	assert_int_equal(record_write(rec, "/nonexistent", &why), -ENOENT);
	record_free(rec);
}

/* Seeds for tests/fuzz/fuzz_record.c, when asked for. */
static void test_corpus(void **state)
{
	const char *corpus = getenv("BPFTOLL_CORPUS");
	char *seeds[] = {example_text(), damaged("raw_tp_empty/", "\"lo\": 30.6", "\"lo\": null"),
			 strdup("{\"schema\": \"bpftoll/1\"}")};

	(void)state;
	for (size_t i = 0; i < sizeof(seeds) / sizeof(*seeds); i++) {
		char name[512];
		FILE *out;

		snprintf(name, sizeof(name), "%s/seed%zu.json", corpus ? corpus : dir, i);
		out = fopen(name, "we");
		assert_non_null(out);
		assert_true(fputs(seeds[i], out) >= 0);
		assert_int_equal(fclose(out), 0);
		if (!corpus)
			unlink(name);
		free(seeds[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_bytes_that_are_no_text, make_dir, remove_dir),
		cmocka_unit_test(test_loads),
		cmocka_unit_test(test_older_records),
		cmocka_unit_test(test_reader_and_exposure),
		cmocka_unit_test(test_warning_once),
		cmocka_unit_test(test_names_the_fault),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_truncated_and_flipped),
		cmocka_unit_test_setup_teardown(test_files, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_full_disk, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_mode_and_links, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_corpus, make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
