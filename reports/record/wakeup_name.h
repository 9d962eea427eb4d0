/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wakeup_name: the wakeup policy as tables and commands call it. Records keep the names of their
 * first version, which scripts rely on: "caught_up" is shown as "per-event", "idle" as "none",
 * "none" as "buffer-full", "busy" as "busy-poll", "sampled_16" as "every-16". --wakeup-policy takes
 * what is shown.
 */
#ifndef BPFTOLL_REPORTS_RECORD_WAKEUP_NAME_H
#define BPFTOLL_REPORTS_RECORD_WAKEUP_NAME_H

struct wakeup_name {
	char text[64]; /* a longer name of a record is cut */
};

/* value: as the record has it; a name that is not known is returned as it is. */
struct wakeup_name wakeup_name(const char *value);

#endif
