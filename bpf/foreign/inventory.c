/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpf/foreign/inventory.h"
#include "bpf/load/reason.h"

#define PROGRAMS_MOST 512
#define MAPS_MOST     512
#define PROOF_S	      20 /* CPU time: libbpf needs milliseconds */

static void list_program(const struct bpf_program *program, struct inventory *out)
{
	struct listed_program *row = &out->programs[out->n_programs++];

	snprintf(row->name, sizeof(row->name), "%s", bpf_program__name(program));
	snprintf(row->section, sizeof(row->section), "%s", bpf_program__section_name(program));
	section_parse(bpf_program__section_name(program), &row->section_parsed);
	row->insns = bpf_program__insn_cnt(program);
	row->autoload = bpf_program__autoload(program);
}

static void list_map(const struct bpf_map *map, struct inventory *out)
{
	struct listed_map *row = &out->maps[out->n_maps++];

	snprintf(row->name, sizeof(row->name), "%s", bpf_map__name(map));
	row->type = bpf_map__type(map);
	row->key_size = bpf_map__key_size(map);
	row->value_size = bpf_map__value_size(map);
	row->max_entries = bpf_map__max_entries(map);
	row->internal = bpf_map__is_internal(map);
}

static int list_all(const struct bpf_object *object, struct inventory *out, struct error *why)
{
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_program(program, object)
	{
		if (out->n_programs == PROGRAMS_MOST)
			return error_set(why, -E2BIG, "it has more than %d programs",
					 PROGRAMS_MOST);
		list_program(program, out);
	}
	bpf_object__for_each_map(map, object)
	{
		if (out->n_maps == MAPS_MOST)
			return error_set(why, -E2BIG, "it has more than %d maps", MAPS_MOST);
		list_map(map, out);
	}
	out->btf = bpf_object__btf(object) != NULL;
	return out->n_programs ? 0 : error_set(why, -ENOENT, "it has no program");
}

int inventory_read(const void *elf, size_t bytes, struct inventory *out, struct error *why)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "foreign");
	struct bpf_object *object;
	int err;

	reason_capture();
	reason_clear();
	*out = (struct inventory){.programs = calloc(PROGRAMS_MOST, sizeof(*out->programs)),
				  .maps = calloc(MAPS_MOST, sizeof(*out->maps))};
	if (!out->programs || !out->maps) {
		inventory_free(out);
		return error_set(why, -ENOMEM, "out of memory");
	}
	object = bpf_object__open_mem(elf, bytes, &opts);
	if (!object) {
		err = -errno;
		reason_say(err, why);
	} else {
		err = list_all(object, out, why);
	}
	bpf_object__close(object);
	if (err)
		inventory_free(out);
	return err;
}

void inventory_free(struct inventory *listing)
{
	free(listing->programs);
	free(listing->maps);
	*listing = (struct inventory){.programs = NULL};
}

static void prove(const void *elf, size_t bytes)
{
	const struct rlimit cpu = {PROOF_S, PROOF_S}, core = {0, 0};
	struct inventory listing;
	struct error why;

	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &core);
	signal(SIGSEGV, SIG_DFL);
	/* what libbpf refuses is no crash: the caller is told by its own attempt */
	if (!inventory_read(elf, bytes, &listing, &why))
		inventory_free(&listing);
	_exit(0);
}

int inventory_prove(const void *elf, size_t bytes, struct error *why)
{
	pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		return error_set(why, -errno, "no process: %s", strerror(errno));
	if (!pid)
		prove(elf, bytes);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_set(why, -errno, "waiting: %s", strerror(errno));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	return error_set(why, -EBADMSG, "libbpf crashes on this object: it is damaged");
}

const char *inventory_map_type(unsigned int type)
{
	const char *name = libbpf_bpf_map_type_str((enum bpf_map_type)type);

	return name ? name : "unknown";
}
