/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * options: a command is a table of its options and a function. The parser, --help and the
 * completions of shells are made from the table.
 *
 * options_parse fills what the rows point to; on an error it prints what is wrong and exits with 2
 * (argp_err_exit_status). After that options_given tells which options were given, and
 * options_wrong reports errors that only the command can find.
 */
#ifndef BPFTOLL_KIT_CMD_OPTIONS_H
#define BPFTOLL_KIT_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* The values of an option that may be repeated, or words that are no options. */
struct option_list {
	const char **names;
	size_t *n, most;
};

/* An option_list that fills a struct name_list. */
#define OPTION_LIST(list)                              \
	{                                              \
		(list).names, &(list).n, PLAN_LIST_MAX \
	}

struct option_row {
	const char *name, *help; /* name: without the dashes */
	const char *arg;	 /* the value's name in --help; NULL: the option takes none */

	/* Where the value goes; exactly one of these is set. */
	bool *flag;
	const char **text;
	struct option_list list;
	struct option_list words; /* collects name and value, as words for another command line */
	unsigned int *choice;	  /* the number of the value in `values` */
	unsigned int *number;
	int *index;
	unsigned long *large;
	double *real;
	/* Takes the value itself. Returns NULL, or what it must be: "must be a power of two". */
	const char *(*take)(const char *value);

	long least, most; /* bounds of a number */
	/*
	 * The i-th possible value; NULL past the last. A choice must be one of them; otherwise they
	 * are only for completion.
	 */
	const char *(*values)(size_t i);
	/* Replaces the value by another word; NULL: there is no such value. */
	const char *(*translate)(const char *value);

	/* The number is a time, which may have a suffix ("2m"): 1 for seconds, 1000 for ms. */
	unsigned int per_second;
	char letter; /* as in -o */
	/* An older name, or not for users: not shown and not completed. */
	bool hidden;
	bool optional; /* the value may be left out */
};

/*
 * Rows end with one without a name, groups with one without rows. A group without a heading is
 * shown with the one before it.
 */
struct option_group {
	const char *heading;
	const struct option_row *rows;
};

struct command {
	const char *name, *summary;
	const char *about, *more; /* before and after the options in --help */
	const char *examples;	  /* lines, each indented by two blanks */
	const struct option_group *groups;
	/* Groups shown after `groups`; NULL: none. */
	const struct option_group *(*more_groups)(void);

	/* Words that are no options: "RUN...". Without a list none are accepted. */
	const char *operands;
	struct option_list list;
	size_t least;
	const char *missing, *surplus; /* the messages for too few and too many */
	char ***rest;		       /* instead of a list: all remaining words, unchanged */

	int (*run)(void);
};

void options_parse(const struct command *command, int argc, char **argv);

/* The command line as parsed. Returns the number of words. */
int options_words(char ***argv);

/* "--name" of the first of these rows that was given; NULL: none. */
const char *options_given(const struct option_row *first);

/* Prints "bpftoll run: …" on stderr, and where to find help. Returns EXIT_WRONG_USAGE. */
int options_wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same for a word that is no option, with the option that may have been meant. */
int options_wrong_word(const char *word);

/* The option of that name (given without the dashes); NULL: the command has none. */
const struct option_row *options_find(const struct command *command, const char *name, size_t len);

/* The i-th option over all groups; NULL past the last. */
const struct option_row *options_at(const struct command *command, size_t i);

#endif
