/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the summary says of hooks, with planted costs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/reports/answer/answered.h"

static struct record *hooks(void)
{
	struct record *rec = record_new();

	example_host(rec);
	example_cost(rec, "raw_tp", "empty", "-", 20, 1);
	example_cost(rec, "raw_tp", "ringbuf", "idle", 100, 40);
	example_cost(rec, "tp_btf", "empty", "-", 20, 1);
	example_cost(rec, "tp_btf", "ringbuf", "idle", 105, 2);
	example_cost(rec, "tracepoint", "empty", "-", 20, 1);
	example_cost(rec, "tracepoint", "ringbuf", "idle", 120, 3);
	return rec;
}

/* The least value has a wide interval; the narrow one beside it is what shows the third dearer. */
static void a_hook_is_dearer_if_any_other_is_surely_cheaper(void **state)
{
	struct record *rec = hooks();
	char *text = answered(rec);

	(void)state;
	says_words(text, "cheapest for a ring buffer's event: raw_tp or tp_btf");
	says_not(text, "tp_btf or tracepoint");
	free(text);
	record_free(rec);
}

/* A figure that is withheld neither is the cheapest nor hides which is. */
static void a_withheld_figure_hides_nothing(void **state)
{
	struct record *rec = hooks();
	char *text;

	(void)state;
	for (size_t i = 0; i < rec->n_results; i++)
		if (!strcmp(rec->results[i]->hook, "tracepoint"))
			rec->results[i]->overhead.typical = (struct effect){NAN, NAN, NAN};
	example_cost(rec, "fentry", "ringbuf", "idle", 300, 3);
	text = answered(rec);
	says_words(text, "cheapest for a ring buffer's event: raw_tp or tp_btf");
	says_not(text, "or fentry");
	free(text);
	record_free(rec);
}

/* Costs of the interpreter are told as such, of a kernel and among several. */
static void interpreted_programs_are_named(void **state)
{
	struct record *rec = hooks(), *other = hooks();
	const struct record *both[] = {other, rec};
	const char *const labels[] = {"compiles", "interprets"};
	const struct answer_style style = {.width = 120};
	struct answer *a = NULL;
	char *text = answered(rec);
	size_t length;
	FILE *out;

	(void)state;
	says_not(text, "interpreted");
	free(text);
	rec->host.jit = false;
	text = answered(rec);
	says_words(text, "x86_64, BPF programs interpreted (no JIT)");
	free(text);
	assert_int_equal(answer_of_lab(both, labels, 2, NULL, &a), 0);
	out = open_memstream(&text, &length);
	assert_non_null(out);
	assert_int_equal(answer_print(a, &style, out), 0);
	fclose(out);
	says_words(text, "interprets: no BPF JIT: counts hold the interpreter's work");
	says_not(text, "compiles: no BPF JIT");
	free(text);
	answer_close(a);
	record_free(rec);
	record_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hook_is_dearer_if_any_other_is_surely_cheaper),
		cmocka_unit_test(a_withheld_figure_hides_nothing),
		cmocka_unit_test(interpreted_programs_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
