/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plot: one picture: a gnuplot script on its stdin, SVG from its stdout.
 *
 * plot_open -> fprintf(plot_script(p), …), plot_label for every word that is not ours ->
 * plot_close. The data are in the script itself ("$name << end"), as numbers; a label holds only
 * letters, digits and harmless signs, so nothing of a record can end a string or name a command.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_DRAW_PLOT_H
#define BPFTOLL_REPORTS_DOCUMENT_DRAW_PLOT_H

#include <stddef.h>
#include <stdio.h>

#include "calib/error.h"

struct plot;

/* Sets terminal, fonts and the five line types that differ in black and white too. NULL: out of
 * memory. */
struct plot *plot_open(unsigned int width, unsigned int height);
FILE *plot_script(struct plot *p);

/* A string in quotation marks; what is not plain becomes '?'. */
void plot_label(FILE *script, const char *text);

/* A number for a data line: "NaN" where there is none, which gnuplot leaves out. */
void plot_number(FILE *script, double value);

/* Draws to the file. 0; -ENOENT: no gnuplot; other -errno, why. The plot is gone either way. */
/* Without drawing. */
void plot_drop(struct plot *p);
int plot_close(struct plot *p, const char *path, struct error *why);

#endif
