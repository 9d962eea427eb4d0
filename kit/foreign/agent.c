/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "calib/path.h"
#include "bpf/foreign/foreign_tool.h"
#include "bpf/foreign/tool_fds.h"
#include "bpf/load/probe.h"
#include "calib/clock.h"
#include "kit/foreign/agent.h"

#define PIDS_MOST 256
#define MAPS_MOST 256

static const struct answer_column columns[] = {
	{"program", "program", ANSWER_WORDS, false}, {"hook", "hook", ANSWER_WORDS, false},
	{"rate", "runs/s", ANSWER_RATE, false},	     {"body", "body, a run", ANSWER_NS, false},
	{"cpu", "CPU", ANSWER_PERCENT, false},
};

struct looked {
	struct attached at;
	char name[BPF_OBJ_NAME_LEN], type[32];
	struct program_runs before, after;
	bool gone;
};

struct agent {
	pid_t pids[PIDS_MOST];
	size_t n_pids;
	struct looked programs[TOOL_PROGRAMS_MOST];
	size_t n;
	uint32_t maps[MAPS_MOST];
	size_t n_maps;
	double memory; /* bytes of all maps, each counted once */
	double seconds;
};

/* ---- maps ---- */

/* "memlock" in the fdinfo of a map; 0: unknown. */
static double map_bytes(int fd)
{
	unsigned long long bytes = 0;
	char path[64], line[128];
	FILE *file;

	file = path_put(path, sizeof(path), "/proc/self/fdinfo/%d", fd) ? NULL : fopen(path, "re");
	if (!file)
		return 0;
	while (!bytes && fgets(line, sizeof(line), file))
		if (sscanf(line, "memlock: %llu", &bytes) != 1)
			bytes = 0;
	fclose(file);
	return (double)bytes;
}

static void add_map(struct agent *agent, uint32_t id)
{
	int fd;

	for (size_t i = 0; i < agent->n_maps; i++)
		if (agent->maps[i] == id)
			return;
	if (agent->n_maps == MAPS_MOST)
		return;
	agent->maps[agent->n_maps++] = id;
	fd = bpf_map_get_fd_by_id(id);
	if (fd < 0)
		return;
	agent->memory += map_bytes(fd);
	close(fd);
}

/* ---- programs ---- */

static void describe(struct agent *agent, struct looked *program, int fd)
{
	uint32_t maps[64], length = sizeof(struct bpf_prog_info);
	struct bpf_prog_info info = {.nr_map_ids = 64, .map_ids = (uintptr_t)maps};
	const char *type;

	if (bpf_obj_get_info_by_fd(fd, &info, &length))
		return;
	snprintf(program->name, sizeof(program->name), "%s", info.name);
	type = libbpf_bpf_prog_type_str((enum bpf_prog_type)info.type);
	snprintf(program->type, sizeof(program->type), "%s", type ? type : "unknown");
	for (uint32_t i = 0; i < info.nr_map_ids && i < 64; i++)
		add_map(agent, maps[i]);
}

static void read_runs(struct agent *agent, bool first)
{
	for (size_t i = 0; i < agent->n; i++) {
		struct looked *program = &agent->programs[i];
		int fd = bpf_prog_get_fd_by_id(program->at.prog_id);

		if (fd < 0 || program_runs(fd, first ? &program->before : &program->after))
			program->gone = true;
		if (fd >= 0 && first)
			describe(agent, program, fd);
		if (fd >= 0)
			close(fd);
	}
}

static int watch(struct agent *agent, unsigned int seconds, const volatile sig_atomic_t *stop,
		 struct error *why)
{
	int counting = probe_count_hits();
	double began;

	if (counting < 0)
		return error_set(why, counting, "runs cannot be counted (BPF_ENABLE_STATS): %s",
				 strerror(-counting));
	read_runs(agent, true);
	began = clock_seconds();
	while (!*stop && clock_seconds() < began + seconds)
		usleep(20000);
	read_runs(agent, false);
	agent->seconds = clock_seconds() - began;
	close(counting);
	return *stop ? -EINTR : 0;
}

static void put_row(struct answer *a, const struct looked *program, double seconds)
{
	double runs = (double)(program->after.runs - program->before.runs);
	double ns = (double)(program->after.ns - program->before.ns);

	answer_row(a);
	answer_text(a, "%s", *program->name ? program->name : "-");
	answer_text(a, "%s", *program->at.hook ? program->at.hook : program->type);
	answer_number(a, program->gone ? NAN : runs / seconds);
	answer_number(a, program->gone || !(runs > 0) ? NAN : ns / runs);
	answer_number(a, program->gone ? NAN : ns * 1e-9 / seconds * 100);
}

static int tell(const struct agent *agent, pid_t pid, struct answer **out)
{
	struct answer *a = answer_open("agent", NULL);

	if (!a)
		return -ENOMEM;
	answer_title(a, "BPF programs of process %d%s, over %.1f s", pid,
		     agent->n_pids > 1 ? " and its descendants" : "", agent->seconds);
	answer_table(a, "programs", NULL, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < agent->n; i++)
		put_row(a, &agent->programs[i], agent->seconds);
	answer_line(a, "Maps", "%zu, %.0f KiB of kernel memory", agent->n_maps,
		    agent->memory / 1024);
	answer_line(a, "Not in it",
		    "the dispatch to a program, what its reader does, and what a call pays in all: "
		    "measure --tool starts and stops a tool for that, measure FILE measures its "
		    "programs");
	*out = a;
	return 0;
}

int agent_look(pid_t pid, unsigned int seconds, const volatile sig_atomic_t *stop,
	       struct answer **out, struct error *why)
{
	struct agent *agent = calloc(1, sizeof(*agent));
	struct attached attached[TOOL_PROGRAMS_MOST];
	int err = 0;

	if (!agent)
		return error_set(why, -ENOMEM, "out of memory");
	agent->n_pids = tool_tree(pid, agent->pids, PIDS_MOST);
	agent->n = tool_attached(agent->pids, agent->n_pids, attached, TOOL_PROGRAMS_MOST);
	for (size_t i = 0; i < agent->n; i++)
		agent->programs[i].at = attached[i];
	if (!agent->n_pids)
		err = error_set(why, -ENOENT, "there is no process %d", pid);
	else if (!agent->n)
		err = error_set(why, -ENOENT,
				"neither process %d nor its descendants have a BPF program "
				"attached, as far as their descriptors show",
				pid);
	if (!err)
		err = watch(agent, seconds, stop, why);
	if (!err)
		err = tell(agent, pid, out);
	if (err == -ENOMEM)
		error_say(why, "out of memory");
	free(agent);
	return err;
}
