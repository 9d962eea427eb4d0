/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/foreign/foreign.h"
#include "bpf/foreign/section_attach.h"
#include "bpf/foreign/presets.h"
#include "bpf/foreign/foreign_tool.h"
#include "bpf/load/attach.h"
#include "bpf/load/reason.h"
#include "bpf/load/text.h"
#include "bpf/programs/shared.h"
#include "calib/clock.h"

#define LOG_BYTES      (64 * 1024)
#define LOG_STATISTICS 4 /* BPF_LOG_STATS, since 5.2 */
#define PROGRAMS_MOST  64

/* One program of the object, with the place it is attached to. */
struct part {
	const struct foreign_entry *entry;
	struct bpf_program *program;
	struct attachment at; /* for attach_unlink: link, address and text */
	char *log;
};

struct foreign {
	struct bpf_object *object;
	struct part parts[PROGRAMS_MOST];
	size_t n;
	char mechanism[32];
	struct program_facts facts;
	struct foreign_maps maps;
	bool is_tool;
	struct tool *tool; /* while it runs */
};

/* ---- loading ---- */

/* --attach: another place than its section's, of the same family. */
static int retarget(struct bpf_program *program, const struct foreign_entry *entry,
		    struct error *why)
{
	enum bpf_attach_type attach;
	enum bpf_prog_type type;
	int err;

	if (!strcmp(bpf_program__section_name(program), entry->section))
		return 0;
	err = libbpf_prog_type_by_name(entry->section, &type, &attach);
	if (!err)
		err = bpf_program__set_type(program, type);
	if (!err)
		err = bpf_program__set_expected_attach_type(program, attach);
	if (!err && (type == BPF_PROG_TYPE_TRACING || type == BPF_PROG_TYPE_LSM))
		err = bpf_program__set_attach_target(program, 0, entry->place.target);
	if (err)
		reason_explain(section_needs(entry->place.kind), err, NULL, why);
	return err;
}

static int choose(struct foreign *foreign, const struct foreign_entry *entry, struct error *why)
{
	struct part *part = &foreign->parts[foreign->n];

	if (foreign->n == PROGRAMS_MOST)
		return error_set(why, -E2BIG, "more than %d programs at once", PROGRAMS_MOST);
	part->entry = entry;
	part->program = bpf_object__find_program_by_name(foreign->object, entry->program);
	if (!part->program)
		return error_set(why, -ENOENT, "no program %s in the object", entry->program);
	part->log = calloc(1, LOG_BYTES);
	if (!part->log)
		return error_set(why, -ENOMEM, "out of memory");
	part->at.hook = section_hook(entry->place.kind);
	part->at.optimisation_was = -1;
	foreign->n++;
	bpf_program__set_autoload(part->program, true);
	bpf_program__set_log_buf(part->program, part->log, LOG_BYTES);
	bpf_program__set_log_level(part->program, LOG_STATISTICS);
	return retarget(part->program, entry, why);
}

static int choose_all(struct foreign *foreign, const struct foreign_entry *entry, struct error *why)
{
	const struct foreign_bundle *b = bundle();
	struct bpf_program *program;
	int err = 0;

	bpf_object__for_each_program(program, foreign->object)
		bpf_program__set_autoload(program, false);
	if (!entry->together)
		return choose(foreign, entry, why);
	for (size_t i = 0; i < b->n_entries && !err; i++)
		if (b->entries[i].object == entry->object && !b->entries[i].together &&
		    b->entries[i].works)
			err = choose(foreign, &b->entries[i], why);
	if (!err && !foreign->n)
		err = error_set(why, -ENOENT, "none of its programs works here");
	return err;
}

/* The logs live only during the load. */
static void drop_logs(struct foreign *foreign)
{
	for (size_t i = 0; i < foreign->n; i++) {
		bpf_program__set_log_buf(foreign->parts[i].program, NULL, 0);
		free(foreign->parts[i].log);
		foreign->parts[i].log = NULL;
	}
}

static void add_facts(struct foreign *foreign)
{
	struct program_facts *all = &foreign->facts;

	for (size_t i = 0; i < foreign->n; i++) {
		struct program_facts one = {0};

		program_read_log(foreign->parts[i].log, &one);
		program_read_info(bpf_program__fd(foreign->parts[i].program), &one);
		all->verified += one.verified;
		all->xlated_bytes += one.xlated_bytes;
		all->jited_bytes += one.jited_bytes;
		all->stack_bytes += one.stack_bytes;
		all->verify_us += one.verify_us;
	}
}

static int load(struct foreign *foreign, struct error *why)
{
	uint64_t started = clock_ns();
	int err = bpf_object__load(foreign->object);

	if (err) {
		const struct part *at = &foreign->parts[0];

		/* the program with a log is the one that was refused */
		for (size_t i = 0; i < foreign->n; i++)
			if (*foreign->parts[i].log &&
			    bpf_program__fd(foreign->parts[i].program) < 0)
				at = &foreign->parts[i];
		reason_explain(section_needs(at->entry->place.kind), err, at->log, why);
	} else {
		add_facts(foreign);
		foreign->facts.load_us = (clock_ns() - started) / 1000;
	}
	drop_logs(foreign);
	return err;
}

static void find_buffers(struct foreign *foreign)
{
	struct foreign_maps *maps = &foreign->maps;
	struct bpf_map *map;

	maps->least_bytes = RINGBUF_BYTES;
	bpf_object__for_each_map(map, foreign->object)
	{
		if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF &&
		    bpf_map__max_entries(map) < maps->least_bytes)
			maps->least_bytes = bpf_map__max_entries(map);
		if (bpf_map__type(map) == BPF_MAP_TYPE_RINGBUF &&
		    maps->n_rings < FOREIGN_BUFFERS_MOST)
			maps->ring_fds[maps->n_rings++] = bpf_map__fd(map);
		if (bpf_map__type(map) == BPF_MAP_TYPE_PERF_EVENT_ARRAY &&
		    maps->n_perfs < FOREIGN_BUFFERS_MOST)
			maps->perf_fds[maps->n_perfs++] = bpf_map__fd(map);
	}
}

int foreign_open(const struct foreign_entry *entry, struct foreign **out, struct error *why)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "foreign");
	struct foreign *foreign = calloc(1, sizeof(*foreign));
	size_t bytes;
	const void *elf;
	int err;

	if (!foreign)
		return error_set(why, -ENOMEM, "out of memory");
	foreign->is_tool = entry->tool;
	if (entry->tool) {
		*out = foreign;
		return 0;
	}
	elf = bundle_object(entry->object, &bytes);
	reason_capture();
	reason_clear();
	*why->text = '\0';
	foreign->object = bpf_object__open_mem(elf, bytes, &opts);
	if (!foreign->object) {
		err = -errno;
		reason_say(err, why);
		goto out;
	}
	err = choose_all(foreign, entry, why);
	if (!err)
		err = presets_apply(foreign->object, bundle(), why);
	if (err && !*why->text)
		reason_say(err, why);
	if (!err)
		err = load(foreign, why);
	if (!err)
		find_buffers(foreign);
out:
	if (err)
		foreign_close(foreign);
	else
		*out = foreign;
	return err;
}

void foreign_close(struct foreign *foreign)
{
	if (!foreign)
		return;
	foreign_detach(foreign);
	drop_logs(foreign);
	bpf_object__close(foreign->object);
	free(foreign);
}

/* ---- attached ---- */

/* The function's address, looked up once a process: it takes a reading of all symbols. */
static uint64_t address_of(const struct foreign_entry *entry)
{
	static struct {
		bool asked;
		uint64_t address;
	} known[BUNDLE_ENTRIES_MOST];
	size_t i = (size_t)(entry - bundle()->entries);
	char name[sizeof(entry->place.target)];

	if (!known[i].asked) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(entry->place.target, "+"),
			 entry->place.target);
		known[i].address = text_symbol(name);
	}
	known[i].asked = true;
	return known[i].address;
}

static int attach_part(struct part *part, struct error *why)
{
	const struct section *place = &part->entry->place;
	int err;

	reason_clear();
	if (section_patches(place->kind) && !part->at.address) {
		part->at.address = address_of(part->entry);
		part->at.have_text =
			part->at.address && !text_read(part->at.address, part->at.text);
	}
	part->at.link = section_attach(part->program, place, why);
	err = part->at.link ? 0 : -errno;
	if (err && !*why->text)
		reason_explain(section_needs(place->kind), err, NULL, why);
	return err;
}

static int start_tool(struct foreign *foreign, struct error *why)
{
	struct foreign_bundle *b = bundle();
	int err = tool_start(b->command, b->command_bytes, &foreign->tool, why);

	if (err)
		return err;
	b->n_programs = tool_programs(foreign->tool);
	tool_hooks(foreign->tool, b->hooks, BUNDLE_HOOKS_MOST, &b->n_hooks);
	snprintf(foreign->mechanism, sizeof(foreign->mechanism), "%zu programs", b->n_programs);
	return 0;
}

int foreign_attach(struct foreign *foreign, struct error *why)
{
	int err = 0;

	if (foreign->is_tool)
		return start_tool(foreign, why);

	for (size_t i = 0; i < foreign->n && !err; i++)
		err = attach_part(&foreign->parts[i], why);
	if (err)
		foreign_detach(foreign);
	else if (foreign->n == 1)
		snprintf(foreign->mechanism, sizeof(foreign->mechanism), "%s",
			 section_mechanism(foreign->parts[0].entry->place.kind));
	else
		snprintf(foreign->mechanism, sizeof(foreign->mechanism), "%zu programs",
			 foreign->n);
	return err;
}

void foreign_detach(struct foreign *foreign)
{
	tool_stop(foreign->tool);
	foreign->tool = NULL;
	for (size_t i = foreign->n; i-- > 0;)
		attach_unlink(&foreign->parts[i].at);
}

const char *foreign_mechanism(const struct foreign *foreign)
{
	return foreign->mechanism;
}

const struct program_facts *foreign_facts(const struct foreign *foreign)
{
	return &foreign->facts;
}

int foreign_runs(const struct foreign *foreign, struct program_runs *out)
{
	*out = (struct program_runs){0};
	if (foreign->tool)
		return tool_runs(foreign->tool, out);
	for (size_t i = 0; i < foreign->n; i++) {
		struct program_runs one;
		int err = program_runs(bpf_program__fd(foreign->parts[i].program), &one);

		if (err)
			return err;
		out->runs += one.runs;
		out->ns += one.ns;
		out->missed += one.missed;
	}
	return 0;
}

const struct foreign_maps *foreign_maps(const struct foreign *foreign)
{
	return &foreign->maps;
}

int foreign_monitor_fd(const struct foreign *foreign, int *fd, struct error *why)
{
	const char *name = bundle()->monitor;
	const struct bpf_map *map = *name && foreign->object
					    ? bpf_object__find_map_by_name(foreign->object, name)
					    : NULL;

	*fd = map ? bpf_map__fd(map) : -1;
	if (map && (bpf_map__key_size(map) != sizeof(pid_t) ||
		    bpf_map__value_size(map) > FOREIGN_VALUE_MOST))
		return error_set(why, -EINVAL,
				 "--monitor %s: its keys are of %u bytes and its values of %u; a "
				 "process id has 4, and a value may have %d",
				 name, bpf_map__key_size(map), bpf_map__value_size(map),
				 FOREIGN_VALUE_MOST);
	return 0;
}
