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
	char *area, *symbols;
	uint32_t *ticks;
	struct measure_file file; /* that a foreign program is of */
};

static struct subject_board board;

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
static int read_symbols(struct subject *s)
{
	size_t room = 1u << 20, used = 0;
	int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	ssize_t got = 0;

	if (fd < 0)
		return -errno;
	do {
		used += (size_t)got;
		if (!s->symbols || room - used < 65536) {
			char *more = realloc(s->symbols, room * 2);

			if (!more) {
				close(fd);
				return -ENOMEM;
			}
			s->symbols = more;
			room *= 2;
		}
		got = read(fd, s->symbols + used, 65536);
	} while (got > 0);
	close(fd);
	board.symbols = (uintptr_t)s->symbols;
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
	err = read_symbols(s);
	if (err)
		return error_set(why, err, "/proc/kallsyms: %s", strerror(-err));
	board.hit = usual(s);
	board.magic = SUBJECT_MAGIC;
	err = announce();
	if (err)
		return error_set(why, err, IMAGE_PORT ": %s", strerror(-err));
	while (!*(volatile uint64_t *)&board.go)
		subject_stop(&board);
	stop_before(s, SUBJECT_HIT);
	probe_detach(s->probe);
	usual(s);
	stop_before(s, SUBJECT_BARE);
	stop_before(s, SUBJECT_DONE);
	return 0;
}

int subject_main(const char *variant_name, const char *workload_name, const char *wakeup_name,
		 const char *object)
{
	struct subject s = {.variant = variant_find(variant_name),
			    .workload = workload_find(workload_name)};
	struct error why = {0};
	bool foreign = strcmp(object, "-") != 0;
	int err = 0;

	if (foreign)
		err = find_foreign(&s, variant_name, workload_name, object, &why);
	else if (!s.variant || !s.workload) {
		cli_say("%s: no such %s", s.variant ? workload_name : variant_name,
			s.variant ? "syscall" : "variant");
		return EXIT_WRONG_USAGE;
	}
	if (!err)
		err = set_up(&s, wakeup_name, &why);
	if (!err)
		snprintf(board.workload, sizeof(board.workload), "%s", s.workload->name);
	if (!err)
		err = pose(&s, &why);
	if (err)
		cli_say("%s", *why.text ? why.text : strerror(-err));
	probe_reader_close(s.wakeup);
	probe_close(s.probe);
	if (s.workload)
		workload_close(s.workload, s.area);
	measure_file_close(&s.file);
	free(s.ticks);
	free(s.symbols);
	return err ? EXIT_NOTHING : EXIT_DONE;
}
