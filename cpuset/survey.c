/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE 1
#include "cpuset/survey.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <time.h>

#include "cpuset/affinity.h"

enum {
	GAP_NS = 1000,
	GAP_SHORTEST_READS = 8,
	CALIBRATION_READS = 256,
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t gap_threshold_ns(void)
{
	uint64_t shortest = UINT64_MAX;
	uint64_t last = now_ns();

	for (int i = 0; i < CALIBRATION_READS; i++) {
		uint64_t now = now_ns();

		if (now > last && now - last < shortest)
			shortest = now - last;
		last = now;
	}
	if (shortest == UINT64_MAX || shortest <= GAP_NS / GAP_SHORTEST_READS)
		return GAP_NS;
	return shortest * GAP_SHORTEST_READS;
}

/* Share of the time taken away from a thread that spins. */
static double spin(unsigned int budget_ms)
{
	uint64_t threshold = gap_threshold_ns();
	uint64_t start = now_ns();
	uint64_t end = start + (uint64_t)budget_ms * 1000000;
	uint64_t last = start;
	uint64_t taken = 0;

	while (last < end) {
		uint64_t now = now_ns();

		if (now - last > threshold)
			taken += now - last;
		last = now;
	}
	return (double)taken / (double)(last - start);
}

int survey_noise(hwloc_const_bitmap_t cpus, unsigned int budget_ms, double *noise, size_t n_noise)
{
	hwloc_bitmap_t before;
	int last = hwloc_bitmap_last(cpus);
	int surveyed = 0;
	int err;
	int cpu;

	for (size_t i = 0; i < n_noise; i++)
		noise[i] = NAN;
	if (last < 0 || !budget_ms)
		return -EINVAL;
	if ((size_t)last >= n_noise)
		return -ERANGE;
	before = hwloc_bitmap_alloc();
	if (!before)
		return -ENOMEM;
	err = affinity_get(before);
	if (err)
		goto out;
	hwloc_bitmap_foreach_begin(cpu, cpus)
	{
		int pinned = affinity_pin(cpu);

		if (!pinned) {
			noise[cpu] = spin(budget_ms);
			surveyed++;
		} else if (!err) {
			err = pinned;
		}
	}
	hwloc_bitmap_foreach_end();
	if (surveyed)
		err = affinity_set(before);
	/* nothing was pinned: the affinity is unchanged */
out:
	hwloc_bitmap_free(before);
	return err;
}

/*
 * Reads the number at *at and moves *at behind it. false: no number, too large, or cut off, which
 * would read as a smaller one.
 */
static bool take_number(const char **at, uint64_t *value)
{
	char *end;

	*at += strspn(*at, " ");
	if (!isdigit((unsigned char)**at))
		return false;
	errno = 0;
	*value = strtoull(*at, &end, 10);
	*at = end;
	return !errno && isspace((unsigned char)*end);
}

int survey_parse_steal(FILE *stat, int cpu, uint64_t *ticks)
{
	enum { STEAL_FIELD = 8 };
	char label[32];
	char *line = NULL;
	size_t size = 0;
	int err = -ENOENT;

	snprintf(label, sizeof(label), "cpu%d ", cpu);
	while (err == -ENOENT && getline(&line, &size, stat) >= 0) {
		const char *at = line + strlen(label);

		if (strncmp(line, label, strlen(label)) != 0)
			continue;
		err = 0;
		for (int field = 1; !err && field <= STEAL_FIELD; field++)
			err = take_number(&at, ticks) ? 0 : -EBADMSG;
	}
	if (err == -ENOENT && ferror(stat))
		err = -EIO;
	free(line);
	return err;
}

/* Finds the column of cpu: only online CPUs have one. *columns: number of columns. */
static int find_column(const char *header, int cpu, int *column, int *columns)
{
	const char *at = header;

	*column = -1;
	*columns = 0;
	for (;;) {
		char *end;
		long number;

		at += strspn(at, " \t\n");
		if (!*at)
			break;
		if (strncmp(at, "CPU", 3) != 0 || !isdigit((unsigned char)at[3]))
			return -EBADMSG;
		number = strtol(at + 3, &end, 10);
		if (!isspace((unsigned char)*end))
			return -EBADMSG;
		if (number == cpu)
			*column = *columns;
		(*columns)++;
		at = end;
	}
	if (!*columns)
		return -EBADMSG;
	return *column < 0 ? -ENOENT : 0;
}

/*
 * ERR, MIS, Err and BAD count for the whole machine: they have one figure however many CPUs there
 * are.
 */
static bool is_machine_row(const char *label)
{
	static const char *const rows[] = {"ERR:", "MIS:", "Err:", "BAD:"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strncmp(label, rows[i], 4) == 0)
			return true;
	}
	return false;
}

static int add_row(const char *line, int column, int columns, uint64_t *count)
{
	const char *label = line + strspn(line, " ");
	const char *at = strchr(label, ':');

	if (!at)
		return -EBADMSG;
	if (is_machine_row(label))
		return 0;
	at++;
	for (int i = 0; i < columns; i++) {
		uint64_t value;

		if (!take_number(&at, &value))
			return -EBADMSG;
		if (i == column)
			*count += value;
	}
	return 0;
}

int survey_parse_interrupts(FILE *interrupts, int cpu, uint64_t *count)
{
	char *line = NULL;
	size_t size = 0;
	int column;
	int columns;
	int err = -EBADMSG;

	*count = 0;
	if (getline(&line, &size, interrupts) >= 0)
		err = find_column(line, cpu, &column, &columns);
	while (!err && getline(&line, &size, interrupts) >= 0)
		err = add_row(line, column, columns, count);
	if (!err && ferror(interrupts))
		err = -EIO;
	free(line);
	return err;
}

static int parse_file(const char *path, int (*parse)(FILE *, int, uint64_t *), int cpu,
		      uint64_t *value)
{
	FILE *file = fopen(path, "re");
	int err;

	if (!file)
		return -errno;
	err = parse(file, cpu, value);
	fclose(file);
	return err;
}

#define MSR_MPERF 0xe7
#define MSR_APERF 0xe8

static void read_frequency(int cpu, struct conditions *out)
{
	char path[64];
	int fd;

	out->aperf = out->mperf = 0;
	snprintf(path, sizeof(path), "/dev/cpu/%d/msr", cpu);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (pread(fd, &out->aperf, sizeof(out->aperf), MSR_APERF) != sizeof(out->aperf) ||
	    pread(fd, &out->mperf, sizeof(out->mperf), MSR_MPERF) != sizeof(out->mperf))
		out->aperf = out->mperf = 0;
	close(fd);
}

int survey_conditions(int cpu, struct conditions *out)
{
	struct rusage usage;
	int err;

	err = parse_file("/proc/stat", survey_parse_steal, cpu, &out->steal_ticks);
	if (!err)
		err = parse_file("/proc/interrupts", survey_parse_interrupts, cpu,
				 &out->interrupts);
	if (err)
		return err;
	if (getrusage(RUSAGE_THREAD, &usage) < 0)
		return -errno;
	out->context_switches_voluntary = (uint64_t)usage.ru_nvcsw;
	out->context_switches_involuntary = (uint64_t)usage.ru_nivcsw;
	read_frequency(cpu, out);
	return 0;
}
