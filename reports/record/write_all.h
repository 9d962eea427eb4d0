/* SPDX-License-Identifier: GPL-3.0-or-later */
/* write_all: bytes to an open file, however often write takes a part of them. */
#ifndef BPFTOLL_REPORTS_WRITE_ALL_H
#define BPFTOLL_REPORTS_WRITE_ALL_H

#include <stddef.h>

/* 0 or -errno: some of it may be written then. */
int write_all(int fd, const void *bytes, size_t len);

#endif
