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

#include "bpf/attach.h"
#include "bpf/drain.h"
#include "bpf/probe.h"
#include "kit/cli.h"
#include "kit/lab/image.h"
#include "kit/lab/specimen.h"
#include "kit/trigger.h"

#define REHEARSALS 512u

struct specimen {
	const struct variant *variant;
	const struct trigger *trigger;
	enum drain_state state;
	struct probe *probe;
	struct drain *drain;
	char *area, *symbols;
	uint32_t *ticks;
};

static struct specimen_board board;

/* The host's breakpoint is at its first instruction; the call must stay one. */
static void __attribute__((noinline, used)) specimen_stop(struct specimen_board *at)
{
	__asm__ volatile("" ::"r"(at) : "memory");
}

static int announce(void)
{
	char line[128];
	int len = snprintf(line, sizeof(line), SPECIMEN_LINE,
			   (unsigned long long)(uintptr_t)specimen_stop,
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

/* What the call reads once it is steady. */
static uint64_t usual(struct specimen *s)
{
	trigger_block(s->trigger, s->area, s->ticks, REHEARSALS, NULL);
	if (s->drain)
		drain_settle(s->drain);
	trigger_block(s->trigger, s->area, s->ticks, REHEARSALS, NULL);
	if (s->drain)
		drain_settle(s->drain);
	gsl_sort_uint(s->ticks, 1, REHEARSALS);
	return s->ticks[REHEARSALS / 2];
}

/* /proc files have no size: read until the end. */
static int read_symbols(struct specimen *s)
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

static int set_up(struct specimen *s, const char *drain_name, char *why, size_t why_len)
{
	enum output output = body_output(s->variant->body);
	struct drain_expect expect = {getpid(), s->trigger->bytes, s->trigger->target, 0,
				      body_as_written(s->variant->body)};
	int err;

	s->state = output == OUTPUT_NONE ? DRAIN_OFF : DRAIN_IDLE;
	if (output != OUTPUT_NONE && *drain_name && !drain_state_find(drain_name, &s->state)) {
		snprintf(why, why_len, "no drain state '%s'", drain_name);
		return -EINVAL;
	}
	s->ticks = calloc(REHEARSALS, sizeof(*s->ticks));
	if (!s->ticks)
		return -ENOMEM;
	attach_allow_sysctl(true);
	mlockall(MCL_CURRENT);
	err = trigger_open(s->trigger, &s->area, why, why_len);
	if (!err)
		err = probe_open(s->variant, s->trigger->target, drain_wake_policy(s->state),
				 &s->probe, why, why_len);
	if (!err && body_wants_hit(s->variant->body))
		err = probe_monitor(s->probe, getpid());
	if (!err && output != OUTPUT_NONE)
		err = drain_open(output, s->state, probe_events_fd(s->probe), 0, -1, &expect,
				 &s->drain, why, why_len);
	return err;
}

static void stop_before(struct specimen *s, enum specimen_phase phase)
{
	board.phase = phase;
	specimen_stop(&board);
	if (phase != SPECIMEN_DONE)
		trigger_block(s->trigger, s->area, s->ticks, SPECIMEN_CALLS, NULL);
}

static int pose(struct specimen *s, char *why, size_t why_len)
{
	int err;

	board.bare = usual(s);
	err = probe_attach(s->probe, why, why_len);
	if (err)
		return err;
	if (s->drain)
		drain_set_active(s->drain, true);
	snprintf(board.mechanism, sizeof(board.mechanism), "%s", probe_mechanism(s->probe));
	err = read_symbols(s);
	if (err) {
		snprintf(why, why_len, "/proc/kallsyms: %s", strerror(-err));
		return err;
	}
	board.hit = usual(s);
	board.magic = SPECIMEN_MAGIC;
	err = announce();
	if (err) {
		snprintf(why, why_len, IMAGE_PORT ": %s", strerror(-err));
		return err;
	}
	while (!*(volatile uint64_t *)&board.go)
		specimen_stop(&board);
	stop_before(s, SPECIMEN_HIT);
	probe_detach(s->probe);
	usual(s);
	stop_before(s, SPECIMEN_BARE);
	stop_before(s, SPECIMEN_DONE);
	return 0;
}

int specimen_main(const char *variant_name, const char *trigger_name, const char *drain_name)
{
	struct specimen s = {.variant = variant_find(variant_name),
			     .trigger = trigger_find(trigger_name)};
	char why[512] = "";
	int err;

	if (!s.variant || !s.trigger) {
		cli_say("%s: no such %s", s.variant ? trigger_name : variant_name,
			s.variant ? "trigger" : "variant");
		return EXIT_WRONG_USAGE;
	}
	err = set_up(&s, drain_name, why, sizeof(why));
	if (!err)
		err = pose(&s, why, sizeof(why));
	if (err)
		cli_say("%s", *why ? why : strerror(-err));
	drain_close(s.drain);
	probe_close(s.probe);
	trigger_close(s.trigger, s.area);
	free(s.ticks);
	free(s.symbols);
	return err ? EXIT_NOTHING : EXIT_DONE;
}
