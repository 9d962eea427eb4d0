/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page's document of a record set, for its tests. Included after cmocka.h. */
#ifndef BPFTOLL_TESTS_UNIT_REPORTS_DOCUMENT_PAGE_PAGE_DOCUMENT_H
#define BPFTOLL_TESTS_UNIT_REPORTS_DOCUMENT_PAGE_PAGE_DOCUMENT_H

#include <jansson.h>

#include "reports/document/page/page_data.h"

static inline json_t *document_of(const struct record_set *e)
{
	struct verdict_scope scope = {NULL, NULL, NULL};
	struct verdicts v;
	struct budget budget;
	json_t *data;

	budget_default(&budget);
	assert_int_equal(verdict_judge(e, &budget, &scope, &v), 0);
	data = page_data(e, &v, "1.2.3");
	assert_non_null(data);
	verdict_free(&v);
	return data;
}

static inline double number(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

#endif
