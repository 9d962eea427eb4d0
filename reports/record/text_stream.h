/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * text_stream: text that is printed into memory, as by open_memstream. Where memory is out the text
 * ends there.
 *
 * Every allocation of bpftoll's own code that fails is noted (the linker's --wrap, in the
 * Makefile), and out_of_memory() says so for the rest of the process: what shows it is not
 * complete, a record says it in its warnings, and main ends with an error whatever each caller made
 * of it.
 */
#ifndef BPFTOLL_REPORTS_TEXT_STREAM_H
#define BPFTOLL_REPORTS_TEXT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * NULL: out of memory. *text and *len are set by fflush and fclose; after fclose *text is never
 * NULL. rewind begins anew: the text then ends at what is written after it, and has no NUL there
 * before fclose.
 */
FILE *text_stream(char **text, size_t *len);

/* strdup; of NULL: NULL. */
char *text_copy(const char *text);

/* malloc that notes a failure, for libraries that take one (jansson). */
void *noted_malloc(size_t bytes);

void out_of_memory_note(void);
bool out_of_memory(void);

#endif
