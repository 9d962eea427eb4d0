/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * debversion: orders Debian package versions, and tells whether a version begins with what the user
 * asked for.
 */
#ifndef BPFTOLL_KIT_LAB_KERNELS_DEBVERSION_H
#define BPFTOLL_KIT_LAB_KERNELS_DEBVERSION_H

#include <stdbool.h>

/*
 * Below, equal to or above 0, by the rules of deb-version(7): epoch, upstream version, revision; ~
 * sorts before everything.
 */
int debversion_compare(const char *a, const char *b);

/*
 * Does version begin with prefix, ending at a whole component? "6.1" begins "6.1.192-2" but not
 * "6.12.107-1".
 */
bool debversion_begins(const char *version, const char *prefix);

#endif
