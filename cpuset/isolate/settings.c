/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/error.h"
#include "cpuset/isolate/settings.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cpuset/facts.h"
#include "cpuset/mask.h"
#include "cpuset/isolate/partition.h"
#include "cpuset/sysfile.h"
#include "cpuset/isolate/value.h"

struct setting {
	const char *name;
	const char *path;   /* '#' stands for a number */
	const char *value;  /* value to set; NULL: derived from the value before */
	const char *absent; /* what to say when the file is missing */
	/*
	 * Sets the row; NULL: a row before this one sets it, without reading it back: see
	 * set_watchdogs.
	 */
	int (*set)(const struct settings_scene *scene, const struct setting *row);
	void (*extract)(char *text);	  /* extracts the value from the file's text */
	bool (*valid)(const char *value); /* is it a value of this kind? */
	bool (*equal)(const char *a, const char *b);
};

enum { PATH_LEN = 128, SETTINGS = 16 };

enum result { SAME, CHANGED, ABSENT, REFUSED };

/* ---- one file ---- */

static int read_value(const struct settings_scene *scene, const struct setting *row,
		      const char *path, char value[SYSFILE_MAX])
{
	int err = sysfile_read(scene->root, path, value);

	if (!err)
		row->extract(value);
	return err;
}

/*
 * Adds to the journal, writes, and reads back. *result and *reason (an errno) say how it went.
 * Returns the journal's -errno, and then nothing was written.
 */
static int change(const struct settings_scene *scene, const struct setting *row, const char *path,
		  const char *before, const char *value, enum result *result, int *reason)
{
	char now[SYSFILE_MAX];
	int err;

	*result = SAME;
	if (row->equal(before, value))
		return 0;
	err = journal_append(scene->journal, row->name, path, before, value);
	if (err)
		return err;
	*result = REFUSED;
	*reason = -sysfile_write(scene->root, path, value);
	if (*reason)
		return 0;
	*reason = -read_value(scene, row, path, now);
	if (!*reason && row->equal(now, value)) {
		*result = CHANGED;
		return 0;
	}
	/*
	 * The kernel stored another value than the one written: when restoring, that would look as
	 * if somebody else had changed it.
	 */
	if (!*reason)
		*reason = EINVAL;
	sysfile_write(scene->root, path, before);
	return 0;
}

/*
 * Saves, sets and reports one file of a row with a fixed value. 1: the file is missing; else as
 * change.
 */
static int set_path(const struct settings_scene *scene, const struct setting *row, const char *path)
{
	char before[SYSFILE_MAX];
	enum result result = REFUSED;
	int err, reason = -read_value(scene, row, path, before);

	if (reason == ENOENT || reason == ENODEV) {
		scene_note(scene, "%s: %s", row->name, row->absent);
		return 1;
	}
	if (reason) {
		scene_note(scene, "%s: %s cannot be read: %s", row->name, path, strerror(reason));
		return 0;
	}
	if (!row->valid(before)) {
		scene_note(scene, "%s: %s holds what is not understood, left alone", row->name,
			   path);
		return 0;
	}
	err = change(scene, row, path, before, row->value, &result, &reason);
	if (err)
		return err;
	if (result == CHANGED)
		scene_note(scene, "%s: %s -> %s (%s)", row->name, before, row->value, path);
	else if (result == REFUSED)
		scene_note(scene, "%s: stays %s, %s cannot be set: %s", row->name, before, path,
			   strerror(reason));
	return 0;
}

static int set_one(const struct settings_scene *scene, const struct setting *row)
{
	int err = set_path(scene, row, row->path);

	return err < 0 ? err : 0;
}

static void number_path(char path[PATH_LEN], const char *pattern, int number)
{
	const char *hash = strchr(pattern, '#');

	snprintf(path, PATH_LEN, "%.*s%d%s", (int)(hash - pattern), pattern, number, hash + 1);
}

static int set_cpus(const struct settings_scene *scene, const struct setting *row)
{
	char path[PATH_LEN];
	int err;

	number_path(path, row->path, scene->measure_cpu);
	err = set_path(scene, row, path);
	/* What is missing on one CPU is missing on all: one line is enough. */
	if (!err && scene->reader_cpu >= 0) {
		number_path(path, row->path, scene->reader_cpu);
		err = set_path(scene, row, path);
	}
	return err < 0 ? err : 0;
}

/* Not for the reader CPU: the table says why. */
static int set_measuring(const struct settings_scene *scene, const struct setting *row)
{
	char path[PATH_LEN];
	int err;

	number_path(path, row->path, scene->measure_cpu);
	err = set_path(scene, row, path);
	return err < 0 ? err : 0;
}

/*
 * Only kept. The kernel works it out anew when THP, the row that follows, is switched, and may
 * raise it above what the user has set (mm/khugepaged.c, set_recommended_min_free_kbytes).
 */
static int keep(const struct settings_scene *scene, const struct setting *row)
{
	char before[SYSFILE_MAX];

	if (read_value(scene, row, row->path, before) || !row->valid(before))
		return 0;
	return journal_append(scene->journal, row->name, row->path, before, before);
}

/* ---- watchdogs ---- */

/*
 * The file watchdog controls the two after it in the table. On Linux 6.1, reading one of the three
 * overwrites the requested value with the one in effect: while the others are off, reading an
 * enabled one turns it off for good. So all three are read and put into the journal before the
 * first is written; watchdog is written first, hence restored last; and only watchdog is read back.
 */
static int set_watchdogs(const struct settings_scene *scene, const struct setting *master)
{
	enum { WATCHDOGS = 3 };
	char before[WATCHDOGS][SYSFILE_MAX];
	int reason[WATCHDOGS];

	for (int i = 0; i < WATCHDOGS; i++)
		reason[i] = -read_value(scene, &master[i], master[i].path, before[i]);
	if (reason[0] == ENOENT) {
		scene_note(scene, "%s: %s", master->name, master->absent);
		return 0;
	}
	for (int i = 0; i < WATCHDOGS; i++) {
		int err;

		if (reason[i] || !value_is_number(before[i]) || strcmp(before[i], "0") == 0)
			continue;
		err = journal_append(scene->journal, master[i].name, master[i].path, before[i],
				     "0");
		if (err)
			return err;
	}
	for (int i = WATCHDOGS - 1; i >= 0; i--) {
		if (!reason[i] && (!value_is_number(before[i]) || strcmp(before[i], "0") == 0))
			continue;
		if (!reason[i])
			reason[i] = -sysfile_write(scene->root, master[i].path, "0");
		if (reason[i])
			scene_note(scene, "%s: %s cannot be set: %s", master[i].name,
				   master[i].path, strerror(reason[i]));
		else
			scene_note(scene, "%s: %s -> 0 (%s)", master[i].name, before[i],
				   master[i].path);
	}
	return 0;
}

/* ---- IRQ masks ---- */

static const char *irq_reason(int reason)
{
	return reason == ENODEV ? "no other CPU is online" : strerror(reason);
}

static int set_mask(const struct settings_scene *scene, const struct setting *row, const char *path,
		    hwloc_const_bitmap_t online, enum result *result, int *reason)
{
	char before[SYSFILE_MAX];
	char value[SYSFILE_MAX];

	*result = REFUSED;
	*reason = -read_value(scene, row, path, before);
	if (*reason == ENOENT)
		*result = ABSENT;
	if (*reason)
		return 0;
	if (!row->valid(before)) {
		*reason = EBADMSG;
		return 0;
	}
	*reason = -mask_without(before, scene->measure_cpu, online, value);
	if (*reason)
		return 0;
	return change(scene, row, path, before, value, result, reason);
}

/* Calls for every number that is a folder of ROOT/proc/irq. */
static hwloc_bitmap_t list_irqs(const char *root)
{
	hwloc_bitmap_t irqs = hwloc_bitmap_alloc();
	char path[PATH_MAX];
	struct dirent *item;
	DIR *dir;

	dir = sysfile_join(path, root, "/proc/irq") ? NULL : opendir(path);
	while (dir && irqs && (item = readdir(dir))) {
		if (value_is_number(item->d_name) && strlen(item->d_name) < 8)
			hwloc_bitmap_set(irqs, (unsigned int)atoi(item->d_name));
	}
	if (dir)
		closedir(dir);
	return irqs;
}

/*
 * Writes one log line for all interrupts: a server has hundreds, and some always refuse (per-CPU
 * and managed ones).
 */
static int set_irqs(const struct settings_scene *scene, const struct setting *row)
{
	hwloc_bitmap_t irqs = list_irqs(scene->root);
	hwloc_bitmap_t online = hwloc_bitmap_alloc();
	hwloc_bitmap_t refused = hwloc_bitmap_alloc();
	struct error why = {0};
	char text[256];
	int moved = 0, first_reason = 0, irq, err = -ENOMEM;

	if (!irqs || !online || !refused)
		goto out;
	err = 0;
	if (facts_read_list(scene->root, "online", online, &why))
		scene_note(scene, "%s: %s", row->name, why.text);
	hwloc_bitmap_foreach_begin(irq, irqs)
	{
		char path[PATH_LEN];
		enum result result;
		int reason = 0;

		number_path(path, row->path, irq);
		err = set_mask(scene, row, path, online, &result, &reason);
		if (err)
			break;
		moved += result == CHANGED;
		if (result == REFUSED) {
			hwloc_bitmap_set(refused, (unsigned int)irq);
			if (!first_reason)
				first_reason = reason;
		}
	}
	hwloc_bitmap_foreach_end();
	if (err)
		goto out;
	hwloc_bitmap_list_snprintf(text, sizeof(text), refused);
	if (hwloc_bitmap_iszero(irqs))
		scene_note(scene, "%s: %s", row->name, row->absent);
	else if (moved)
		scene_note(scene, "%s: %d moved off CPU %d", row->name, moved, scene->measure_cpu);
	if (first_reason)
		scene_note(scene, "%s: %d cannot be moved off CPU %d: IRQ %s (%s)", row->name,
			   hwloc_bitmap_weight(refused), scene->measure_cpu, text,
			   irq_reason(first_reason));
out:
	hwloc_bitmap_free(refused);
	hwloc_bitmap_free(online);
	hwloc_bitmap_free(irqs);
	return err;
}

static int set_irq_default(const struct settings_scene *scene, const struct setting *row)
{
	hwloc_bitmap_t online = hwloc_bitmap_alloc();
	enum result result = REFUSED;
	int reason = 0, err = -ENOMEM;
	struct error why;

	if (!online)
		return err;
	/* set_irqs has already reported that the list cannot be read */
	(void)facts_read_list(scene->root, "online", online, &why);
	err = set_mask(scene, row, row->path, online, &result, &reason);
	hwloc_bitmap_free(online);
	if (err)
		return err;
	if (result == ABSENT)
		scene_note(scene, "%s: %s", row->name, row->absent);
	else if (result == REFUSED)
		scene_note(scene, "%s: %s cannot be set: %s", row->name, row->path,
			   irq_reason(reason));
	else if (result == CHANGED)
		scene_note(scene, "%s: new ones keep off CPU %d", row->name, scene->measure_cpu);
	return 0;
}

static int set_partition(const struct settings_scene *scene, const struct setting *row)
{
	(void)row;
	return partition_set(scene);
}

/* ---- the table ---- */

static const struct setting table[] = {
	{"governor", "/sys/devices/system/cpu/cpu#/cpufreq/scaling_governor", "performance",
	 "no cpufreq here, the frequency is the firmware's or the host's", set_cpus, value_whole,
	 value_is_word, value_same},
	{"turbo (intel_pstate)", "/sys/devices/system/cpu/intel_pstate/no_turbo", "1",
	 "no intel_pstate driver here", set_one, value_whole, value_is_number, value_same},
	/*
	 * amd-pstate and acpi-cpufreq since 6.11: each policy has a switch of its own, besides the
	 * one for all
	 */
	{"turbo (policy)", "/sys/devices/system/cpu/cpu#/cpufreq/boost", "0",
	 "no boost switch per policy here", set_cpus, value_whole, value_is_number, value_same},
	{"turbo (boost)", "/sys/devices/system/cpu/cpufreq/boost", "0",
	 "the cpufreq driver here has no boost switch", set_one, value_whole, value_is_number,
	 value_same},
	/*
	 * Only for the measuring CPU. A reader CPU that polls while idle is woken without an
	 * interrupt, so every wakeup would take less time than on an unchanged machine. And
	 * /dev/cpu_dma_latency makes every idle CPU poll, the measuring CPU's sibling included.
	 */
	{"C-states", "/sys/devices/system/cpu/cpu#/power/pm_qos_resume_latency_us", "n/a",
	 "no latency limit per CPU here", set_measuring, value_whole, value_is_latency, value_same},
	/*
	 * A probe that needs it switches it on while attached; after a kill it is 0 or the value
	 * before.
	 */
	{"kprobe optimisation", "/proc/sys/debug/kprobes-optimization", "0", "this kernel has none",
	 set_one, value_whole, value_is_number, value_same},
	/* aarch64: user space may read counters only where this is on */
	{"counters in user space", "/proc/sys/kernel/perf_user_access", "1",
	 "this kernel has no such switch", set_one, value_whole, value_is_number, value_same},
	{"NUMA balancing", "/proc/sys/kernel/numa_balancing", "0", "this kernel has none", set_one,
	 value_whole, value_is_number, value_same},
	{"memory kept free", "/proc/sys/vm/min_free_kbytes", NULL, NULL, keep, value_whole,
	 value_is_number, value_same},
	{"THP", "/sys/kernel/mm/transparent_hugepage/enabled", "never",
	 "this kernel has no transparent huge pages", set_one, value_chosen, value_is_word,
	 value_same},
	{"watchdog", "/proc/sys/kernel/watchdog", "0", "this kernel has none", set_watchdogs,
	 value_whole, value_is_number, value_same},
	{"NMI watchdog", "/proc/sys/kernel/nmi_watchdog", "0", NULL, NULL, value_whole,
	 value_is_number, value_same},
	{"soft watchdog", "/proc/sys/kernel/soft_watchdog", "0", NULL, NULL, value_whole,
	 value_is_number, value_same},
	{"interrupts", "/proc/irq/#/smp_affinity", NULL, "no /proc/irq here", set_irqs, value_whole,
	 mask_valid, mask_same},
	{"interrupts by default", "/proc/irq/default_smp_affinity", NULL,
	 "no /proc/irq/default_smp_affinity here", set_irq_default, value_whole, mask_valid,
	 mask_same},
	/*
	 * Last, since it moves the process: when restoring, this row comes first, while the others
	 * are still set.
	 */
	{PARTITION_GROUP, NULL, NULL, NULL, set_partition, NULL, NULL, NULL},
};

_Static_assert(sizeof(table) / sizeof(table[0]) == SETTINGS, "a row for each setting, in order");

static const struct setting *find_row(const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].path && strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

static bool path_fits(const char *pattern, const char *path)
{
	for (; *pattern; pattern++) {
		if (*pattern == '#') {
			size_t digits = strspn(path, "0123456789");

			if (!digits || digits > 7)
				return false;
			path += digits;
		} else if (*pattern != *path++) {
			return false;
		}
	}
	return !*path;
}

int settings_apply(const struct settings_scene *scene, struct error *why)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		int err = table[i].set ? table[i].set(scene, &table[i]) : 0;

		if (err)
			return error_set(why, err,
					 "%s cannot be written, so nothing more is changed: %s",
					 journal_path(scene->journal), strerror(-err));
	}
	return 0;
}

int settings_check(const struct settings_scene *scene, const struct journal_entry *entry,
		   struct error *why)
{
	const struct setting *row = find_row(entry->name);
	const char *fault = NULL;

	if (strcmp(entry->name, PARTITION_CONTROLLER) == 0 ||
	    strcmp(entry->name, PARTITION_GROUP) == 0) {
		if (!partition_knows(scene->root, entry))
			fault = "a cgroup that bpftoll does not make";
	} else if (!row) {
		fault = "an unknown setting";
	} else if (!path_fits(row->path, entry->path)) {
		fault = "a path that bpftoll does not set";
	} else if (!row->valid(entry->before) || !row->valid(entry->after)) {
		fault = "a value that this setting cannot have";
	}
	if (!fault)
		return 0;
	return error_set(why, -EBADMSG, "line %u names %s", entry->line, fault);
}

int settings_restore(const struct settings_scene *scene, const struct journal_entry *entry,
		     bool *changed)
{
	const struct setting *row = find_row(entry->name);
	char now[SYSFILE_MAX];
	int err;

	*changed = false;
	if (!row)
		return partition_restore(scene, entry, changed);
	err = read_value(scene, row, entry->path, now);
	if (err == -ENOENT) {
		scene_note(scene, "%s: %s is gone, nothing to put back", row->name, entry->path);
		return 0;
	}
	if (!err && row->equal(now, entry->before))
		return 0;
	if (!err && row->set != keep && !row->equal(now, entry->after)) {
		scene_note(scene,
			   "%s: %s is %s by now, neither %s as before nor %s as set: left alone",
			   row->name, entry->path, now, entry->before, entry->after);
		return 0;
	}
	if (!err)
		err = sysfile_write(scene->root, entry->path, entry->before);
	if (!err && row->set)
		err = read_value(scene, row, entry->path, now);
	if (!err && row->set && !row->equal(now, entry->before))
		err = -EIO;
	if (err)
		scene_note(scene, "%s: %s cannot be put back to %s: %s", row->name, entry->path,
			   entry->before, strerror(-err));
	*changed = !err;
	return err;
}
