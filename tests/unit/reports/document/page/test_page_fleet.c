/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of a fleet: its rows and gaps, and nothing of a hostile record that acts as markup. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/document/page/page_fleet.h"
#include "reports/document/page/page_json.h"

#define EVIL "<script>alert(1)</script>\x1b[31m\xe2\x80\xae"

static void test_fleet(void **state)
{
	const struct effect unknown = {NAN, NAN, NAN};
	struct fleet_row rows[] = {
		{.type = "CPU A, 2 CPUs\nx86_64\nmitigations",
		 .kernel = "6.1",
		 .variant = (char[]){"kprobe_perf"},
		 .wakeup = (char[]){"caught_up"},
		 .cache = (char[]){"stirred"},
		 .under_test = true,
		 .machines = 3,
		 .boots = 6,
		 .runs = 6,
		 .seen = {[VERDICT_GREEN] = 5, [VERDICT_RED] = 1},
		 .by = {{FLEET_NEXT_MACHINE, {300, 200, 400}, VERDICT_GREEN, NULL, false},
			{FLEET_NEXT_MACHINE, {1, 0.5, 2}, VERDICT_INCONCLUSIVE, NULL, true},
			{FLEET_NOTHING, unknown, VERDICT_GREEN, "run by run", false}},
		 .verdict = VERDICT_INCONCLUSIVE},
		{.type = EVIL,
		 .kernel = EVIL,
		 .variant = (char[]){"raw_tp_perf"},
		 .wakeup = (char[]){"idle"},
		 .cache = (char[]){"stirred"},
		 .reason = (char[]){EVIL}},
	};
	struct fleet_gap gaps[] = {{(char[]){"lost/record.json"}, (char[]){EVIL}}};
	const struct fleet fleet = {.rows = rows, .n_rows = 2, .gaps = gaps, .n_gaps = 1};
	json_t *data = page_fleet_data(&fleet, "1.0"), *row, *criteria;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(data);
	assert_non_null(out);
	assert_int_equal(page_json_write(data, out), 0);
	fclose(out);
	assert_null(strchr(text, '<'));
	assert_null(strchr(text, '\x1b'));
	assert_null(strstr(text, "mitigations")); /* they part types, and are no name */
	row = json_array_get(json_object_get(json_object_get(data, "fleet"), "rows"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "result")), "INCONCLUSIVE");
	assert_string_equal(json_string_value(json_object_get(row, "wakeup")), "per-event");
	assert_true(json_is_true(json_object_get(row, "asked")));
	criteria = json_object_get(row, "criteria");
	assert_int_equal(json_array_size(criteria), CRITERIA);
	/* of CPU only a lower bound is known */
	assert_true(json_is_null(json_object_get(
		json_object_get(json_array_get(criteria, CRITERION_CPU), "measured"), "high")));
	row = json_array_get(json_object_get(json_object_get(data, "fleet"), "rows"), 1);
	assert_string_equal(json_string_value(json_object_get(row, "result")), "skipped");
	free(text);
	json_decref(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_fleet)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
