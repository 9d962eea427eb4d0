/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/fleet/campaign_file.h"
#include "kit/fleet/drive.h"
#include "kit/fleet/remote.h"
#include "kit/fleet/slurm.h"
#include "kit/fleet/summary.h"

static struct {
	const char *nodes, *partition, *ssh, *time_limit, *output;
	unsigned int boots, repeat, local, patience;
	bool failed, stream;
	char **words; /* the verb, then what follows it */
} args = {.boots = 1, .repeat = 1, .patience = 600};

static const struct option_row where[] = {
	{"nodes", "machines as Slurm lists them, e.g. n[1-8],m2; each makes all runs", "LIST",
	 .text = &args.nodes},
	{"partition", "Slurm's partition; without --nodes all of its machines (default: Slurm's)",
	 "NAME", .text = &args.partition},
	{"stream",
	 "no folder is shared: srun brings this program (make static) there and records back",
	 .flag = &args.stream},
	{"ssh", "instead: machines that clush reaches by ssh, e.g. n[1-8],m2; no folder is shared",
	 "LIST", .text = &args.ssh},
	{"local", "instead: N runs on this machine, one after another, without Slurm", "N",
	 .number = &args.local, .least = 1, .most = 10000},
	{0}};

static const struct option_row how[] = {
	{"boots", "boots of each machine, with a reboot by scontrol between them (default 1)", "N",
	 .number = &args.boots, .least = 1, .most = 100},
	{"repeat", "runs of each boot (default 1)", "N", .number = &args.repeat, .least = 1,
	 .most = 1000},
	{"time", "time limit of each run's job, as sbatch has it (default: the partition's)",
	 "LIMIT", .text = &args.time_limit},
	{"patience",
	 "how long a machine may be silent, down or drained, or Slurm silent, before that is a "
	 "gap, e.g. 30s or 10m (default 10m)",
	 "TIME", .number = &args.patience, .per_second = 1, .least = 0, .most = 604800},
	{"failed", "with resume: make again what failed, not only what was lost",
	 .flag = &args.failed},
	{"output",
	 "the campaign's folder, which Slurm's machines must share, except with --stream "
	 "(default: reports/runs/TIME-fleet)",
	 "DIR", .letter = 'o', .text = &args.output},
	{0}};

static size_t count(char *const *words)
{
	size_t n = 0;

	while (words && words[n])
		n++;
	return n;
}

/* What each machine runs: a command that measures, with options. Returns 0 or an exit code. */
static int take_words(char **given, char ***argv, size_t *n)
{
	static char run[] = "run";
	static const char *const allowed[] = {"run", "measure", "lab"};
	bool named = *given && **given != '-', known = !named;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && named; i++)
		known = known || !strcmp(*given, allowed[i]);
	if (!known)
		return options_wrong("a campaign's machines can run, measure or lab, not '%s'",
				     *given);
	for (char **word = given; *word && strcmp(*word, "--") != 0; word++)
		if (!strncmp(*word, "-o", 2) || !strncmp(*word, "--o", 3))
			return options_wrong("%s: where a record goes is the campaign's matter: "
					     "-o before the --",
					     *word);
	*n = 0;
	*argv = calloc(count(given) + 2, sizeof(**argv));
	if (!*argv)
		return EXIT_FAILED;
	if (!named)
		(*argv)[(*n)++] = run;
	for (; *given; given++)
		(*argv)[(*n)++] = *given;
	return 0;
}

static int tell(struct campaign *campaign)
{
	size_t missing = summary_print(stdout, campaign), open = 0, lost = 0;

	for (size_t i = 0; i < campaign->n_tasks; i++) {
		open += campaign->tasks[i].state < TASK_DONE;
		lost += campaign->tasks[i].state == TASK_LOST;
	}
	if (open || missing)
		printf("\nNext      bpftoll fleet resume%s %s\n",
		       missing && !lost && !open ? " --failed" : "", campaign->dir);
	else
		printf("\nNext      bpftoll verdict --fleet %s; bpftoll store add %s\n",
		       campaign->dir, campaign->dir);
	return missing ? EXIT_FAILED : EXIT_DONE;
}

static int drive(struct campaign *campaign)
{
	struct error why = {0};
	int err = drive_run(campaign, args.patience, &why), code;

	if (err == -EINTR) {
		cli_say("stopped; %sbpftoll fleet resume %s goes on",
			campaign_is_elsewhere(campaign) ? "jobs elsewhere go on, and " : "",
			campaign->dir);
		return EXIT_STOPPED;
	}
	if (err) {
		cli_fail(EXIT_FAILED, &why);
		cli_say("bpftoll fleet resume %s goes on", campaign->dir);
	}
	code = tell(campaign);
	return err ? EXIT_FAILED : code;
}

static int check_engine(bool slurm, struct error *why)
{
	return slurm ? slurm_check(why) : remote_check(why);
}

static struct campaign *plan(char **argv, size_t n_argv, int *code)
{
	static char here[] = "local";
	char *local[] = {here}, **names = local;
	struct campaign *campaign = NULL;
	struct error why = {0};
	size_t n = 1;
	int err = 0;

	if (!args.local) {
		err = check_engine(!args.ssh, &why);
		if (!err && args.ssh)
			err = remote_machines(args.ssh, &names, &n, &why);
		else if (!err)
			err = slurm_machines(args.nodes, args.partition, &names, &n, &why);
		if (err == -ENOENT && names == local)
			*code = cli_fail(EXIT_NOTHING, &why);
		else if (err)
			*code = cli_fail(err == -ENOENT ? EXIT_WRONG_USAGE : EXIT_FAILED, &why);
	}
	if (!err && (double)n * args.boots * (args.local ? args.local : args.repeat) >
			    CAMPAIGN_TASKS_MOST) {
		err = -E2BIG;
		*code = options_wrong("more than %d runs", CAMPAIGN_TASKS_MOST);
	}
	if (!err)
		campaign = campaign_new((const char *const *)names, n, args.boots,
					args.local ? args.local : args.repeat, argv, n_argv);
	if (campaign) {
		campaign->slurm = !args.local && !args.ssh;
		campaign->stream = args.stream || args.ssh;
		campaign->partition = args.partition ? strdup(args.partition) : NULL;
		campaign->time_limit = args.time_limit ? strdup(args.time_limit) : NULL;
		err = campaign_settle(campaign, args.output, &why);
		if (!err)
			err = campaign_lock(campaign, &why);
		if (err) {
			*code = cli_fail(EXIT_FAILED, &why);
			campaign_free(campaign);
			campaign = NULL;
		}
	}
	for (size_t i = 0; names != local && i < n; i++)
		free(names[i]);
	if (names != local)
		free(names);
	return campaign;
}

static int fleet_run(char **given)
{
	struct campaign *campaign;
	char **argv = NULL;
	size_t n = 0;
	int code = EXIT_FAILED;

	if (args.local &&
	    (args.nodes || args.partition || args.time_limit || args.boots > 1 || args.repeat > 1))
		return options_wrong("--local N is N runs on this machine as it is: without "
				     "--nodes, --partition, --time, --boots and --repeat");
	if (args.ssh && (args.nodes || args.partition || args.time_limit || args.boots > 1))
		return options_wrong("--nodes, --partition, --time and --boots are Slurm's: not "
				     "with --ssh");
	if (args.local && (args.ssh || args.stream))
		return options_wrong("--local N is N runs on this machine: without --ssh and "
				     "--stream");
	if (args.failed)
		return options_wrong("--failed is for fleet resume");
	if (take_words(given, &argv, &n))
		return EXIT_WRONG_USAGE;
	campaign = plan(argv, n, &code);
	free(argv);
	if (!campaign)
		return code;
	cli_say("campaign %s: %zu runs", campaign->dir, campaign->n_tasks);
	code = drive(campaign);
	campaign_free(campaign);
	return code;
}

static int fleet_go_on(const char *dir, bool resume)
{
	struct campaign *campaign = NULL;
	struct error why = {0};
	int err = campaign_read(dir, &campaign, &why), code;

	if (!err && resume) {
		err = campaign_lock(campaign, &why);
		if (!err && campaign_is_elsewhere(campaign))
			err = check_engine(campaign->slurm, &why);
	}
	if (err) {
		campaign_free(campaign);
		return cli_fail(EXIT_FAILED, &why);
	}
	/* whoever has the lock keeps what came; where another has it, he does */
	if (!resume && campaign->stream)
		campaign_lock(campaign, &(struct error){0});
	if (drive_look(campaign, &why))
		cli_say("%s%s; this is what files say",
			campaign->stream ? "" : "Slurm does not answer: ", why.text);
	if (resume) {
		drive_again(campaign, args.failed);
		code = campaign_write(campaign, &why) ? cli_fail(EXIT_FAILED, &why)
						      : drive(campaign);
	} else {
		code = tell(campaign);
	}
	campaign_free(campaign);
	return code;
}

static int run(void)
{
	const char *verb = args.words && *args.words ? *args.words : NULL;
	size_t n = count(args.words);

	if (!verb)
		return options_wrong("run, status or resume?");
	if (!strcmp(verb, "run"))
		return fleet_run(args.words + 1);
	if (strcmp(verb, "status") != 0 && strcmp(verb, "resume") != 0)
		return options_wrong("run, status or resume, not '%s'", verb);
	if (n != 2)
		return options_wrong("which campaign's? (its folder, one)");
	return fleet_go_on(args.words[1], !strcmp(verb, "resume"));
}

const struct command cmd_fleet = {
	.name = "fleet",
	.summary = "the same measurement on many machines, by Slurm or clush",
	.about = "Makes the same runs on each machine through Slurm or clush (run), says where a "
		 "campaign is "
		 "(status), and goes on with one that was interrupted (resume).",
	.more = "Submits through sbatch, one array a machine and boot, --exclusive. Its folder "
		"must "
		"be one that the machines share; it gets a copy of this program, and each record "
		"as NODE/boot-B/run-R. A machine that fails, times out or is drained is a gap with "
		"its reason, and the others go on. Where no folder is shared (--stream, --ssh) "
		"the program goes there by srun or clush, and each record comes back by its "
		"output. Needs no root here; the jobs need what bpftoll run needs.",
	.examples = "  bpftoll fleet run --nodes 'n[1-8]' --repeat 3 -- --suite quick\n"
		    "  bpftoll fleet run --local 5 -o DIR -- --variant kprobe_empty\n"
		    "  bpftoll fleet run --partition lab -- lab --kernel 6.1\n"
		    "  bpftoll fleet run --ssh 'n[1-8]' -- --suite quick\n"
		    "  bpftoll fleet status DIR",
	.groups = (const struct option_group[]){{"Where:", where}, {"How:", how}, {0}},
	.operands = "run -- [COMMAND] OPTION...\nstatus DIR\nresume DIR",
	.rest = &args.words,
	.run = run,
};
