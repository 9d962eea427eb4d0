/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * publish: takes files from a private folder into one where others may have laid links. Each is
 * written under a new name that nobody can know, then renamed: a link in its place is replaced, and
 * what it points to stays as it was.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_PUBLISH_H
#define BPFTOLL_REPORTS_DOCUMENT_PUBLISH_H

#include "calib/error.h"

/*
 * Copies the regular files of folder `from` that do not begin with a dot, and those of its folder
 * `pictures`, into the open folder `to`; a `pictures` there that is a link is refused. `last` is
 * the one that comes last: with it all is there. 0 or -errno, why: "NAME: reason".
 */
int publish(const char *from, int to, const char *last, struct error *why);

#endif
