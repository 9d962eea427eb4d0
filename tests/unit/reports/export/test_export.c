/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "reports/export/export.h"
#include "reports/record/record_rows.h"
#include "tests/unit/reports/example.h"

static char *text;
static size_t len;

static FILE *begin(void)
{
	free(text);
	return open_memstream(&text, &len);
}

static size_t commas(const char *line)
{
	size_t n = 0;
	bool shown = false;

	for (; *line && *line != '\n'; line++) {
		shown ^= *line == '"';
		n += *line == ',' && !shown;
	}
	return n;
}

static void test_csv(void **state)
{
	static const char *const kinds[] = {"cells", "slopes",	    "event_points",
					    "knees", "app_results", "crosschecks"};
	struct record *rec = example_record();
	struct breakpoint *breakpoint = record_add_breakpoint(rec);

	(void)state;
	breakpoint->curve = strdup("a \"b\", c");
	breakpoint->quantity = strdup("=1+1");
	for (size_t i = 0; i < 6; i++) {
		FILE *out = begin();

		assert_int_equal(export_csv(rec, kinds[i], out), 0);
		fclose(out);
		for (char *line = text; *line; line = strchr(line, '\n') + 1)
			assert_int_equal(commas(line), commas(text));
		if (i == 0) {
			assert_non_null(
				strstr(text, "overhead_p99,overhead_p99_lo,overhead_p99_hi"));
			assert_non_null(strstr(text, "events_produced"));
		}
		if (i == 3)
			assert_non_null(strstr(text, "\"a \"\"b\"\", c\",\"'=1+1\""));
	}
	assert_int_equal(export_csv(rec, "rows", stdout), -ENOENT);
	record_free(rec);
}

static void test_openmetrics(void **state)
{
	struct record *rec = example_record();
	FILE *out = begin();

	(void)state;
	free(rec->host.cpu);
	rec->host.cpu = strdup("a\"b\\c\n# EOF\nx 1");
	assert_int_equal(export_openmetrics(rec, out), 0);
	fclose(out);
	assert_non_null(strstr(text, "# TYPE bpftoll_cell_overhead_p99 gauge\n"));
	assert_non_null(strstr(text, "cpu=\"a\\\"b\\\\c\\\\x0a# EOF\\\\x0ax 1\""));
	assert_non_null(strstr(text, "unit=\"ns\",bound=\"hi\"} "));
	/* what was skipped has no sample; the end of the list is recognised */
	assert_null(strstr(text, "kprobe_empty"));
	assert_string_equal(strstr(text, "# EOF\n# EOF") ? "" : text + len - 6, "# EOF\n");
	record_free(rec);
}

static void test_folded(void **state)
{
	char dir[] = "/tmp/bpftoll-export-XXXXXX", path[64];
	struct error why;
	FILE *out = begin(), *file;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/hit.folded", dir);
	assert_int_equal(export_folded(dir, out, &why), -ENOENT);
	assert_non_null(strstr(why.text, "--xray"));
	file = fopen(path, "we");
	fputs("a;b c 12\na 3\n", file);
	fclose(file);
	assert_int_equal(export_folded(dir, out, &why), 0);
	file = fopen(path, "we");
	fputs("a 3\na;\x1b[2J 3\n", file);
	fclose(file);
	assert_int_equal(export_folded(dir, out, &why), -EINVAL);
	assert_non_null(strstr(why.text, "line 2"));
	fclose(out);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_openmetrics),
		cmocka_unit_test(test_folded),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(text);
	return failed;
}
