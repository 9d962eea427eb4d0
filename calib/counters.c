/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/error.h"
#include "calib/counters.h"
#include "calib/arch/arch.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NO_PASS = -1, GROUP_HEADER = 3 /* nr, time_enabled, time_running */ };

static const char REASON_NEVER[] = "its pass was never counted";
static const char REASON_OPEN[] = "its block has not ended";
static const char REASON_BUSY[] = "not on the PMU: another user holds the counters";
static const char REASON_LOST[] = "another user took the counter off the PMU during the block";
static const char REASON_PART[] =
	"on the PMU for a part of the block only: contention or migration";
static const char REASON_READ[] = "the kernel did not let the counter be read";

struct reading {
	uint64_t count;
	uint64_t enabled; /* ns */
	uint64_t running; /* ns */
};

struct event {
	struct counter pub;
	struct perf_event_attr attr;
	int fd; /* -1: not placed */
	struct perf_event_mmap_page *page;
	struct reading start;
	struct reading stop;
	uint64_t by_page;     /* count at the end of the block, kept while read() gives the times */
	struct error refused; /* the kernel's reason for refusing it */
};

struct counters {
	size_t n;
	int cpu;
	unsigned int passes;
	int begun; /* the pass being counted, or NO_PASS */
	bool by_page;
	struct event *events;
	uint64_t *group; /* room for the result of read() for all events in one group */
};

/* ---- reading a pass ---- */

static bool in_pass(const struct event *e, unsigned int pass)
{
	return e->fd >= 0 && e->pub.pass == pass;
}

/* The events of a group were opened in the order of the list: the first one is the leader. */
static struct event *pass_leader(struct counters *c, unsigned int pass)
{
	for (size_t i = 0; i < c->n; i++)
		if (in_pass(&c->events[i], pass))
			return &c->events[i];
	return NULL;
}

static struct reading *reading_at(struct event *e, bool stop)
{
	return stop ? &e->stop : &e->start;
}

/*
 * Reads the events in the same order at both ends of a block, so that each event counts the same
 * number of reads.
 */
static bool read_pages(struct counters *c, unsigned int pass, bool stop)
{
	for (size_t i = 0; i < c->n; i++) {
		struct event *e = &c->events[i];
		struct reading *r = reading_at(e, stop);

		if (!in_pass(e, pass))
			continue;
		if (!e->page || !counters_read_page(e->page, arch_read_pmc, &r->count, &r->enabled,
						    &r->running))
			return false;
	}
	return true;
}

/* 0, -EBUSY if the pinned group is in error (perf_event_open(2): read returns 0), -errno. */
static int read_group(struct counters *c, unsigned int pass, bool stop)
{
	const uint64_t *value = c->group + GROUP_HEADER;
	struct event *leader = pass_leader(c, pass);
	size_t members = 0;
	ssize_t got;

	got = read(leader->fd, c->group, (GROUP_HEADER + c->n) * sizeof(*c->group));
	if (got < 0)
		return -errno;
	if (got == 0)
		return -EBUSY;
	for (size_t i = 0; i < c->n; i++) {
		struct event *e = &c->events[i];

		if (!in_pass(e, pass))
			continue;
		*reading_at(e, stop) = (struct reading){
			.count = value[members],
			.enabled = c->group[1],
			.running = c->group[2],
		};
		members++;
	}
	if (c->group[0] != members || (size_t)got != (GROUP_HEADER + members) * sizeof(*c->group))
		return -EIO;
	return 0;
}

/* Enabling also clears the error state of a pinned group that did not fit the last time. */
static int switch_pass(struct counters *c, unsigned int pass, bool on)
{
	unsigned long request = on ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE;

	return ioctl(pass_leader(c, pass)->fd, request, 0) < 0 ? -errno : 0;
}

static void fail_pass(struct counters *c, unsigned int pass, const char *reason)
{
	for (size_t i = 0; i < c->n; i++) {
		struct counter *pub = &c->events[i].pub;

		if (!in_pass(&c->events[i], pass))
			continue;
		pub->count = 0;
		pub->valid = false;
		pub->rdpmc = false;
		pub->reason = reason;
	}
}

/* ---- placing events ---- */

static int open_event(struct counters *c, struct event *e, int leader_fd)
{
	struct perf_event_attr attr = e->attr;

	attr.read_format =
		PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	/* The leader's pinned and disabled state apply to the whole group. */
	attr.pinned = leader_fd < 0;
	attr.disabled = leader_fd < 0;
	return counters_perf_open(&attr, c->cpu, leader_fd);
}

/*
 * Does the group really go onto the PMU now? The kernel's check at open ignores other users of it.
 */
static int try_pass(struct counters *c, unsigned int pass)
{
	int err = switch_pass(c, pass, true);

	if (err)
		return err;
	err = read_group(c, pass, false);
	switch_pass(c, pass, false);
	return err;
}

/* Adds e to the pass, as leader if the pass is empty. 0, or -errno with e not placed. */
static int join_pass(struct counters *c, struct event *e, unsigned int pass)
{
	struct event *leader = pass_leader(c, pass);
	int err = open_event(c, e, leader ? leader->fd : -1);

	if (err < 0)
		return err;
	e->fd = err;
	e->pub.pass = pass;
	err = try_pass(c, pass);
	if (err) {
		close(e->fd);
		e->fd = -1;
	}
	return err;
}

static void map_page(struct event *e)
{
	void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ, MAP_SHARED, e->fd, 0);

	/* Without the page, read() is used. */
	e->page = page == MAP_FAILED ? NULL : page;
}

/*
 * Places the event in the first pass that takes it. EINVAL says that the group can never be on the
 * PMU together (or has events of two PMUs), EBUSY and ENOSPC that it cannot now.
 */
static int place_event(struct counters *c, struct event *e)
{
	int err = -EINVAL;

	for (unsigned int pass = 0; pass < c->passes; pass++) {
		err = join_pass(c, e, pass);
		if (err != -EINVAL && err != -EBUSY && err != -ENOSPC)
			break;
	}
	if (err == -EINVAL || err == -EBUSY || err == -ENOSPC) {
		err = join_pass(c, e, c->passes);
		if (!err)
			c->passes++;
	}
	if (!err) {
		map_page(e);
		return 0;
	}
	err = counters_explain(-err, &e->attr, &e->refused);
	e->pub.reason = e->refused.text;
	return err;
}

/* 0 when at least one event is placed, else the first event's error with its reason. */
static int place_all(struct counters *c, struct error *why)
{
	int first = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct event *e = &c->events[i];
		int err = e->pub.event ? place_event(c, e) : -ENOENT;

		if (err && !first) {
			first = err;
			error_say(why, "%s: %s", e->pub.name, e->pub.reason);
		}
	}
	return c->passes ? 0 : first;
}

/* ---- opening ---- */

static char *trim(char *text)
{
	char *end = text + strlen(text);

	while (isspace((unsigned char)*text))
		text++;
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return text;
}

static char *dup_or_null(const char *text)
{
	return text ? strdup(text) : NULL;
}

static int allocate(struct counters *c, const struct counter_request *list, size_t n)
{
	c->events = calloc(n, sizeof(*c->events));
	c->group = calloc(GROUP_HEADER + n, sizeof(*c->group));
	if (!c->events || !c->group)
		return -ENOMEM;
	c->n = n;
	for (size_t i = 0; i < n; i++)
		c->events[i].fd = -1;
	for (size_t i = 0; i < n; i++) {
		struct event *e = &c->events[i];

		e->pub.name = strdup(list[i].name);
		e->pub.event = dup_or_null(list[i].event);
		e->pub.reason = REASON_NEVER;
		if (!e->pub.name || (list[i].event && !e->pub.event))
			return -ENOMEM;
		if (!list[i].event) {
			error_say(&e->refused, "%s", list[i].lacks);
			e->pub.reason = e->refused.text;
		}
	}
	return 0;
}

/*
 * All names are checked before the first event is opened, so that a misspelt one is found at once.
 */
static int encode_list(struct counters *c, struct error *why)
{
	for (size_t i = 0; i < c->n; i++) {
		struct event *e = &c->events[i];
		int err;

		if (!e->pub.event)
			continue;
		if (!*e->pub.event)
			return error_set(why, -EINVAL, "event %zu of the list has no name", i + 1);
		err = c->cpu < 0 ? counters_encode(e->pub.event, &e->attr, why)
				 : counters_encode_on("", c->cpu, e->pub.event, &e->attr, why);
		if (err)
			return err;
	}
	return 0;
}

int counters_open_list(const struct counter_request *list, size_t n, int cpu, struct counters **out,
		       struct error *why)
{
	struct counters *c = calloc(1, sizeof(*c));
	int err = -ENOMEM;

	*out = NULL;
	if (cpu >= sysconf(_SC_NPROCESSORS_CONF)) {
		err = error_set(why, -ENODEV, "there is no CPU %d", cpu);
		goto out;
	}
	if (!c || allocate(c, list, n)) {
		error_say(why, "out of memory");
		goto out;
	}
	c->cpu = cpu;
	c->begun = NO_PASS;
	err = encode_list(c, why);
	if (!err)
		err = place_all(c, why);
	if (err)
		goto out;
	*out = c;
	c = NULL;
out:
	counters_close(c);
	return err;
}

int counters_open(const char *events, int cpu, struct counters **out, struct error *why)
{
	struct counter_request *list;
	char *names = strdup(events), *rest = names;
	size_t n = 1;
	int err;

	*out = NULL;
	for (const char *p = events; *p; p++)
		n += *p == ',';
	list = calloc(n, sizeof(*list));
	if (!names || !list) {
		err = error_set(why, -ENOMEM, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < n; i++)
		list[i].name = list[i].event = trim(strsep(&rest, ","));
	err = counters_open_list(list, n, cpu, out, why);
out:
	free(list);
	free(names);
	return err;
}

void counters_close(struct counters *c)
{
	if (!c)
		return;
	for (size_t i = c->events ? c->n : 0; i > 0; i--) {
		struct event *e = &c->events[i - 1];

		if (e->page)
			munmap(e->page, (size_t)sysconf(_SC_PAGESIZE));
		if (e->fd >= 0)
			close(e->fd);
		free((void *)e->pub.name);
		free((void *)e->pub.event);
	}
	free(c->events);
	free(c->group);
	free(c);
}

void counters_by_read(struct counters *c)
{
	for (size_t i = 0; c && i < c->n; i++) {
		struct event *e = &c->events[i];

		if (e->page)
			munmap(e->page, (size_t)sysconf(_SC_PAGESIZE));
		e->page = NULL;
	}
}

/* ---- counting ---- */

int counters_begin(struct counters *c, unsigned int pass)
{
	int err;

	if (!c || pass >= c->passes || c->begun != NO_PASS)
		return -EINVAL;
	fail_pass(c, pass, REASON_OPEN);
	err = switch_pass(c, pass, true);
	if (err)
		goto out;
	c->by_page = read_pages(c, pass, false);
	if (!c->by_page)
		err = read_group(c, pass, false);
	if (err)
		switch_pass(c, pass, false);
	else
		c->begun = (int)pass;
out:
	if (err)
		fail_pass(c, pass, err == -EBUSY ? REASON_BUSY : REASON_READ);
	return err;
}

/*
 * Did all events of the pass stay on the PMU? A changed time_running shows that the kernel
 * rescheduled an event; only read() then knows the whole count.
 */
static bool stayed(const struct counters *c, unsigned int pass)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct event *e = &c->events[i];

		if (in_pass(e, pass) && e->stop.running != e->start.running)
			return false;
	}
	return true;
}

/*
 * Takes the times from read() but keeps the counts from the pages, which were read before: after a
 * mere context switch, read() would add its own 130 user instructions, and all of its kernel ones,
 * to the block's count.
 */
static int complete_times(struct counters *c, unsigned int pass)
{
	int err;

	for (size_t i = 0; i < c->n; i++)
		c->events[i].by_page = c->events[i].stop.count;
	err = read_group(c, pass, true);
	for (size_t i = 0; i < c->n; i++)
		if (in_pass(&c->events[i], pass))
			c->events[i].stop.count = c->events[i].by_page;
	return err;
}

static void settle_event(struct event *e, bool rdpmc)
{
	uint64_t lost_before = e->start.enabled - e->start.running;
	uint64_t lost_after = e->stop.enabled - e->stop.running;

	e->pub.count = e->stop.count - e->start.count;
	e->pub.rdpmc = rdpmc;
	e->pub.valid = lost_before == lost_after;
	e->pub.reason = e->pub.valid ? NULL : REASON_PART;
}

int counters_end(struct counters *c, unsigned int pass)
{
	bool rdpmc;
	int err = 0;

	if (!c || c->begun == NO_PASS || (unsigned int)c->begun != pass)
		return -EINVAL;
	rdpmc = c->by_page && read_pages(c, pass, true);
	if (!rdpmc)
		err = read_group(c, pass, true);
	else if (!stayed(c, pass))
		err = complete_times(c, pass);
	switch_pass(c, pass, false);
	c->begun = NO_PASS;
	if (err) {
		fail_pass(c, pass, err == -EBUSY ? REASON_LOST : REASON_READ);
		return err;
	}
	for (size_t i = 0; i < c->n; i++)
		if (in_pass(&c->events[i], pass))
			settle_event(&c->events[i], rdpmc);
	return 0;
}

/* ---- what is available ---- */

unsigned int counters_passes(const struct counters *c)
{
	return c ? c->passes : 0;
}

size_t counters_count(const struct counters *c)
{
	return c ? c->n : 0;
}

const struct counter *counters_at(const struct counters *c, size_t i)
{
	return c && i < c->n ? &c->events[i].pub : NULL;
}
