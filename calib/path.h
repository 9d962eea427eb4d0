/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * path: writes a path into a buffer. One that does not fit becomes "", which no call opens: a path
 * that was cut would name another file.
 *
 * Pure: all folders may include it.
 */
#ifndef BPFTOLL_CALIB_PATH_H
#define BPFTOLL_CALIB_PATH_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/* 0, or -ENAMETOOLONG and path is "". */
__attribute__((format(printf, 3, 4))) static inline int path_put(char *path, size_t len,
								 const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(path, len, fmt, args);
	va_end(args);
	if (n >= 0 && (size_t)n < len)
		return 0;
	path[0] = '\0';
	return -ENAMETOOLONG;
}

#endif
