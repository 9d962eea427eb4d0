/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scene: what each setting of --isolate needs: the CPUs, the journal, and the log of what was done.
 */
#ifndef BPFTOLL_CPUSET_ISOLATE_SCENE_H
#define BPFTOLL_CPUSET_ISOLATE_SCENE_H

#include <stdarg.h>
#include <stdio.h>

#include "cpuset/isolate/journal.h"

struct settings_scene {
	const char *root;	     /* "" or a folder that stands for / in tests */
	int measure_cpu, reader_cpu; /* reader_cpu -1: none; both are -1 when restoring */
	struct journal *journal;     /* NULL when restoring */
	FILE *log;
};

/* Writes a line to the log. */
__attribute__((format(printf, 2, 3))) static inline void
scene_note(const struct settings_scene *scene, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(scene->log, fmt, args);
	va_end(args);
	fputc('\n', scene->log);
}

#endif
