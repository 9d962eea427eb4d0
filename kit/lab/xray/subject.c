/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <gsl/gsl_sort_uint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "calib/error.h"
#include "bpf/load/attach.h"
#include "bpf/read/probe_reader.h"
#include "bpf/load/probe.h"
#include "bpf/foreign/foreign.h"
#include "kit/cmd/cli.h"
#include "kit/foreign/measure_file.h"
#include "kit/foreign/scout.h"
#include "kit/lab/guest/image.h"
#include "kit/lab/xray/subject.h"
#include "kit/timing/workload.h"

#define REHEARSALS 512u

struct subject {
	const struct variant *variant;
	const struct workload *workload;
	enum wakeup_policy state;
	struct probe *probe;
	struct probe_reader *wakeup;
	char *area;
	uint32_t *ticks;
	struct measure_file file; /* that a foreign program is of */
};

static struct subject_board board;
static char *symbols; /* the text of /proc/kallsyms */

/*
 * The host sets its breakpoint at this function's first instruction, so the call must not be
 * inlined.
 */
static void __attribute__((noinline, used)) subject_stop(struct subject_board *at)
{
	__asm__ volatile("" ::"r"(at) : "memory");
}

static int announce(void)
{
	char line[128];
	int len = snprintf(line, sizeof(line), SUBJECT_LINE,
			   (unsigned long long)(uintptr_t)subject_stop,
			   (unsigned long long)(uintptr_t)&board);
	int fd = open(IMAGE_PORT, O_WRONLY | O_NOCTTY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, line, (size_t)len) != len)
		err = -EIO;
	tcdrain(fd);
	close(fd);
	return err;
}

/* What the timed call reads once it is steady. */
static uint64_t usual(struct subject *s)
{
	workload_block(s->workload, s->area, s->ticks, REHEARSALS, NULL);
	if (s->wakeup)
		probe_reader_settle(s->wakeup);
	workload_block(s->workload, s->area, s->ticks, REHEARSALS, NULL);
	if (s->wakeup)
		probe_reader_settle(s->wakeup);
	gsl_sort_uint(s->ticks, 1, REHEARSALS);
	return s->ticks[REHEARSALS / 2];
}

/* /proc files report no size: read until the end. */
static int read_symbols(void)
{
	size_t room = 1u << 20, used = 0;
	int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;

	if (fd < 0)
		return -errno;
	do {
		used += (size_t)got;
		if (!symbols || room - used < 65536) {
			char *more = realloc(symbols, room * 2);

			if (!more) {
				close(fd);
				return -ENOMEM;
			}
			symbols = more;
			room *= 2;
		}
		got = read(fd, symbols + used, 65536);
	} while (got > 0);
	close(fd);
	board.symbols = (uintptr_t)symbols;
	board.symbols_len = used;
	return got < 0 ? -EIO : 0;
}

/* ---- a program of others ---- */

static void quiet(double share, const char *what)
{
	(void)share;
	(void)what;
}

static int choose_foreign(struct subject *s, const char *workload_name, struct error *why)
{
	struct scouted *what = calloc(BUNDLE_ENTRIES_MOST, sizeof(*what));
	struct name_list triggers = {.n = 0};
	int err = 0;

	if (!what)
		return -ENOMEM;
	if (strcmp(workload_name, "-") != 0)
		triggers = (struct name_list){.names = {workload_name}, .n = 1};
	/* the clock of the guest is of 1 GHz; times of trials mean nothing here */
	err = scout_all(0, &triggers, 1, &cli_stop, quiet, what, why);
	if (!err && what[0].state == SCOUT_REFUSED)
		err = error_set(why, -ENOTSUP, "%s", what[0].reason);
	else if (!err && what[0].state != SCOUT_REACHED)
		err = error_set(why, -ENODATA, "no operation that was tried runs it");
	for (size_t w = 0; !err && !s->workload && w < workloads_count; w++)
		if (what[0].workloads >> w & 1)
			s->workload = &workloads[w];
	bundle()->entries[0].buffers = what[0].buffers;
	free(what);
	return err;
}

/* The program becomes the only one of the bundle. */
static int find_foreign(struct subject *s, const char *program, const char *workload_name,
			const char *object, struct error *why)
{
	const struct measure_options options = {.programs = {.names = {program}, .n = 1}};
	int err = measure_file_open(object, &s->file, why);

	if (!err)
		err = measure_file_bundle(&s->file, &options, why);
	if (!err && !bundle()->n_entries)
		err = error_set(why, -ENOTSUP, "%s: of a type that cannot be measured", program);
	if (err)
		return err;
	bundle_publish();
	err = choose_foreign(s, workload_name, why);
	s->variant = variant_at(variants_count);
	return err;
}

static int open_foreign(struct subject *s, struct error *why)
{
	const struct foreign_maps *maps;
	bool perf = s->variant->foreign->buffers == BUFFERS_PERF;
	int err;

	err = probe_open(s->variant, s->workload->target, wakeup_ring_wake(WAKEUP_IDLE), &s->probe,
			 why);
	if (!err && probe_monitors(s->probe, s->variant))
		err = probe_monitor(s->probe, getpid());
	if (err || s->variant->foreign->buffers == BUFFERS_NONE)
		return err;
	maps = probe_foreign_maps(s->probe);
	return probe_reader_open_any(perf, perf ? maps->perf_fds : maps->ring_fds,
				     perf ? 1 : maps->n_rings, WAKEUP_IDLE, 0, -1, &s->wakeup, why);
}

/* ---- what both have ---- */

static int set_up(struct subject *s, const char *wakeup_name, struct error *why)
{
	enum output output = body_output(s->variant->body);
	struct probe_reader_expect expect = {getpid(),
					     s->workload->bytes,
					     s->workload->target,
					     0,
					     body_as_written(s->variant->body),
					     false};
	int err;

	s->state = output == OUTPUT_NONE ? WAKEUP_OFF : WAKEUP_IDLE;
	if (output != OUTPUT_NONE && *wakeup_name && !wakeup_policy_find(wakeup_name, &s->state))
		return error_set(why, -EINVAL, "no wakeup policy '%s'", wakeup_name);
	s->ticks = calloc(REHEARSALS, sizeof(*s->ticks));
	if (!s->ticks)
		return -ENOMEM;
	attach_allow_sysctl(true);
	mlockall(MCL_CURRENT);
	err = workload_open(s->workload, &s->area, why);
	if (!err && s->variant->foreign)
		return open_foreign(s, why);
	if (!err)
		err = probe_open(s->variant, s->workload->target, wakeup_ring_wake(s->state),
				 &s->probe, why);
	if (!err && body_rows[s->variant->body].wants_hit)
		err = probe_monitor(s->probe, getpid());
	if (!err && output != OUTPUT_NONE)
		err = probe_reader_open(output, s->state, probe_events_fd(s->probe), 0, -1, &expect,
					&s->wakeup, why);
	return err;
}

static void stop_before(struct subject *s, enum subject_phase phase)
{
	board.phase = phase;
	subject_stop(&board);
	if (phase != SUBJECT_DONE)
		workload_block(s->workload, s->area, s->ticks, SUBJECT_CALLS, NULL);
}

/* Once, with the first probe attached, so that its program is among the symbols. */
static int meet_host(struct error *why)
{
	int err = board.symbols ? 0 : read_symbols();

	if (err)
		return error_set(why, err, "/proc/kallsyms: %s", strerror(-err));
	if (board.magic)
		return 0;
	board.magic = SUBJECT_MAGIC;
	err = announce();
	if (err)
		return error_set(why, err, IMAGE_PORT ": %s", strerror(-err));
	while (!*(volatile uint64_t *)&board.go)
		subject_stop(&board);
	return 0;
}

static int pose(struct subject *s, struct error *why)
{
	int err;

	board.bare = usual(s);
	err = probe_attach(s->probe, why);
	if (err)
		return err;
	if (s->wakeup)
		consumer_set_active(s->wakeup->consumer, true);
	snprintf(board.mechanism, sizeof(board.mechanism), "%s", probe_mechanism(s->probe));
	err = meet_host(why);
	if (err)
		return err;
	board.hit = usual(s);
	stop_before(s, SUBJECT_HIT);
	probe_detach(s->probe);
	usual(s);
	stop_before(s, SUBJECT_BARE);
	return 0;
}

/* One variant, from its name to its two stops. */
static int sit(struct subject *s, const char *wakeup_name, struct error *why)
{
	int err = set_up(s, wakeup_name, why);

	if (!err) {
		snprintf(board.workload, sizeof(board.workload), "%s", s->workload->name);
		snprintf(board.variant, sizeof(board.variant), "%s", s->variant->name);
		err = pose(s, why);
	}
	probe_reader_close(s->wakeup);
	probe_close(s->probe);
	if (s->workload)
		workload_close(s->workload, s->area);
	measure_file_close(&s->file);
	free(s->ticks);
	return err;
}

static int sit_for_all(char *names, const char *workload_name, const char *wakeup_name)
{
	char *rest = names;
	int err = 0;

	for (const char *name; !err && (name = strsep(&rest, ","));) {
		struct subject s = {.variant = variant_find(name),
				    .workload = workload_find(workload_name)};
		struct error why = {0};

		if (!s.variant || !s.workload)
			return -EINVAL;
		if (!sit(&s, wakeup_name, &why))
			continue;
		snprintf(board.variant, sizeof(board.variant), "%s", name);
		snprintf(board.reason, sizeof(board.reason), "%.191s", why.text);
		err = meet_host(&why);
		if (!err) {
			board.phase = SUBJECT_REFUSED;
			subject_stop(&board);
		}
	}
	return err;
}

int subject_main(const char *variant_name, const char *workload_name, const char *wakeup_name,
		 const char *object)
{
	struct subject s = {.variant = variant_find(variant_name),
			    .workload = workload_find(workload_name)};
	struct error why = {0};
	int err = 0;

	if (strchr(variant_name, ',')) {
		char *names = strdup(variant_name);

		err = names ? sit_for_all(names, workload_name, wakeup_name) : -ENOMEM;
		free(names);
	} else if (strcmp(object, "-") != 0) {
		err = find_foreign(&s, variant_name, workload_name, object, &why);
		if (!err)
			err = sit(&s, wakeup_name, &why);
		else
			measure_file_close(&s.file);
	} else if (!s.variant || !s.workload) {
		cli_say("%s: no such %s", s.variant ? workload_name : variant_name,
			s.variant ? "syscall" : "variant");
		return EXIT_WRONG_USAGE;
	} else {
		err = sit(&s, wakeup_name, &why);
	}
	if (err)
		cli_say("%s", *why.text ? why.text : strerror(-err));
	else
		stop_before(NULL, SUBJECT_DONE);
	free(symbols);
	return err ? EXIT_NOTHING : EXIT_DONE;
}
