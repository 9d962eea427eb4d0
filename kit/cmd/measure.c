/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/cmd/options/choices.h"
#include "kit/cmd/options/policy_words.h"
#include "kit/cmd/options/showing.h"
#include "kit/cmd/options/start.h"
#include "kit/foreign/agent.h"
#include "kit/foreign/measure.h"

static const struct option_row tool[] = {{"tool",
					  "the words after -- are a tool that attaches programs "
					  "itself, e.g. bpftrace; it is started "
					  "anew for each visit; there is no FILE",
					  .flag = &measure_options.tool},
					 {0}};

static int pid;
static const struct option_row agent[] = {
	{"pid",
	 "instead: list the BPF programs that the process N and its descendants have attached, and "
	 "what their bodies take, for 5 s; no FILE",
	 "N", .index = &pid, .least = 1, .most = 1 << 22},
	{0}};

static const struct option_row of_files[] = {
	{"list", "list the programs and maps; nothing is loaded", .flag = &measure_options.list},
	{"program", "only these, e.g. 'sys_enter_*'; repeatable; default: all that can be measured",
	 "GLOB", .list = OPTION_LIST(measure_options.programs)},
	{"attach",
	 "another hook for a program: NAME=SECTION, e.g. count=tp/syscalls/sys_enter_read",
	 "NAME=SECTION", .list = OPTION_LIST(measure_options.attaches)},
	{"all", "beside each program alone, all of an object together, as they would be deployed",
	 .flag = &measure_options.together},
	{"set", "a global variable, before the load: a number, true, false, or text", "VAR=VALUE",
	 .list = OPTION_LIST(measure_options.sets)},
	{"map", "a map's size: NAME:max_entries=N,value_size=N, either or both", "NAME:SIZES",
	 .list = OPTION_LIST(measure_options.maps)},
	{"monitor",
	 "put the calling process into this map as a key, for programs that ask it whose calls "
	 "they "
	 "are to note",
	 "MAP", .text = &measure_options.monitor},
	{"pin-map", "take the map that is pinned at the path", "NAME=PATH",
	 .list = OPTION_LIST(measure_options.pins)},
	{0}};

static const struct option_row how[] = {
	{"trigger",
	 "the timed operation, e.g. openat_enoent; repeatable; default: the one that suits the "
	 "hook and runs the program; see bpftoll list",
	 "GLOB", .list = OPTION_LIST(measure_options.triggers), .values = choice_syscall},
	{"wakeup-policy",
	 "of the reader of its buffers: none (default: the caller reads between blocks), per-event "
	 "(the reader sleeps until it is woken), polled-1ms, busy-poll, every-N, spin; repeatable",
	 "POLICY", .list = OPTION_LIST(measure_options.wakeups), .values = policy_word,
	 .translate = policy_state},
	{"cache", "stirred (default), hot, cold; as in bpftoll run", "STATE",
	 .list = OPTION_LIST(measure_options.caches), .values = choice_cache},
	{0}};

static int list(void)
{
	struct measure_file file;
	struct error why;
	size_t can = 0;
	int err = measure_file_open(measure_options.words[0], &file, &why);

	if (!err)
		can = measure_file_list(&file, stdout);
	measure_file_close(&file);
	if (err)
		return cli_fail(EXIT_NOTHING, &why);
	return can ? EXIT_DONE : EXIT_NOTHING;
}

#define AGENT_S 5
static int look(void)
{
	struct answer *answer = NULL;
	struct error why = {0};
	int err;

	if (measure_options.words && measure_options.words[0])
		return options_wrong_word(measure_options.words[0]);
	err = agent_look(pid, AGENT_S, &cli_stop, &answer, &why);
	if (err == -EINTR)
		return EXIT_STOPPED;
	if (err)
		return cli_fail(EXIT_NOTHING, &why);
	return showing_answer(answer) ? EXIT_FAILED : EXIT_DONE;
}

static int run(void)
{
	if (pid)
		return look();
	if (measure_options.tool && (!measure_options.words || !measure_options.words[0]))
		return options_wrong("--tool: which? --tool -- COMMAND...");
	if (measure_options.tool && options_given(of_files))
		return options_wrong("%s: a tool loads its programs itself",
				     options_given(of_files));
	if (measure_options.tool)
		return run_with(&suite_measure);
	if (!measure_options.words || !measure_options.words[0])
		return options_wrong("FILE is missing: a BPF object, or a program that holds one");
	if (measure_options.words[1] && measure_options.list)
		return options_wrong_word(measure_options.words[1]);
	return measure_options.list ? list() : run_with(&suite_measure);
}

const struct command cmd_measure = {
	.name = "measure",
	.summary = "what the programs of any BPF object cost",
	.about = "Measures what the BPF programs in FILE add to the operation that runs them.",
	.more = "FILE is a BPF object (my.bpf.o), or a program that holds objects, as tools made "
		"with libbpf's skeletons do. Each program is loaded and attached as its section "
		"says, with all maps of its object; the operation that runs it is found by trying; "
		"its cost is the difference to the same operation with nothing attached, as in "
		"bpftoll run. What the kernel refuses is a row with the kernel's words, and a "
		"program that no operation ran has no cost.\n\n"
		"Programs of FILE run in the kernel, as root: measure what you would run. Nothing "
		"stays attached or pinned. Each program is attached alone: one that expects "
		"another "
		"to have run (the exit of a call whose entry another program notes) does less than "
		"in its tool; --all attaches all of them.\n\n"
		"With COMMAND all programs are attached at once, and the command's wall and CPU "
		"time is compared with and without them, in windows of a run each, in the order "
		"ABBA.",
	.examples = "  bpftoll measure --list my.bpf.o\n"
		    "  bpftoll measure /usr/sbin/opensnoop --all\n"
		    "  bpftoll measure /usr/sbin/opensnoop -- find /usr -name '*.h'\n"
		    "  bpftoll measure --tool -- \\\n"
		    "    bpftrace -e 'tracepoint:syscalls:sys_enter_munmap { @ = count(); }'\n"
		    "  bpftoll measure my.bpf.o --program 'count*' --trigger openat_enoent",
	.groups = (const struct option_group[]){{"What to measure:", of_files},
						{NULL, tool},
						{NULL, agent},
						{"How:", how},
						{"How long:", run_how_long},
						{NULL, start_seed_rows},
						{"Where:", start_cpu_rows},
						{NULL, run_where},
						{"Beside the time:", run_beside},
						{"What is shown:", showing_rows},
						{0}},
	.operands = "FILE [-- COMMAND...]",
	.rest = &measure_options.words,
	.run = run,
};
