/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * presets: what a tool's loader would set before it loads its object: values of global variables,
 * sizes of maps, maps that are pinned elsewhere.
 *
 * presets_check (the words alone) -> presets_apply (to an open object, before it is loaded).
 */
#ifndef BPFTOLL_BPF_FOREIGN_PRESETS_H
#define BPFTOLL_BPF_FOREIGN_PRESETS_H

#include <bpf/libbpf.h>

#include "calib/error.h"
#include "bpf/foreign/foreign_bundle.h"

/* Are they of the form "VAR=VALUE", "NAME:max_entries=N,value_size=N", "NAME=PATH"? */
int presets_check(const struct foreign_bundle *b, struct error *why);

/*
 * Applies all of them. A name that the object does not have is left to presets_unknown, since a
 * file may hold several objects. Maps that the object asks to be pinned are not: a run leaves
 * nothing behind. 0 or -errno with why; also for a map without a size, which its loader sets.
 */
int presets_apply(struct bpf_object *object, const struct foreign_bundle *b, struct error *why);

/* -ENOENT with why: a setting names what none of the objects has. */
int presets_unknown(const struct foreign_bundle *b, struct error *why);

#endif
