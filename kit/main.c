/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include "kit/cmd/cli.h"
#include "kit/commit.h"
#include "kit/cmd/nearest.h"
#include "kit/cmd/version.h"
#include "kit/probes/worker.h"

/* "bpftoll 0.2 (1a2b3c4)" */
#define VERSION "bpftoll " BPFTOLL_VERSION BPFTOLL_IN_BRACKETS

static const struct command commands[] = {
	{"run", cmd_run, "measure on this machine, and print the table"},
	{"list", cmd_list, "the variants, and what is possible here"},
	{"doctor", cmd_doctor, "what this machine can measure well, and what would mend the rest"},
	{"selfcheck", cmd_selfcheck, "prove the instrument on this machine, now"},
	{"report", cmd_report, "print a record again; -o: the report with verdict and pictures"},
	{"verdict", cmd_verdict, "may it ship? GREEN, YELLOW, RED or INCONCLUSIVE, from a record"},
	{"compare", cmd_compare, "what changed from one record to another, cell by cell"},
	{"export", cmd_export, "a record for other programs: CSV, OpenMetrics, folded stacks"},
	{"lab", cmd_lab, "exact instruction counts on other kernels, under QEMU"},
	{"restore", cmd_restore, "put back what a killed --isolate run had changed"},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *out)
{
	fputs("usage: bpftoll COMMAND [OPTION…]\n\n"
	      "What does an eBPF probe cost the code it watches, here, on this kernel?\n\n",
	      out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-9s  %s\n", commands[i].name, commands[i].summary);
	fputs("\nbpftoll COMMAND --help tells more. Results go to stdout, progress and warnings to "
	      "stderr.\n"
	      "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a gate said no, 4 nothing could be "
	      "measured,\n"
	      "130 stopped by a signal (finished cells are kept).\n",
	      out);
}

int main(int argc, char **argv)
{
	struct nearest near;
	char name[64];
	struct error why;

	argp_err_exit_status = EXIT_WRONG_USAGE;
	argp_program_version = VERSION;
	version_commit = BPFTOLL_COMMIT;
	if (argc < 2) {
		usage(stderr);
		return EXIT_WRONG_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		puts(VERSION);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], WORKER_COMMAND))
		return worker_main(argc - 1, argv + 1);
	cli_catch_signals();
	near = (struct nearest){.wrong = argv[1]};
	for (size_t i = 0; i < COMMANDS; i++) {
		if (!strcmp(argv[1], commands[i].name)) {
			/* argp names the program after argv[0] */
			snprintf(name, sizeof(name), "bpftoll %s", commands[i].name);
			argv[1] = name;
			return commands[i].run(argc - 1, argv + 1);
		}
		nearest_offer(&near, commands[i].name);
	}
	nearest_say(&near, "command", &why);
	cli_say("%s", why.text);
	return EXIT_WRONG_USAGE;
}
