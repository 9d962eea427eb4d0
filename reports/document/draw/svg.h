/* SPDX-License-Identifier: GPL-3.0-or-later */
/* svg: gnuplot's SVG -> the plain part of SVG that every viewer draws. Internal to plot. */
#ifndef BPFTOLL_REPORTS_DOCUMENT_DRAW_SVG_H
#define BPFTOLL_REPORTS_DOCUMENT_DRAW_SVG_H

/*
 * Rewrites the file: marks that refer to definitions by <use> and take a colour from
 * "currentColor", which WeasyPrint 57 cannot draw, are drawn in place. 0 or -errno; the file is as
 * it was then.
 */
int svg_plain(const char *path);

#endif
