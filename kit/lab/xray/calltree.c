/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kit/system/grow.h"
#include "kit/lab/xray/calltree.h"

#define DEPTH_MAX 256
/* Kernel stacks are 16 KiB: a stack pointer that is further away is on another stack. */
#define STACK_SPAN 16384u

/* A function that is being executed: its node, and where its stack began. */
struct frame {
	size_t call;
	uint64_t entry; /* stack pointer at its first instruction, at the return address */
	uint64_t last;	/* the last stack pointer seen in it */
	uint64_t back;	/* return address, on a machine with a link register; 0: unknown */
};

struct walk {
	struct calltree *tree;
	struct frame frames[DEPTH_MAX];
	size_t depth, room;
	bool linked;
};

static int add_call(struct calltree *tree, size_t *room, int symbol, size_t parent, size_t *index)
{
	struct call *calls;

	for (size_t i = parent + 1; i < tree->n; i++)
		if (tree->calls[i].parent == parent && tree->calls[i].symbol == symbol) {
			*index = i;
			return 0;
		}
	calls = grow(tree->calls, tree->n, room, sizeof(*calls), 256);
	if (!calls)
		return -ENOMEM;
	tree->calls = calls;
	*index = tree->n++;
	tree->calls[*index] = (struct call){.symbol = symbol, .parent = parent};
	return 0;
}

static struct frame *top(struct walk *w)
{
	return &w->frames[w->depth - 1];
}

static int push(struct walk *w, int symbol, const struct step *to)
{
	size_t call;
	int err;

	if (w->depth == DEPTH_MAX)
		return -E2BIG;
	err = add_call(w->tree, &w->room, symbol, top(w)->call, &call);
	if (err)
		return err;
	w->frames[w->depth++] = (struct frame){call, to->sp, to->sp, to->link};
	return 0;
}

static bool same_stack(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) < STACK_SPAN;
}

/*
 * The nearest frame, from the top, of this function that can go on at this stack pointer; 0: none.
 * With a link register, a return finds the stack as the function left it; an exception, which
 * otherwise looks like a jump, enters its vector with another stack pointer.
 */
static size_t find_frame(const struct walk *w, int symbol, uint64_t sp)
{
	for (size_t i = w->depth; i-- > 1;)
		if (w->tree->calls[w->frames[i].call].symbol == symbol &&
		    (w->linked ? sp == w->frames[i].last
			       : same_stack(sp, w->frames[i].last) && sp <= w->frames[i].entry))
			return i;
	return 0;
}

/* Leaves the frames that have returned, whose return address has been popped. */
static void leave(struct walk *w, uint64_t sp)
{
	while (w->depth > 1 && sp > top(w)->entry && same_stack(sp, top(w)->entry))
		w->depth--;
}

/*
 * Was it a call? Then it pushed a return address, or put the next instruction's address in the link
 * register.
 */
static bool is_call(const struct walk *w, const struct step *from, const struct step *to)
{
	return w->linked ? to->link == from->pc + 4 && to->pc != from->pc + 4
			 : to->sp == from->sp - 8;
}

/*
 * Was it a return by the link register? The stack is as it was when the function began, and control
 * is at its return address. Functions that had jumped to it return with it.
 */
static void leave_linked(struct walk *w, const struct step *to)
{
	for (size_t i = 1; w->linked && i < w->depth; i++)
		if (w->frames[i].back == to->pc && w->frames[i].entry == to->sp)
			w->depth = i;
}

/*
 * Control came to another function. If a return address was pushed it was a call. Otherwise it is a
 * return (the frames above are left), a jump back (a cold part, a thunk, an optimised kprobe), or a
 * tail call, which counts as called by the function that jumped. The syscall's entry and exceptions
 * also change the stack.
 */
static int transfer(struct walk *w, const struct step *from, const struct step *to, int symbol)
{
	size_t back;

	if (symbol == SYMBOL_USER) {
		w->depth = 1;
		return 0;
	}
	if (!is_call(w, from, to)) {
		leave_linked(w, to);
		leave(w, to->sp);
		if (w->tree->calls[top(w)->call].symbol == symbol && w->depth > 1 &&
		    same_stack(to->sp, top(w)->last))
			return 0;
		back = find_frame(w, symbol, to->sp);
		if (back) {
			w->depth = back + 1;
			return 0;
		}
	}
	return push(w, symbol, to);
}

static int follow(struct walk *w, const struct step *from, const struct step *to,
		  const struct symbols *symbols)
{
	int before = symbols_find(symbols, from->pc), now = symbols_find(symbols, to->pc);
	bool recursion = before == now && now >= 0 && is_call(w, from, to) &&
			 to->pc == symbols->list[now].address;
	int err = 0;

	if (before != now || recursion)
		err = transfer(w, from, to, now);
	else if (!same_stack(to->sp, from->sp))
		/* the function itself changed stacks: the syscall's entry and exit */
		top(w)->entry = to->sp;
	else if (w->depth > 2 &&
		 (w->linked ? to->pc == top(w)->back && to->sp == top(w)->entry
			    : to->sp > top(w)->entry) &&
		 w->tree->calls[w->frames[w->depth - 2].call].symbol == now)
		/* return from a recursive call */
		w->depth--;
	top(w)->last = to->sp;
	return err;
}

static void sum_up(struct calltree *tree)
{
	/* a child always has a higher index than its parent */
	for (size_t i = 0; i < tree->n; i++) {
		tree->calls[i].total = tree->calls[i].own;
		tree->calls[i].bare_total = tree->calls[i].bare_own;
	}
	for (size_t i = tree->n; i-- > 1;) {
		tree->calls[tree->calls[i].parent].total += tree->calls[i].total;
		tree->calls[tree->calls[i].parent].bare_total += tree->calls[i].bare_total;
	}
}

int calltree_build(const struct step *steps, size_t n, const struct symbols *symbols, bool linked,
		   struct calltree *out)
{
	struct walk w = {.tree = out, .linked = linked};
	size_t root;
	int err;

	memset(out, 0, sizeof(*out));
	err = add_call(out, &w.room, SYMBOL_USER, 0, &root);
	if (err)
		return err;
	w.frames[w.depth++] = (struct frame){root, UINT64_MAX, 0, 0};
	for (size_t i = 0; i < n; i++) {
		if (i)
			err = follow(&w, &steps[i - 1], &steps[i], symbols);
		if (err) {
			calltree_free(out);
			return err;
		}
		out->calls[top(&w)->call].own++;
	}
	sum_up(out);
	return 0;
}

int calltree_subtract(struct calltree *hit, const struct calltree *bare)
{
	size_t *where = calloc(bare->n ? bare->n : 1, sizeof(*where)), room = hit->n;
	int err = where ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < bare->n; i++) {
		if (i)
			err = add_call(hit, &room, bare->calls[i].symbol,
				       where[bare->calls[i].parent], &where[i]);
		if (!err)
			hit->calls[where[i]].bare_own = bare->calls[i].own;
	}
	sum_up(hit);
	free(where);
	return err;
}

bool calltree_passes(const struct calltree *tree, const struct symbols *symbols, const char *name)
{
	for (size_t i = 0; i < tree->n; i++)
		if (tree->calls[i].own &&
		    !strcmp(symbols_name(symbols, tree->calls[i].symbol), name))
			return true;
	return false;
}

void calltree_free(struct calltree *tree)
{
	free(tree->calls);
	tree->calls = NULL;
	tree->n = 0;
}
