/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * error: why something failed, in words for the user. A function that can fail returns 0 or -errno
 * and fills a struct error that its caller owns; the lowest layer that knows the reason writes it.
 *
 * Pure: all folders may include it.
 */
#ifndef BPFTOLL_CALIB_ERROR_H
#define BPFTOLL_CALIB_ERROR_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Long enough for the last lines of the kernel's verifier. */
#define ERROR_TEXT_BYTES 2560

struct error {
	char text[ERROR_TEXT_BYTES];
};

__attribute__((format(printf, 2, 3))) static inline void error_say(struct error *error,
								   const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, args);
	va_end(args);
}

/* Appends to the text. */
__attribute__((format(printf, 2, 3))) static inline void error_add(struct error *error,
								   const char *fmt, ...)
{
	size_t used = strlen(error->text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(error->text + used, sizeof(error->text) - used, fmt, args);
	va_end(args);
}

/* error_say as an expression whose value is code: `return error_set(why, -EINVAL, "…");` */
#define error_set(error, code, ...) (error_say(error, __VA_ARGS__), (code))

#endif
