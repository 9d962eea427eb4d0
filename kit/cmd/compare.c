/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/cmd/fleet/stored.h"
#include "kit/cmd/options/choices.h"
#include "kit/cmd/options/judging.h"
#include "kit/cmd/options/showing.h"
#include "reports/answer/answers.h"
#include "reports/judge/fleet/fleet_compare.h"
#include "reports/judge/fleet/fleet_series.h"
#include "reports/show/verdict/diff_print.h"

#define RUNS_MOST 32

/* The runs of one side. */
struct side {
	struct record *records[RUNS_MOST];
	size_t n;
};

#define FOLDERS_MOST 32

/* each is one path or several, separated by commas; with --series a folder */
static const char *paths[FOLDERS_MOST];
static size_t n_paths;
static double margin = 0.05;
static bool gated, markdown;
static unsigned int along;

static const char *take_margin(const char *value)
{
	char *end;

	margin = strtod(value, &end) / 100;
	if (*end == '%')
		end++;
	gated = true;
	return end == value || *end || !(margin >= 0) || margin > 100
		       ? "must be a percentage from 0 to 10000"
		       : NULL;
}

static const char *variant, *db = STORED_DB;
static bool of_store;

enum along { ALONG_NOTHING, ALONG_KERNELS, ALONG_DAYS };

static const char *along_word(size_t i)
{
	static const char *const words[] = {"none", "kernel", "day"};

	return i < sizeof(words) / sizeof(*words) ? words[i] : NULL;
}

static const struct option_row options[] = {
	{"fail-above", "exit 3 when a result is proven dearer by more than that, e.g. 5%",
	 "PERCENT", .take = take_margin},
	{"series",
	 "where did it change along kernels or days? Operands are then folders that hold records "
	 "at any depth; none (default): two sides",
	 "AXIS", .choice = &along, .values = along_word},
	{"store",
	 "of the records in a database: operands are filters, as of store query; without --series "
	 "two lists with commas",
	 .flag = &of_store},
	{"db", STORED_HELP, "URL", .text = &db},
	{"variant", "with --series and --store: only these, e.g. 'tracepoint_*'", "GLOB",
	 .text = &variant, .values = choice_variant},
	{"markdown", "Markdown instead of a terminal's table", .flag = &markdown},
	{0}};

/* Reads the records of one side. A path that exists as given is not split at its commas. */
static int read_side(const char *list, struct side *side, struct error *why)
{
	char *copy = access(list, F_OK) == 0 ? NULL : strdup(list), *rest = copy;
	const char *path = copy ? strsep(&rest, ",") : list;
	int err = 0;

	for (; path && !err; path = copy ? strsep(&rest, ",") : NULL) {
		if (side->n == RUNS_MOST) {
			err = error_set(why, -E2BIG, "more than %d runs on one side", RUNS_MOST);
		} else {
			judging_hint(path);
			err = record_read(path, &side->records[side->n], why);
			side->n += !err;
		}
	}
	free(copy);
	return err;
}

static void free_side(struct side *side)
{
	for (size_t i = 0; i < side->n; i++)
		record_free(side->records[i]);
}

static int show(const struct diff *diff)
{
	struct answer *answer;
	int err;

	if (showing_full() || markdown)
		return diff_print(diff, markdown ? RENDER_MARKDOWN : RENDER_TEXT, stdout);
	err = answer_of_diff(diff, &answer);
	return err ? err : showing_answer(answer);
}

static int compare(const struct side *side, struct error *why)
{
	struct diff_side a = {(const struct record *const *)side[0].records, side[0].n};
	struct diff_side b = {(const struct record *const *)side[1].records, side[1].n};
	struct diff diff;
	int err = diff_sides(&a, &b, margin, &diff, why), code;

	if (err)
		return EXIT_FAILED;
	diff.gated = gated;
	err = show(&diff);
	code = gated && diff.past_gate ? EXIT_GATE : EXIT_DONE;
	diff_free(&diff);
	return cli_rendered(err, why) ? EXIT_FAILED : code;
}

static int show_series(const char *const *folders, size_t n, struct error *why)
{
	bool kernels = along == ALONG_KERNELS;
	struct fleet_series series;
	struct answer *answer;
	int err = fleet_series(folders, n, kernels ? SERIES_KERNEL : SERIES_DAY, variant, &series,
			       why);

	if (!err) {
		err = answer_of_series(&series, kernels, n == 1 ? folders[0] : NULL, &answer);
		err = cli_rendered(err ? err : showing_answer(answer), why);
	}
	fleet_series_free(&series);
	return err;
}

static int run_series(void)
{
	struct stored stored = {NULL, 0};
	struct error why = {0};
	int err;

	if (gated || markdown || (showing_json() && showing_full()))
		return options_wrong("--series: without --fail-above and --markdown, and --json "
				     "without --full");
	if (!of_store && !n_paths)
		return options_wrong("which folders of records?");
	if (of_store) {
		err = stored_find(db, paths, n_paths, &stored, &why);
		if (!err)
			err = show_series((const char *const *)stored.folders, stored.n, &why);
	} else {
		err = show_series(paths, n_paths, &why);
	}
	stored_free(&stored);
	if (err)
		cli_say("%s", why.text);
	return err ? EXIT_FAILED : EXIT_DONE;
}

/* "kernel=6.1,cpu~EPYC": the filters of one side. */
static int find_side(const char *list, struct stored *out, struct error *why)
{
	char *copy = strdup(list), *rest = copy;
	const char *filters[RUNS_MOST], *word;
	size_t n = 0;
	int err;

	*out = (struct stored){NULL, 0};
	if (!copy)
		return error_set(why, -ENOMEM, "out of memory");
	while ((word = strsep(&rest, ",")) && n < RUNS_MOST)
		filters[n++] = word;
	err = word ? error_set(why, -EINVAL, "more than %d filters on one side", RUNS_MOST)
		   : stored_find(db, filters, n, out, why);
	if (err == -ENOENT)
		error_add(why, " (%s)", list);
	free(copy);
	return err;
}

static int show_stored(const struct stored *side, struct error *why)
{
	struct fleet_comparison comparison;
	struct answer *answer;
	int err = fleet_compare((const char *const *)side[0].folders, side[0].n,
				(const char *const *)side[1].folders, side[1].n, variant,
				&comparison, why);

	if (!err) {
		err = answer_of_fleet_diff(&comparison, &answer);
		err = cli_rendered(err ? err : showing_answer(answer), why);
	}
	fleet_comparison_free(&comparison);
	return err;
}

/* Two sides of a database. */
static int run_stored(void)
{
	struct stored side[2] = {{NULL, 0}, {NULL, 0}};
	struct error why = {0};
	int err = 0;

	if (n_paths != 2)
		return options_wrong("--store takes two sides, each a list of filters: "
				     "'kernel=6.1' 'kernel=6.12,cpu~EPYC'");
	if (gated || markdown || (showing_json() && showing_full()))
		return options_wrong("--store: without --fail-above and --markdown, and --json "
				     "without --full");
	for (size_t i = 0; i < 2 && !err; i++)
		err = find_side(paths[i], &side[i], &why);
	if (!err)
		err = show_stored(side, &why);
	stored_free(&side[0]);
	stored_free(&side[1]);
	if (err)
		cli_say("%s", why.text);
	return err == -EINVAL ? EXIT_WRONG_USAGE : err ? EXIT_FAILED : EXIT_DONE;
}

static int run(void)
{
	struct side side[2] = {{.n = 0}, {.n = 0}};
	int code = EXIT_FAILED, err = 0;
	struct error why = {0};

	if (along != ALONG_NOTHING)
		return run_series();
	if (of_store)
		return run_stored();
	if (n_paths < 2)
		return options_wrong("which two records? (folders of runs, or their record.json)");
	if (n_paths > 2)
		return options_wrong("two sides, no more: several runs of one thing have commas "
				     "between them (A1,A2 B1,B2)");
	if (variant)
		return options_wrong("--variant belongs to --series and --store");
	if (showing_json() && (showing_full() || markdown))
		return options_wrong("--json is the answer: without --full and --markdown");
	for (size_t i = 0; i < 2 && !err; i++)
		err = read_side(paths[i], &side[i], &why);
	if (!err)
		code = compare(side, &why);
	if (code == EXIT_FAILED)
		cli_say("%s", why.text);
	free_side(&side[0]);
	free_side(&side[1]);
	return code;
}

const struct command cmd_compare = {
	.name = "compare",
	.summary = "what changed from one record to another, result by result",
	.about = "Result by result, what changed from record A to record B: same, slower, faster "
		 "or undecided.",
	.more = "A percentage is of A. Results pair by variant, syscall, wakeup policy and cache "
		"state. Of exact records (bpftoll lab) every difference counts; of others only "
		"what stands at 5 % over all pairs together. With one run a side that covers these "
		"two runs; with several (commas between them) their scatter counts, and the gate "
		"covers the next run as well.",
	.examples =
		"  bpftoll compare before after\n"
		"  bpftoll compare before1,before2,before3 after1,after2,after3 --fail-above 5%\n"
		"  bpftoll compare --store kernel=6.1 kernel=6.12\n"
		"  bpftoll compare --series kernel --variant 'kprobe_*' CAMPAIGN",
	.groups = (const struct option_group[]){{NULL, options},
						{"What is shown:", showing_rows},
						{0}},
	.operands = "A[,A2...] B[,B2...] | --store FILTERS FILTERS | --series=AXIS FOLDER...",
	.list = {paths, &n_paths, FOLDERS_MOST},
	.run = run,
};
