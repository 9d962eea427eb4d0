/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * options: a command is a table of its options and a function. The parser, --help and the shells'
 * completions are made from the table.
 *
 * options_parse fills what the rows point to, or prints what is wrong and exits with 2
 * (argp_err_exit_status). Afterwards options_given tells what was there, and options_wrong reports
 * what only the command can know.
 */
#ifndef BPFTOLL_KIT_CMD_OPTIONS_H
#define BPFTOLL_KIT_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Values of an option that may be repeated, or words that are no options. */
struct option_list {
	const char **names;
	size_t *n, most;
};

/* Of a struct name_list. */
#define OPTION_LIST(list)                              \
	{                                              \
		(list).names, &(list).n, PLAN_LIST_MAX \
	}

struct option_row {
	const char *name, *help; /* name: without its dashes */
	const char *arg;	 /* the value's name in --help; NULL: the option has none */

	/* Where the value goes: one of these. */
	bool *flag;
	const char **text;
	struct option_list list;
	struct option_list words; /* name and value, as words of another command line */
	unsigned int *choice;	  /* which of `values` */
	unsigned int *number;
	int *index;
	unsigned long *large;
	double *real;
	/* Takes it in. NULL, or what it must be instead: "must be a power of two". */
	const char *(*take)(const char *value);

	long least, most; /* of a number */
	/* The i-th value that may be given, NULL past the last. Checked for a choice; else for
	 * completion. */
	const char *(*values)(size_t i);
	/* Another word for the value; NULL: there is no such value. */
	const char *(*translate)(const char *value);

	unsigned int per_second; /* the number is a time: 1 for seconds, 1000 for ms; or "2m" */
	char letter;		 /* -o */
	bool hidden;		 /* an older name, or not for users: neither shown nor completed */
	bool optional;		 /* the value may be left out */
};

/* Rows end with one that has no name, groups with one that has no rows. No heading: belongs to the
 * group before. */
struct option_group {
	const char *heading;
	const struct option_row *rows;
};

struct command {
	const char *name, *summary;
	const char *about, *more; /* above and below the options in --help */
	const char *examples;	  /* lines, each indented by two blanks */
	const struct option_group *groups;
	const struct option_group *(*more_groups)(void); /* behind them; NULL: none */

	/* Words that are no options, "RUN...". None may be given where there is no list. */
	const char *operands;
	struct option_list list;
	size_t least;
	const char *missing, *surplus; /* what is said of too few or too many */
	char ***rest;		       /* instead: all that follows, as it stands */

	int (*run)(void);
};

void options_parse(const struct command *command, int argc, char **argv);

/* The command line as it was parsed. */
int options_words(char ***argv);

/* "--name" of the first of these rows that was given; NULL: none was. */
const char *options_given(const struct option_row *first);

/* "bpftoll run: …" on stderr and where help is. Returns EXIT_WRONG_USAGE. */
int options_wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same of a word that is no option, with the option that may have been meant. */
int options_wrong_word(const char *word);

/* Of the command; NULL: it has none of that name (given without its dashes). */
const struct option_row *options_find(const struct command *command, const char *name, size_t len);

/* Its rows one after the other; NULL past the last. */
const struct option_row *options_at(const struct command *command, size_t i);

#endif
