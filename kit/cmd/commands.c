/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/cmd/options/nearest.h"

const struct command *const commands[] = {
	&cmd_run,	  &cmd_measure, &cmd_list,    &cmd_doctor,  &cmd_selfcheck,
	&cmd_report,	  &cmd_verdict, &cmd_compare, &cmd_predict, &cmd_export,
	&cmd_lab,	  &cmd_fleet,	&cmd_restore, &cmd_recover, &cmd_store,
	&cmd_completions, NULL};

const struct command *commands_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

void commands_usage(FILE *out)
{
	fputs("Usage: bpftoll COMMAND [OPTION...]\n\n"
	      "What does an eBPF probe cost the code it watches, here, on this kernel?\n\n",
	      out);
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, "  %-11s  %s\n", commands[i]->name, commands[i]->summary);
	fputs("\nbpftoll help COMMAND tells more. Results go to stdout, progress and warnings to\n"
	      "stderr. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a gate said no (RED, a\n"
	      "regression, --strict), 4 nothing could be measured or decided, 130 stopped by a\n"
	      "signal (finished results are kept).\n",
	      out);
}

int commands_wrong(const char *word)
{
	const char *name = word + strspn(word, "-");
	struct nearest near = {.wrong = word};
	const struct option_row *row;
	struct error why;

	for (size_t i = 0; commands[i]; i++) {
		nearest_offer(&near, commands[i]->name);
		row = name > word ? options_find(commands[i], name, strcspn(name, "=")) : NULL;
		if (row && !row->hidden) {
			cli_say("the command comes first: bpftoll %s --%s%s%s", commands[i]->name,
				row->name, row->arg ? " " : "", row->arg ? row->arg : "");
			return EXIT_WRONG_USAGE;
		}
	}
	/* the word may be a value of an option of run: a suite, a variant */
	for (size_t i = 0; (row = options_at(&cmd_run, i)); i++)
		for (size_t k = 0; !row->hidden && row->values && row->values(k); k++)
			if (!strcmp(row->values(k), word)) {
				cli_say("no command '%s', but: bpftoll run --%s %s", word,
					row->name, word);
				return EXIT_WRONG_USAGE;
			}
	nearest_say(&near, "command", &why);
	return cli_fail(EXIT_WRONG_USAGE, &why);
}
