/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "calib/error.h"
#include "kit/cmd/fleet/stored.h"
#include "kit/fleet/campaign_gaps.h"
#include "kit/cmd/options/choices.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/cmd/options/judging.h"
#include "kit/cmd/options/policy_words.h"
#include "kit/cmd/options/showing.h"
#include "kit/system/folder.h"
#include "reports/answer/answers.h"
#include "reports/document/page/page_fleet.h"
#include "reports/judge/fleet/fleet.h"
#include "reports/show/verdict/matrix.h"

static struct verdict_scope scope;
static bool markdown, of_fleet, of_store;
static const char *db = STORED_DB;
static const char *page_dir;
static double boot_costs = FLEET_BOOT_COSTS;

static const struct option_row options[] = {
	{"syscall",
	 "whose p99 is judged; default: munmap_einval, the cheapest, which resolves a probe best",
	 "NAME", .text = &scope.workload, .values = choice_syscall},
	{"trigger", "", "NAME", .hidden = true, .text = &scope.workload},
	{"variant", "only these, e.g. 'tracepoint_*': the verdict is that of the worst of them",
	 "GLOB", .text = &scope.variant, .values = choice_variant},
	{"wakeup-policy",
	 "only this wakeup policy: the verdict is that of the worst of its configurations",
	 "POLICY", .text = &scope.wakeup, .values = policy_word, .translate = policy_state},
	{"drain", "", "STATE", .hidden = true, .text = &scope.wakeup},
	{"fleet",
	 "of many machines: each RUN is a record, or a folder with records at any depth; the "
	 "verdict holds for the next machine of each type",
	 .flag = &of_fleet},
	{"store",
	 "as --fleet, of the records in a database: operands are filters, as of store query",
	 .flag = &of_store},
	{"db", STORED_HELP, "URL", .text = &db},
	{"boot-costs", "with --fleet: what a boot costs beside its runs, in runs; default 5", "N",
	 .real = &boot_costs, .most = 10000},
	{"output", "with --fleet: its page as well, DIR/fleet.html", "DIR", .letter = 'o',
	 .text = &page_dir},
	{"markdown", "Markdown instead of a terminal's tables", .flag = &markdown},
	{0}};

static int exit_code(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_GREEN:
	case VERDICT_YELLOW:
		return EXIT_DONE;
	case VERDICT_INCONCLUSIVE:
		return EXIT_NOTHING;
	case VERDICT_RED:
		break;
	}
	return EXIT_GATE;
}

static int show(const struct verdicts *verdicts)
{
	struct answer *answer;
	int err;

	if (showing_full() || markdown)
		return matrix_print(verdicts, markdown ? RENDER_MARKDOWN : RENDER_TEXT, stdout);
	err = answer_of_verdict(verdicts, &answer);
	return err ? err : showing_answer(answer);
}

static int judge(const struct record_set *record_set, struct error *why)
{
	struct budget budget;
	struct verdicts verdicts;
	int err = judging_budget(&budget, why), code;

	if (err)
		return EXIT_FAILED;
	err = verdict_judge(record_set, &budget, &scope, &verdicts);
	if (!err)
		err = show(&verdicts);
	code = exit_code(verdict_asked(&verdicts));
	verdict_free(&verdicts);
	return cli_rendered(err, why) ? EXIT_FAILED : code;
}

static int write_page(const struct fleet *fleet, struct error *why)
{
	int err = folder_make(page_dir, 0755);

	if (err)
		return error_set(why, err, "%s: cannot make the folder: %s", page_dir,
				 strerror(-err));
	return page_fleet_write(fleet, page_dir, why);
}

/* Many machines; those types and kernels that were asked for must all pass. */
static int judge_fleet(const char *const *paths, size_t n, struct error *why)
{
	struct budget budget;
	struct fleet fleet;
	struct answer *answer;
	int err = judging_budget(&budget, why), code;

	if (err)
		return EXIT_FAILED;
	err = campaign_judge(paths, n, &budget, &scope, &fleet, why);
	fleet.boot_costs = boot_costs;
	code = exit_code(fleet.worst);
	if (!err && page_dir)
		err = write_page(&fleet, why);
	if (err) {
		fleet_free(&fleet);
		return EXIT_FAILED;
	}
	err = answer_of_fleet(&fleet, n == 1 ? paths[0] : NULL, &answer);
	if (!err)
		err = showing_answer(answer);
	fleet_free(&fleet);
	return cli_rendered(err, why) ? EXIT_FAILED : code;
}

/* The files of the records that pass. */
static int judge_stored(struct error *why)
{
	struct stored stored;
	int err = stored_find(db, judging_runs, judging_n_runs, &stored, why);
	int code = err == -EINVAL ? EXIT_WRONG_USAGE : EXIT_FAILED;

	if (!err)
		code = judge_fleet((const char *const *)stored.folders, stored.n, why);
	stored_free(&stored);
	return code;
}

static int run_fleet(void)
{
	struct error why = {0};
	int code;

	if (markdown || (showing_json() && showing_full()))
		return options_wrong(
			"many machines: without --markdown, and --json without --full");
	if (of_fleet && of_store)
		return options_wrong("--fleet or --store, not both");
	code = of_store ? judge_stored(&why) : judge_fleet(judging_runs, judging_n_runs, &why);
	if (*why.text)
		cli_say("%s", why.text);
	return code;
}

static int run(void)
{
	struct record_set record_set = {.n_runs = 0};
	int code = EXIT_FAILED;
	struct error why = {0};

	if (!of_store && !judging_n_runs)
		return options_wrong("which record? (a run's folder, or its record.json)");
	if (of_fleet || of_store)
		return run_fleet();
	if (page_dir)
		return options_wrong("-o belongs to --fleet and --store");
	if (showing_json() && (showing_full() || markdown))
		return options_wrong("--json is the answer: without --full and --markdown");
	if (!judging_record_set(&record_set, &why))
		code = judge(&record_set, &why);
	if (code == EXIT_FAILED)
		cli_say("%s", why.text);
	record_set_close(&record_set);
	return code;
}

const struct command cmd_verdict = {
	.name = "verdict",
	.summary = "may it ship? GREEN, YELLOW, RED or INCONCLUSIVE, from a record",
	.about = "GREEN, YELLOW, RED or INCONCLUSIVE, against a budget: for the probe under test, "
		 "and for each hook, program that sends events and wakeup policy that a record "
		 "holds.",
	.more = "Several runs of one machine are taken together (say, quick and events). GREEN: "
		"the whole interval is below the threshold; RED: all of it is above. The run's "
		"verdict is that of the probe under test (kprobe, perf buffer, each event wakes "
		"the reader), which alone can be GREEN: proceed. Where it is RED and another "
		"configuration passes, the verdict is YELLOW: proceed with changes. With --variant "
		"or --wakeup-policy it is that of the worst configuration asked for. Exit codes: 0 "
		"GREEN or YELLOW, 3 RED, 4 INCONCLUSIVE, of the probe under test as it stands (3 "
		"where a change would pass), or of the worst configuration asked for. With --fleet "
		"the same, of the worst machine type and kernel. Older names "
		"of options stay valid: "
		"--trigger, --drain.",
	.examples = "  bpftoll verdict RUN EVENTS-RUN\n"
		    "  bpftoll verdict --fleet CAMPAIGN\n"
		    "  bpftoll verdict --store kernel~6.1 since=30d\n"
		    "  bpftoll verdict --budget budget.json --variant 'raw_tp_*' RUN",
	.groups = (const struct option_group[]){{"Of what, and in which form:", options},
						{"What is shown:", showing_rows},
						{"What is judged:", judging_budget_rows},
						{NULL, judging_lab_rows},
						{0}},
	.operands = "RUN... | --store [FILTER...]",
	.list = {judging_runs, &judging_n_runs, RECORD_SET_MOST},
	.run = run,
};
