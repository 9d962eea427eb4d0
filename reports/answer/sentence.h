/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sentence: a line of an answer written piece by piece.
 *
 * sentence_open -> fprintf(s.out, …) … -> sentence_line | sentence_note | sentence_drop. Text is
 * written as it is: the answer makes it safe.
 */
#ifndef BPFTOLL_REPORTS_ANSWER_SENTENCE_H
#define BPFTOLL_REPORTS_ANSWER_SENTENCE_H

#include <stdio.h>

#include "reports/answer/answer.h"

struct sentence {
	FILE *out; /* never NULL */
	char *text;
	size_t length;
};

/* 0 or -ENOMEM. */
int sentence_open(struct sentence *s);

/* Ends it: as answer_line does, as answer_note, or without a trace. */
void sentence_line(struct sentence *s, struct answer *a, const char *label);
void sentence_note(struct sentence *s, struct answer *a);
void sentence_drop(struct sentence *s);

#endif
