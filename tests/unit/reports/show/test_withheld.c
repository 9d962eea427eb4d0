/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/reports/example.h"
#include "tests/unit/reports/rendered.h"

/* Figures that are none: a mean that may be zero, the p99.9 of few calls. */
static void test_withheld(void **state)
{
	struct record *rec = record_new();
	struct record_result *base, *row;
	char *text;

	(void)state;
	example_host(rec);
	base = example_config(rec, "none", "baseline", "munmap_einval", "-", 0);
	row = example_config(rec, "raw_tp", "empty", "munmap_einval", "-", 100);
	row->overhead.mean = (struct effect){500, -400, 1400};
	row->overhead.p999 = (struct effect){777, NAN, NAN};
	base->config = base->baseline;
	text = rendered(rec, RENDER_TEXT);
	says(text, "not resolved");
	says(text, "p99.9 1208"); /* ten calls of 10,000 lie beyond */
	says_not(text, "777");
	says_not(text, "+500");
	free(text);
	base->n = 9999;
	text = rendered(rec, RENDER_TEXT);
	says(text, "p99.9 -, max");
	free(text);
	text = rendered(rec, RENDER_CSV);
	says(text, "777"); /* for programs everything */
	free(text);
	record_free(rec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_withheld),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
