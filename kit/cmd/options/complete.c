/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "kit/cmd/commands.h"
#include "kit/cmd/options/complete.h"

static void offer(FILE *out, const char *typed, const char *before, const char *word,
		  const char *summary)
{
	if (!strncmp(typed, word, strlen(typed)))
		fprintf(out, "%s%s\t%s\n", before, word, summary);
}

static void offer_commands(FILE *out, const char *typed)
{
	for (size_t i = 0; commands[i]; i++)
		offer(out, typed, "", commands[i]->name, commands[i]->summary);
}

/* before: what precedes the value in the same word, "--suite=". */
static void offer_values(FILE *out, const struct option_row *row, const char *typed,
			 const char *before)
{
	static const char *const paths[] = {"DIR", "FILE", "LAB-RUN", "VERSION|FILE"};

	for (size_t i = 0; row->values && row->values(i); i++)
		offer(out, typed, before, row->values(i), "");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (!strcmp(row->arg, paths[i]))
			fputs(COMPLETE_FILES "\n", out);
}

/* Offers options, with about the first sentence of their help: a menu line has no room for more. */
static void offer_options(FILE *out, const struct command *command, const char *typed)
{
	const struct option_row *row;
	char dashed[64], summary[64];

	for (size_t i = 0; (row = options_at(command, i)); i++) {
		if (row->hidden)
			continue;
		snprintf(dashed, sizeof(dashed), "--%s", row->name);
		snprintf(summary, sizeof(summary), "%.*s", (int)strcspn(row->help, ";:,(."),
			 row->help);
		offer(out, typed, "", dashed, summary);
	}
	offer(out, typed, "", "--help", "everything about this command");
}

static const struct option_row *valued(const struct command *command, const char *word, size_t len)
{
	const struct option_row *row;

	if (len == 2 && word[0] == '-' && word[1] != '-') {
		for (size_t i = 0; (row = options_at(command, i)); i++)
			if (row->letter == word[1])
				return row->arg ? row : NULL;
		return NULL;
	}
	if (len < 3 || strncmp(word, "--", 2) != 0)
		return NULL;
	row = options_find(command, word + 2, len - 2);
	return row && row->arg ? row : NULL;
}

void complete_words(int n, char *const *words, FILE *out)
{
	const struct command *command = n > 1 ? commands_find(words[0]) : NULL;
	const char *typed = n > 0 ? words[n - 1] : "", *equals = strchr(typed, '=');
	const struct option_row *row;
	char before[64];

	if (n <= 1 || !strcmp(words[0], "help")) {
		offer_commands(out, typed);
		if (n <= 1)
			offer(out, typed, "", "help", "of a command");
		return;
	}
	if (!command)
		return;
	if (equals && (row = valued(command, typed, (size_t)(equals - typed)))) {
		snprintf(before, sizeof(before), "--%s=", row->name);
		offer_values(out, row, equals + 1, before);
		return;
	}
	row = n > 2 ? valued(command, words[n - 2], strlen(words[n - 2])) : NULL;
	if (row && !row->optional)
		offer_values(out, row, typed, "");
	else if (*typed != '-' && command->list.names)
		fputs(COMPLETE_FILES "\n", out);
	else
		offer_options(out, command, typed);
}
