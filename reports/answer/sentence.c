/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "reports/answer/sentence.h"
#include "reports/record/text_stream.h"

int sentence_open(struct sentence *s)
{
	s->text = NULL;
	s->out = text_stream(&s->text, &s->length);
	return s->out ? 0 : -ENOMEM;
}

void sentence_line(struct sentence *s, struct answer *a, const char *label)
{
	if (!fclose(s->out))
		answer_line(a, label, "%s", s->text);
	free(s->text);
}

void sentence_note(struct sentence *s, struct answer *a)
{
	if (!fclose(s->out))
		answer_note(a, "%s", s->text);
	free(s->text);
}

void sentence_drop(struct sentence *s)
{
	fclose(s->out);
	free(s->text);
}
