/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* qsort_r */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/sentence.h"
#include "reports/judge/costs/other_syscalls.h"
#include "reports/record/wakeup_name.h"

#define KERNELS_MAX  32
#define NAME_LEN     128
#define REASONS_TOLD 2

/* Rows that have the same counts on every kernel are one. */
struct lab_row {
	const struct record_result *like;
	char hooks[NAME_LEN], wakeups[NAME_LEN];
	double counts[KERNELS_MAX]; /* median; NAN: not measured */
};

struct lab_rows {
	const struct record *const *records;
	size_t n_records;
	const char *syscall; /* whose rows these are */
	struct lab_row *rows;
	size_t n;
};

static bool is_exact(const struct record_result *result)
{
	return result->overhead.p50.lo >= result->overhead.p50.hi;
}

static double count_of(const struct record *rec, const char *id)
{
	const struct record_result *result = record_find_result(rec, id);

	return result && result->status == RESULT_MEASURED ? result->overhead.p50.value : NAN;
}

static bool is_probe(const struct record_result *result)
{
	return strcmp(result->hook, "none") != 0 && strcmp(result->body, "aa") != 0 &&
	       strcmp(result->body, "bb") != 0;
}

static bool same_count(double a, double b)
{
	return (isnan(a) && isnan(b)) || !(fabs(a - b) > 0);
}

static bool same_counts(const struct lab_rows *t, const struct lab_row *a, const struct lab_row *b)
{
	bool known = false;

	for (size_t k = 0; k < t->n_records; k++) {
		if (!same_count(a->counts[k], b->counts[k]))
			return false;
		known = known || isfinite(a->counts[k]);
	}
	return known;
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)) != NULL; at += length)
		if ((at == list || at[-1] == ' ') && (at[length] == ',' || at[length] == '\0'))
			return true;
	return false;
}

static void add_word(char *list, const char *word)
{
	size_t used = strlen(list);

	if (!has_word(list, word))
		snprintf(list + used, NAME_LEN - used, "%s%s", used ? ", " : "", word);
}

/* The same words, whatever their order. */
static bool merges(const struct lab_rows *t, const struct lab_row *a, const struct lab_row *b,
		   bool by_hook)
{
	return strcmp(a->like->body, b->like->body) == 0 && same_counts(t, a, b) &&
	       (by_hook ? strcmp(a->wakeups, b->wakeups) == 0
			: strcmp(a->like->hook, b->like->hook) == 0);
}

/* First the wakeup policies of a hook, then hooks. */
static void merge(struct lab_rows *t, bool by_hook)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->n; i++) {
		size_t into = 0;

		while (into < kept && !merges(t, &t->rows[into], &t->rows[i], by_hook))
			into++;
		if (into == kept)
			t->rows[kept++] = t->rows[i];
		else if (by_hook)
			add_word(t->rows[into].hooks, t->rows[i].like->hook);
		else
			add_word(t->rows[into].wakeups, t->rows[i].wakeups);
	}
	t->n = kept;
}

static void add_row(struct lab_rows *t, const struct record_result *like)
{
	struct lab_row *row = &t->rows[t->n];
	bool known = false;

	*row = (struct lab_row){.like = like};
	snprintf(row->hooks, NAME_LEN, "%s", like->hook);
	if (strcmp(like->wakeup, "-") != 0)
		snprintf(row->wakeups, NAME_LEN, "%s", wakeup_name(like->wakeup).text);
	for (size_t k = 0; k < t->n_records; k++) {
		row->counts[k] = count_of(t->records[k], like->id);
		known = known || isfinite(row->counts[k]);
	}
	t->n += known;
}

static bool seen_before(const struct lab_rows *t, size_t record, const char *id)
{
	for (size_t r = 0; r < record; r++)
		if (record_find_result(t->records[r], id))
			return true;
	return false;
}

/* How much a program says to who chooses a hook: complete probes first, then what the hook itself
 * costs, then the steps between. */
static int rank(const struct lab_row *row)
{
	static const char *const order[] = {"ringbuf", "perf", "as_written", "empty"};

	for (int i = 0; i < (int)(sizeof(order) / sizeof(*order)); i++)
		if (strcmp(row->like->body, order[i]) == 0)
			return i;
	return (int)(sizeof(order) / sizeof(*order));
}

/* Its reader is not woken, which is the wakeup policy that every hook can be counted with. */
static bool unwoken(const struct lab_row *row)
{
	return !*row->wakeups || has_word(row->wakeups, "none");
}

/* The last kernel that has a count; 0: none has. */
static size_t last_kernel(const struct lab_row *row, size_t n)
{
	while (n > 1 && !isfinite(row->counts[n - 1]))
		n--;
	return n ? n - 1 : 0;
}

static int by_rank(const void *left, const void *right, void *records)
{
	size_t n = *(const size_t *)records;
	const struct lab_row *a = left, *b = right;
	int rank_a = rank(a), rank_b = rank(b);
	int body = strcmp(a->like->body, b->like->body);
	double x = a->counts[last_kernel(a, n)], y = b->counts[last_kernel(b, n)];

	if (unwoken(a) != unwoken(b))
		return unwoken(a) ? -1 : 1;
	if (rank_a != rank_b)
		return rank_a - rank_b;
	if (body)
		return body;
	return x < y ? -1 : x > y ? 1 : strcmp(a->like->id, b->like->id);
}

static int rows_open(struct lab_rows *t, const struct record *const *records, size_t n,
		     const char *syscall)
{
	size_t most = 1;

	*t = (struct lab_rows){records, n, syscall, NULL, 0};
	for (size_t r = 0; r < n; r++)
		most += records[r]->n_results;
	t->rows = calloc(most, sizeof(*t->rows));
	if (!t->rows)
		return -ENOMEM;
	for (size_t r = 0; r < n; r++)
		for (size_t i = 0; i < records[r]->n_results; i++) {
			const struct record_result *result = records[r]->results[i];

			if (is_probe(result) && strcmp(result->workload, syscall) == 0 &&
			    !seen_before(t, r, result->id))
				add_row(t, result);
		}
	merge(t, false);
	merge(t, true);
	qsort_r(t->rows, t->n, sizeof(*t->rows), by_rank, &t->n_records);
	return 0;
}

static int put_table(struct answer *a, const struct lab_rows *t, const char *const *labels,
		     bool with_heading)
{
	struct answer_column columns[3 + KERNELS_MAX] = {
		{"hook", "hook", ANSWER_WORDS, false},
		{"program", "program", ANSWER_WORDS, false},
		{"wakeup", "wakeup policy", ANSWER_WORDS, false},
	};
	char heading[NAME_LEN];

	for (size_t k = 0; k < t->n_records; k++)
		columns[3 + k] =
			(struct answer_column){labels[k], labels[k], ANSWER_INSTRUCTIONS, k > 0};
	snprintf(heading, sizeof(heading), "Added to one %s", t->syscall);
	answer_table(a, t->syscall, with_heading ? heading : NULL, columns, 3 + t->n_records);
	if (t->n && rank(t->rows) < 2)
		answer_note(a, "ringbuf, perf: a complete probe with that buffer; empty: the hook "
			       "alone");
	for (size_t i = 0; i < t->n; i++) {
		answer_row(a);
		answer_text(a, "%s", t->rows[i].hooks);
		answer_text(a, "%s", t->rows[i].like->body);
		answer_text(a, "%s", t->rows[i].wakeups);
		for (size_t k = 0; k < t->n_records; k++)
			if (isfinite(t->rows[i].counts[k]))
				answer_number(a, t->rows[i].counts[k]);
			else
				answer_absent(a, "-");
	}
	return 0;
}

/* ---- what it comes to ---- */

/* What every other syscall pays on the last kernel that has the hook; NAN: not counted. */
static double elsewhere(const struct record *const *records, size_t n, const char *hook)
{
	double worst = NAN;

	for (size_t r = n; r-- > 0 && isnan(worst);)
		for (size_t i = 0; i < records[r]->n_results; i++) {
			const struct record_result *result = records[r]->results[i];

			if (strcmp(result->hook, hook) == 0 &&
			    strcmp(result->workload, OTHER_SYSCALLS_CONTROL) == 0)
				worst = fmax(worst, count_of(records[r], result->id));
		}
	return worst;
}

/* The cheapest row of the first program in the table, and what its hooks cost elsewhere. */
static void put_cheapest(struct answer *a, const struct lab_rows *t, const char *const *labels)
{
	const struct lab_row *first = t->rows, *free_one = NULL;
	double price;
	char on[NAME_LEN] = "";

	if (!t->n || strcmp(t->syscall, OTHER_SYSCALLS_CONTROL) == 0)
		return;
	price = elsewhere(t->records, t->n_records, first->like->hook);
	if (t->n_records > 1)
		snprintf(on, sizeof(on), "on %s: ", labels[last_kernel(first, t->n_records)]);
	for (size_t i = 0; i < t->n && !free_one; i++)
		if (strcmp(t->rows[i].like->body, first->like->body) == 0 &&
		    unwoken(&t->rows[i]) == unwoken(first) &&
		    !(elsewhere(t->records, t->n_records, t->rows[i].like->hook) > 0))
			free_one = &t->rows[i];
	if (isnan(price))
		answer_line(a, "Cheapest", "%s%s, for program %s; other syscalls were not counted",
			    on, first->hooks, first->like->body);
	else if (price > 0 && free_one)
		answer_line(a, "Cheapest",
			    "%s%s, for program %s; but every other syscall pays up to %.0f. Of the "
			    "hooks that cost nothing elsewhere: %s",
			    on, first->hooks, first->like->body, price, free_one->hooks);
	else
		answer_line(a, "Cheapest", "%s%s, for program %s; it costs other syscalls %s", on,
			    first->hooks, first->like->body, price > 0 ? "as well" : "nothing");
}

static bool hook_before(const struct record *const *records, size_t record, size_t result)
{
	const char *hook = records[record]->results[result]->hook;

	for (size_t r = 0; r <= record; r++)
		for (size_t i = 0; i < (r == record ? result : records[r]->n_results); i++)
			if (strcmp(records[r]->results[i]->hook, hook) == 0)
				return true;
	return false;
}

/* "every other syscall (getppid) pays: tracepoint 107, raw_tp 140; the other hooks nothing" */
static int put_elsewhere(struct answer *a, const struct record *const *records, size_t n)
{
	const char *comma = "";
	size_t nothing = 0;
	struct sentence s;

	if (sentence_open(&s))
		return -ENOMEM;
	fputs("every other syscall (" OTHER_SYSCALLS_CONTROL ") pays up to: ", s.out);
	for (size_t r = 0; r < n; r++)
		for (size_t i = 0; i < records[r]->n_results; i++) {
			const struct record_result *result = records[r]->results[i];
			double price = elsewhere(records, n, result->hook);

			if (!is_probe(result) || hook_before(records, r, i))
				continue;
			nothing += !(price > 0) && !isnan(price);
			if (!(price > 0))
				continue;
			fprintf(s.out, "%s%s %.0f", comma, result->hook, price);
			comma = ", ";
		}
	if (nothing)
		fprintf(s.out, "%s%zu %shooks nothing", *comma ? "; " : "", nothing,
			*comma ? "other " : "");
	if (*comma || nothing)
		sentence_line(&s, a, "Elsewhere");
	else
		sentence_drop(&s);
	return 0;
}

/* How many results have this reason, and is it the first of them? */
static size_t alike(const struct record *const *records, size_t n, const char *reason)
{
	size_t count = 0;

	for (size_t r = 0; r < n; r++)
		for (size_t i = 0; i < records[r]->n_results; i++)
			count += records[r]->results[i]->status != RESULT_MEASURED &&
				 records[r]->results[i]->reason &&
				 strcmp(records[r]->results[i]->reason, reason) == 0;
	return count;
}

static bool reason_before(const struct record *const *records, size_t record, size_t result)
{
	const char *reason = records[record]->results[result]->reason;

	for (size_t r = 0; r <= record; r++)
		for (size_t i = 0; i < (r == record ? result : records[r]->n_results); i++)
			if (records[r]->results[i]->status != RESULT_MEASURED &&
			    records[r]->results[i]->reason &&
			    strcmp(records[r]->results[i]->reason, reason) == 0)
				return true;
	return false;
}

static void put_skipped(struct answer *a, const struct record *const *records, size_t n)
{
	size_t told = 0, more = 0;

	for (size_t r = 0; r < n; r++)
		for (size_t i = 0; i < records[r]->n_results; i++) {
			const struct record_result *result = records[r]->results[i];
			const char *bracket;

			if (result->status == RESULT_MEASURED || !result->reason ||
			    reason_before(records, r, i))
				continue;
			if (told++ >= REASONS_TOLD) {
				more++;
				continue;
			}
			bracket = strstr(result->reason, " (");
			answer_line(a, "Not counted", "%zu results: %.*s",
				    alike(records, n, result->reason),
				    bracket ? (int)(bracket - result->reason) : 200,
				    result->reason);
		}
	if (more)
		answer_line(a, "Not counted", "and more, for %zu other reason%s", more,
			    more == 1 ? "" : "s");
}

static void put_exact(struct answer *a, const struct record *const *records, size_t n)
{
	size_t measured = 0, exact = 0, probes = 0;

	for (size_t r = 0; r < n; r++)
		for (size_t i = 0; i < records[r]->n_results; i++) {
			const struct record_result *result = records[r]->results[i];

			probes += is_probe(result) && result->status == RESULT_MEASURED;
			if (result->status != RESULT_MEASURED || !result->baseline_id ||
			    isnan(result->overhead.p50.value))
				continue;
			measured++;
			exact += is_exact(result);
		}
	if (!probes)
		return;
	if (!measured) {
		answer_line(a, "Exact", "costs are withheld in this record");
		return;
	}
	answer_line(
		a, "Exact",
		exact == measured
			? "all %zu counts are the same in every round"
			: "%zu of %zu counts are the same in every round; medians of the others",
		exact, measured);
	answer_mark(a, exact == measured ? ANSWER_GOOD : ANSWER_UNSURE);
}

/* The first syscall that is not the control; if there is none, the control. */
static const char *next_syscall(const struct record *const *records, size_t n, const char *after)
{
	bool past = !after;

	for (size_t r = 0; r < n; r++)
		for (size_t i = 0; i < records[r]->n_results; i++) {
			const char *syscall = records[r]->results[i]->workload;

			if (strcmp(syscall, OTHER_SYSCALLS_CONTROL) == 0)
				continue;
			if (past && (!after || strcmp(syscall, after) != 0))
				return syscall;
			past = past || strcmp(syscall, after) == 0;
		}
	return after ? NULL : OTHER_SYSCALLS_CONTROL;
}

static int put_syscalls(struct answer *a, const struct record *const *records,
			const char *const *labels, size_t n)
{
	const char *syscall = next_syscall(records, n, NULL);
	const char *second = next_syscall(records, n, syscall);
	int err = 0;

	for (size_t i = 0; syscall && !err && i < 2; i++) {
		struct lab_rows t;

		err = rows_open(&t, records, n, syscall);
		if (!err) {
			put_table(a, &t, labels, second != NULL);
			if (i == 0)
				put_cheapest(a, &t, labels);
		}
		free(t.rows);
		syscall = i == 0 ? second : NULL;
	}
	return err;
}

static int fill(struct answer *a, const struct record *const *records, const char *const *labels,
		size_t n)
{
	const char *syscall = next_syscall(records, n, NULL);
	int err;

	answer_title(a, "Instructions added to one %s, median; exact counts, no times",
		     next_syscall(records, n, syscall) ? "call" : syscall);
	err = put_syscalls(a, records, labels, n);
	if (!err)
		err = put_elsewhere(a, records, n);
	put_skipped(a, records, n);
	answer_interpreted(a, records, labels, n);
	put_exact(a, records, n);
	return err;
}

void answer_lab(struct answer *a, const struct record *rec)
{
	const char *label = rec->host.kernel ? rec->host.kernel : "this kernel";

	fill(a, &rec, &label, 1);
	answer_line(a, "Next", "bpftoll lab --xray VARIANT (where one's instructions go)");
}

int answer_of_lab(const struct record *const *records, const char *const *labels, size_t n,
		  const char *where, struct answer **out)
{
	struct answer *a = answer_open("lab", where);
	int err;

	*out = a;
	if (!a)
		return -ENOMEM;
	err = fill(a, records, labels, n < KERNELS_MAX ? n : KERNELS_MAX);
	answer_line(a, "Next", "bpftoll lab --xray VARIANT (where one's instructions go)");
	if (n == 1)
		answer_where(a, where);
	else if (where)
		answer_line(a, "Record",
			    "%s, a folder a kernel (all of one: bpftoll report --full)", where);
	if (err) {
		answer_close(a);
		*out = NULL;
	}
	return err;
}
