/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* asprintf */
#include <argp.h>
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/options/nearest.h"
#include "kit/cmd/options/options.h"
#include "reports/record/text_stream.h"

#define ROWS_MOST 80
#define KEY_FIRST 256 /* argp takes smaller keys for letters */

/* The command being parsed: its rows in argp's order, and which of them were given. */
static const struct command *current;
static const struct option_row *rows[ROWS_MOST];
static char *dashed[ROWS_MOST]; /* "--name" of each row */
static bool given[ROWS_MOST];
static size_t n_rows;
static char **all_words;
static int n_words;

/* ---- values ---- */

/* How many units of the row a suffix stands for; -1: no such suffix. */
static double unit_of(const char *suffix, unsigned int per_second)
{
	static const struct {
		const char *suffix;
		double seconds;
	} units[] = {{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}};

	for (size_t i = 0; per_second && i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(suffix, units[i].suffix))
			return units[i].seconds * per_second;
	return *suffix ? -1 : 1;
}

/* argp_error with words that may quote an argument. */
__attribute__((format(printf, 2, 3))) static void stop(const struct argp_state *state,
						       const char *fmt, ...)
{
	char *text = NULL;
	size_t len;
	FILE *out = text_stream(&text, &len);
	va_list args;

	va_start(args, fmt);
	if (out) {
		cli_print(out, fmt, args);
		fclose(out);
	}
	va_end(args);
	argp_error(state, "%s", text ? text : "out of memory");
	free(text);
}

static void take_number(const struct option_row *row, const char *text,
			const struct argp_state *state)
{
	char *end;
	long value;
	double scaled;

	errno = 0;
	value = strtol(text, &end, 10);
	scaled = (double)value * unit_of(end, row->per_second);
	if (errno || end == text || value < 0 || scaled < (double)row->least ||
	    scaled > (double)row->most || scaled != (double)(long)scaled)
		stop(state, "--%s must be a whole number from %ld to %ld, not '%s'", row->name,
		     row->least, row->most, text);
	value = (long)scaled;
	if (row->number)
		*row->number = (unsigned int)value;
	else if (row->index)
		*row->index = (int)value;
	else if (row->large)
		*row->large = (unsigned long)value;
	else
		*row->real = (double)value;
}

static void add(const struct option_list *list, const char *word, const char *surplus,
		const struct argp_state *state)
{
	if (*list->n < list->most)
		list->names[(*list->n)++] = word;
	else if (surplus)
		stop(state, "%s", surplus);
	else
		stop(state, "'%s' is one too many: %zu at most", word, list->most);
}

/* The number of the value among the possible ones; if it is none, exits with the nearest ones. */
static unsigned int place_of(const struct option_row *row, const char *value,
			     const struct argp_state *state)
{
	struct nearest near = {.wrong = value};
	char what[64];
	struct error why;

	for (unsigned int i = 0; row->values(i); i++) {
		if (!strcmp(value, row->values(i)))
			return i;
		nearest_offer(&near, row->values(i));
	}
	snprintf(what, sizeof(what), "--%s", row->name);
	nearest_say(&near, what, &why);
	stop(state, "%s", why.text);
	return 0;
}

static void take(size_t i, const char *value, const struct argp_state *state)
{
	const struct option_row *row = rows[i];
	const char *fault;

	given[i] = true;
	if (row->translate) {
		const char *word = row->translate(value);

		value = word ? word : row->values(place_of(row, value, state));
	}
	if (row->flag)
		*row->flag = true;
	if (row->text)
		*row->text = value;
	if (row->choice)
		*row->choice = place_of(row, value, state);
	if (row->list.names)
		add(&row->list, value, NULL, state);
	if (row->words.names) {
		add(&row->words, dashed[i], NULL, state);
		add(&row->words, value, NULL, state);
	}
	if (row->number || row->index || row->large || row->real)
		take_number(row, value, state);
	fault = row->take ? row->take(value) : NULL;
	if (fault)
		stop(state, "--%s %s, not '%s'", row->name, fault, value);
}

/* ---- words that are no options ---- */

/*
 * A value such as "quick" alone may be meant for --suite; otherwise the option with the nearest
 * name is offered.
 */
static const char *wrong_word(const char *word)
{
	static struct error why;
	struct nearest near = {.wrong = word};

	for (size_t i = 0; i < n_rows; i++) {
		const struct option_row *row = rows[i];

		if (row->hidden)
			continue;
		for (size_t k = 0; row->values && row->values(k); k++)
			if (!strcmp(row->values(k), word)) {
				error_say(&why, "'%s' needs its option before it: %s %s", word,
					  dashed[i], word);
				return why.text;
			}
		nearest_offer(&near, dashed[i]);
	}
	if (near.n)
		nearest_say(&near, "option", &why);
	else
		error_say(&why, "'%s' is too much: %s takes no words", word, current->name);
	return why.text;
}

static int key_of(size_t i)
{
	return rows[i]->letter ? rows[i]->letter : KEY_FIRST + (int)i;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'h':
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
		return 0;
	case 'v':
		puts(argp_program_version);
		exit(EXIT_DONE);
	case ARGP_KEY_ARG:
		if (current->rest)
			return ARGP_ERR_UNKNOWN; /* argp then tries all of them */
		if (current->list.names)
			add(&current->list, arg, current->surplus, state);
		else
			stop(state, "%s", wrong_word(arg));
		return 0;
	case ARGP_KEY_ARGS:
		*current->rest = state->argv + state->next;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (current->list.names && *current->list.n < current->least)
			stop(state, "%s", current->missing);
		return 0;
	default:
		for (size_t i = 0; i < n_rows; i++)
			if (key == key_of(i)) {
				take(i, arg, state);
				return 0;
			}
		return ARGP_ERR_UNKNOWN;
	}
}

/* ---- the table ---- */

/* The i-th group of a command, from groups and then more_groups. */
static const struct option_group *group_at(const struct command *command, size_t i)
{
	const struct option_group *lists[] = {command->groups,
					      command->more_groups ? command->more_groups() : NULL};

	for (size_t k = 0; k < 2; k++)
		for (const struct option_group *g = lists[k]; g && g->rows; g++)
			if (!i--)
				return g;
	return NULL;
}

const struct option_row *options_at(const struct command *command, size_t i)
{
	const struct option_group *group;

	for (size_t g = 0; (group = group_at(command, g)); g++)
		for (const struct option_row *row = group->rows; row->name; row++)
			if (!i--)
				return row;
	return NULL;
}

const struct option_row *options_find(const struct command *command, const char *name, size_t len)
{
	const struct option_row *row;

	for (size_t i = 0; (row = options_at(command, i)); i++)
		if (strlen(row->name) == len && !strncmp(row->name, name, len))
			return row;
	return NULL;
}

/* out needs room for each row, each heading, the two options with letters and the end. */
static void make_table(struct argp_option *out)
{
	const struct option_group *group;
	int number = 0;

	for (size_t g = 0; (group = group_at(current, g)); g++) {
		if (group->heading)
			*out++ = (struct argp_option){.doc = group->heading, .group = ++number};
		for (const struct option_row *row = group->rows; row->name; row++, n_rows++) {
			assert(n_rows < ROWS_MOST);
			rows[n_rows] = row;
			if (asprintf(&dashed[n_rows], "--%s", row->name) < 0) {
				cli_say("out of memory");
				exit(EXIT_FAILED);
			}
			*out++ = (struct argp_option){
				.name = row->name,
				.key = key_of(n_rows),
				.arg = row->arg,
				.flags = (row->hidden ? OPTION_HIDDEN : 0) |
					 (row->optional ? OPTION_ARG_OPTIONAL : 0),
				.doc = row->help,
				.group = number,
			};
		}
	}
	*out++ = (struct argp_option){.key = 'h', .flags = OPTION_HIDDEN, .group = number};
	*out++ = (struct argp_option){.key = 'v', .flags = OPTION_HIDDEN, .group = number};
}

/* getopt also accepts the beginning of an option's name. */
static bool known(const char *name, size_t len)
{
	static const char *const of_argp[] = {"help", "usage", "version"};

	for (size_t i = 0; i < n_rows; i++)
		if (!strncmp(rows[i]->name, name, len))
			return true;
	for (size_t i = 0; i < sizeof(of_argp) / sizeof(of_argp[0]); i++)
		if (!strncmp(of_argp[i], name, len))
			return true;
	return false;
}

static bool takes_next(const char *word, size_t len)
{
	const struct option_row *row = options_find(current, word + 2, len);

	return row && row->arg && !row->optional && !word[2 + len];
}

/*
 * The first unknown option, with the nearest one in why; NULL: all are known. getopt would report a
 * wrong option and not the nearest.
 */
static const char *wrong_option(int argc, char **argv, struct error *why)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		size_t len = strcspn(argv[i], "=");
		struct nearest near = {.wrong = argv[i]};

		if (strncmp(argv[i], "--", 2) != 0)
			continue;
		if (known(argv[i] + 2, len - 2)) {
			i += takes_next(argv[i], len - 2);
			continue;
		}
		argv[i][len] = '\0';
		for (size_t k = 0; k < n_rows; k++)
			if (!rows[k]->hidden)
				nearest_offer(&near, dashed[k]);
		nearest_offer(&near, "--help");
		nearest_say(&near, "option", why);
		return argv[i];
	}
	return NULL;
}

void options_parse(const struct command *command, int argc, char **argv)
{
	struct argp_option table[2 * ROWS_MOST] = {0};
	struct argp argp = {.options = table, .parser = parse, .args_doc = command->operands};
	char *doc;
	struct error why;

	current = command;
	all_words = argv;
	n_words = argc;
	make_table(table);
	if (asprintf(&doc, "%s\v%s%s%s", command->about, command->more ? command->more : "",
		     command->examples ? "\n\nExamples:\n" : "",
		     command->examples ? command->examples : "") < 0) {
		cli_say("out of memory");
		exit(EXIT_FAILED);
	}
	argp.doc = doc;
	if (wrong_option(argc, argv, &why))
		exit(options_wrong("%s", why.text));
	/* what is wrong with the words it says itself, and exits */
	if (argp_parse(&argp, argc, argv, 0, NULL, NULL)) {
		cli_say("out of memory");
		exit(EXIT_FAILED);
	}
	free(doc);
}

int options_words(char ***argv)
{
	*argv = all_words;
	return n_words;
}

const char *options_given(const struct option_row *first)
{
	for (; first->name; first++)
		for (size_t i = 0; i < n_rows; i++)
			if (rows[i] == first && given[i])
				return dashed[i];
	return NULL;
}

int options_wrong_word(const char *word)
{
	return options_wrong("%s", wrong_word(word));
}

int options_wrong(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "bpftoll %s: ", current->name);
	va_start(args, fmt);
	cli_print(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nTry 'bpftoll %s --help'.\n", current->name);
	return EXIT_WRONG_USAGE;
}
