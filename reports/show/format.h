/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format: what a report is written as. */
#ifndef BPFTOLL_REPORTS_SHOW_FORMAT_H
#define BPFTOLL_REPORTS_SHOW_FORMAT_H

enum render_format { RENDER_TEXT, RENDER_MARKDOWN, RENDER_CSV };

#endif
