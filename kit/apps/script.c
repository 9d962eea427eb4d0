/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * script: what the apps that run a script share: reading its log, and its memory as the kernel sees
 * it.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/apps/app.h"
#include "calib/clock.h"

#define READY_S	    60
#define TURNS_S	    10
#define TURN_POLL_S 0.01

double app_resident(pid_t pid)
{
	char path[64];
	double pages = NAN;
	FILE *statm;

	path_put(path, sizeof(path), "/proc/%d/statm", pid);
	statm = fopen(path, "re");
	if (!statm)
		return NAN;
	if (fscanf(statm, "%*f %lf", &pages) != 1)
		pages = NAN;
	fclose(statm);
	return pages * (double)sysconf(_SC_PAGESIZE);
}

static int warm(struct app_run *run)
{
	const struct app_script *script = run->state;
	char *log = app_read(run, script->log);
	size_t turns = 0;

	for (const char *at = log; at && *at; at += strcspn(at, "\n"), at += *at == '\n')
		turns += *at == 'o';
	free(log);
	return turns >= script->turns;
}

int app_start_script(struct app_run *run, const struct app_script *script, struct error *why)
{
	char path[256], *size = (char *)script->size[run->options->scale];
	char *argv[] = {path, (char *)script->file, size, "1000", NULL};
	int err = app_find(run->app, script->interpreter, path, sizeof(path), why);

	if (!err)
		err = app_folder(run, why);
	if (!err && app_write(run, script->file, script->text))
		err = error_set(why, -EIO, "%s cannot be written", script->file);
	if (!err)
		err = app_child(run, argv, false, "output", why);
	run->state = (void *)script;
	return err ? err : app_wait(run, warm, script->waits_for, READY_S, why);
}

static int read_line(struct app_run *run, const char *line)
{
	double end, length, heap;
	char kind;
	int err;

	/* the last line may be incomplete */
	if (sscanf(line, "%c %lf %lf %lf", &kind, &end, &length, &heap) != 4)
		return 0;
	err = timeline_add(kind == 'o' ? &run->operations : &run->pauses, end * 1e-9,
			   length * 1e-9);
	if (!err && heap > 0)
		err = timeline_add(&run->heap, end * 1e-9, heap);
	return err;
}

/*
 * Waits until the log has two more turns: then the turn in which the last window ended is in it,
 * too.
 */
static int wait_for_turns(struct app_run *run, const char *name, struct error *why)
{
	double deadline = clock_seconds() + TURNS_S;
	struct stat then, now;
	char path[512];
	int turns = 0, err = 0;

	app_path(run, name, path, sizeof(path));
	if (stat(path, &then))
		return -errno;
	while (turns < 2 && clock_seconds() < deadline && !err) {
		err = app_sleep(run, clock_seconds() + TURN_POLL_S, why);
		if (!stat(path, &now) && now.st_size != then.st_size) {
			then = now;
			turns++;
		}
	}
	return err == -EINTR ? 0 : err;
}

int app_read_log(struct app_run *run, const char *name, struct error *why)
{
	int err = wait_for_turns(run, name, why);
	char *text = err ? NULL : app_read(run, name), *save = NULL;

	if (!err && !text)
		err = -ENOENT;

	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line && !err;
	     line = strtok_r(NULL, "\n", &save))
		err = read_line(run, line);
	free(text);
	if (err && err != -EPIPE)
		error_say(why, "the script's log: %s", strerror(-err));
	timeline_sort(&run->operations);
	timeline_sort(&run->pauses);
	timeline_sort(&run->heap);
	return err;
}
