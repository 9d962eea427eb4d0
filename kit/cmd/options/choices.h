/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * choices: the values that an option accepts, by number; NULL past the last. For rows of options.h.
 */
#ifndef BPFTOLL_KIT_CHOICES_H
#define BPFTOLL_KIT_CHOICES_H

#include <stddef.h>

const char *choice_variant(size_t i);
const char *choice_syscall(size_t i);
const char *choice_suite(size_t i);
const char *choice_cache(size_t i);
const char *choice_unit(size_t i); /* in the order of enum unit */

#endif
