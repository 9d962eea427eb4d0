/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stacks: an X-ray's folded stacks ("a;b;c 12") as a tree of frames.
 *
 * stacks_load -> frames -> stacks_free (also after a failure).
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_READ_STACKS_H
#define BPFTOLL_REPORTS_DOCUMENT_READ_STACKS_H

#include <stddef.h>

#include "calib/error.h"

struct frame {
	char *name;
	size_t parent, depth; /* the root is its own parent, at depth 0; parents come first */
	double total;	      /* instructions, with all that it calls */
};

struct stacks {
	struct frame *frames; /* [0] is the root, without a name */
	size_t n, deepest;
};

/* dir: a folder that has hit.folded. 0; -ENODATA: nothing was counted; other -errno, why. */
int stacks_load(const char *dir, struct stacks *out, struct error *why);
void stacks_free(struct stacks *f);

#endif
