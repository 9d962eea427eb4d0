/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "kit/system/folder.h"
#include "kit/lab/lab.h"
#include "bpf/load/variant.h"
#include "kit/system/process.h"
#include "kit/lab/proof.h"
#include "kit/lab/xray/subject.h"
#include "kit/lab/guest/sysroot.h"
#include "kit/lab/xray/xray.h"
#include "kit/timing/workload.h"
#include "reports/show/render.h"

enum {
	KEY_KERNEL = 256,
	KEY_APPEND,
	KEY_ACCEL,
	KEY_SUITE,
	KEY_HELPER,
	KEY_HOST_PROGRAM,
	KEY_WORKLOAD,
	KEY_VARIANT,
	KEY_WAKEUP,
	KEY_TIMEOUT,
	KEY_MEMORY,
	KEY_CPUS,
	KEY_LIST,
	KEY_REFRESH,
	KEY_XRAY,
	KEY_ARCH,
	KEY_SYSROOT,
	KEY_SELFCHECK,
	KEY_EVENTS,
	KEY_COUNTERS
};

static const struct argp_option options[] = {
	{0, 0, 0, 0, "Which kernels:", 1},
	{"kernel", KEY_KERNEL, "VERSION|FILE", 0,
	 "a version that Debian has (6.1, 6.12.107, …) or a kernel's image; repeatable; default: "
	 "the "
	 "running kernel's image, else Debian's stable",
	 0},
	{"arch", KEY_ARCH, "NAME", 0,
	 "x86_64 or aarch64; repeatable; default: this machine's own. Another one's guests run the "
	 "bpftoll "
	 "that "
	 "make ARCH=NAME builds",
	 0},
	{"sysroot", KEY_SYSROOT, 0, 0,
	 "fetch what that build needs (Debian's packages, unpacked in the cache), print its path, "
	 "and "
	 "leave",
	 0},
	{"append", KEY_APPEND, "PARAMETERS", 0,
	 "more words for the kernel command line, e.g. mitigations=off", 0},
	{"list", KEY_LIST, 0, 0, "print the versions that Debian's suites have, and leave", 0},
	{"refresh", KEY_REFRESH, 0, 0,
	 "look for newer packages; else what a version meant once it means again", 0},
	{0, 0, 0, 0, "What to measure (default: every hook and body on munmap and getppid):", 2},
	{"variant", KEY_VARIANT, "GLOB", 0, "as in bpftoll run; repeatable", 0},
	{"trigger", KEY_WORKLOAD, "GLOB", 0, "as in bpftoll run; repeatable", 0},
	{"drain", KEY_WAKEUP, "STATE", 0, "as in bpftoll run; repeatable", 0},
	{"suite", KEY_SUITE, "NAME", 0, "as in bpftoll run; default: matrix", 0},
	{"helper", KEY_HELPER, "GLOB", 0, "as in bpftoll run --suite helpers; repeatable", 0},
	{"carrier", KEY_HOST_PROGRAM, "NAME", 0, "the same; repeatable", 0},
	{"events", KEY_EVENTS, "LIST", 0, "as in bpftoll run, where the guest has a PMU (aarch64)",
	 0},
	{"counters", KEY_COUNTERS, "SET", 0, "the same", 0},
	{"xray", KEY_XRAY, "VARIANT", 0,
	 "instead: single-step one hit, write its call tree and a flame graph", 0},
	{"selfcheck", KEY_SELFCHECK, 0, 0,
	 "instead: prove the PMU's counters there (bpftoll selfcheck --counters)", 0},
	{0, 0, 0, 0, "How:", 3},
	{"accel", KEY_ACCEL, "tcg|kvm", 0,
	 "tcg (default) counts instructions; kvm, where it works, measures ns of a virtual machine",
	 0},
	{"timeout", KEY_TIMEOUT, "SECONDS", 0, "for each guest (default 300)", 0},
	{"memory", KEY_MEMORY, "MIB", 0, "of each guest (default 512)", 0},
	{"cpus", KEY_CPUS, "N", 0,
	 "of each guest: 1 (default), or 2, for consumers on a CPU of their own: what a call costs "
	 "is withheld then",
	 0},
	{"output", 'o', "DIR", 0,
	 "where the records go: DIR itself for one kernel, DIR/RELEASE for several (default: "
	 "reports/runs/TIME-lab)",
	 0},
	{0}};

struct args {
	struct lab_options lab;
	const char *xray, *workload, *wakeup; /* the last two as last given, for the X-ray */
	bool list, sysroot, selfcheck;
};

static void add_words(struct lab_options *lab, const char *option, const char *value,
		      const struct argp_state *state)
{
	if (lab->n_run_words + 2 > LAB_WORDS_MAX)
		argp_error(state, "too many options for the guest");
	lab->run_words[lab->n_run_words++] = option;
	lab->run_words[lab->n_run_words++] = value;
}

static error_t parse_kernel(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case KEY_KERNEL:
		if (args->lab.n_kernels == LAB_KERNELS_MAX)
			argp_error(state, "more than %d kernels", LAB_KERNELS_MAX);
		args->lab.kernels[args->lab.n_kernels++] = arg;
		return 0;
	case KEY_ARCH:
		if (args->lab.n_machines == LAB_MACHINES_MAX)
			argp_error(state, "more than %d architectures", LAB_MACHINES_MAX);
		args->lab.machines[args->lab.n_machines] = machine_find(arg);
		if (!args->lab.machines[args->lab.n_machines++])
			argp_error(state, "no guests of architecture '%s': there are %s", arg,
				   machine_names());
		return 0;
	case KEY_APPEND:
		args->lab.append = arg;
		return 0;
	case KEY_ACCEL:
		if (!strcmp(arg, "kvm"))
			args->lab.accel = GUEST_KVM;
		else if (strcmp(arg, "tcg") != 0)
			argp_error(state, "--accel is tcg or kvm, not '%s'", arg);
		return 0;
	case KEY_TIMEOUT:
		args->lab.timeout_s = (unsigned int)cli_number(arg, 1, 86400, "--timeout", state);
		return 0;
	case KEY_MEMORY:
		args->lab.memory_mib = (unsigned int)cli_number(arg, 128, 65536, "--memory", state);
		return 0;
	case KEY_CPUS:
		args->lab.cpus = (unsigned int)cli_number(arg, 1, 2, "--cpus", state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case KEY_LIST:
		args->list = true;
		return 0;
	case KEY_SYSROOT:
		args->sysroot = true;
		return 0;
	case KEY_REFRESH:
		args->lab.refresh = true;
		return 0;
	case KEY_SUITE:
		add_words(&args->lab, "--suite", arg, state);
		return 0;
	case KEY_HELPER:
		add_words(&args->lab, "--helper", arg, state);
		return 0;
	case KEY_HOST_PROGRAM:
		add_words(&args->lab, "--carrier", arg, state);
		return 0;
	case KEY_EVENTS:
		add_words(&args->lab, "--events", arg, state);
		return 0;
	case KEY_COUNTERS:
		add_words(&args->lab, "--counters", arg, state);
		return 0;
	case KEY_VARIANT:
		add_words(&args->lab, "--variant", arg, state);
		return 0;
	case KEY_WORKLOAD:
		args->workload = arg;
		add_words(&args->lab, "--trigger", arg, state);
		return 0;
	case KEY_WAKEUP:
		args->wakeup = arg;
		add_words(&args->lab, "--drain", arg, state);
		return 0;
	case KEY_SELFCHECK:
		args->selfcheck = true;
		return 0;
	case KEY_XRAY:
		args->xray = arg;
		return 0;
	case 'o':
		args->lab.dir = arg;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s' is no option of lab", arg);
		return 0;
	default:
		return parse_kernel(key, arg, state);
	}
}

static int list_kernels(const struct args *args)
{
	char text[1024];
	struct error why = {0};

	if (kernel_list(args->lab.machines[0], text, sizeof(text), args->lab.refresh, &why)) {
		cli_say("%s", why.text);
		return EXIT_NOTHING;
	}
	printf("%s\n", text);
	return EXIT_DONE;
}

static void show(const struct lab *lab)
{
	struct record *records[LAB_KERNELS_MAX * LAB_MACHINES_MAX];
	const char *labels[LAB_KERNELS_MAX * LAB_MACHINES_MAX];
	size_t n = 0;

	for (size_t i = 0; i < lab->n; i++)
		if (lab->producer_cpus[i].record && !lab->producer_cpus[i].err) {
			labels[n] = lab->producer_cpus[i].label;
			records[n++] = lab->producer_cpus[i].record;
		}
	if (n && records[0]->n_results && lab->options.cpus < 2)
		lab_side_by_side(records, labels, n, stdout);
	/* rows of suites that have none are tables of each kernel's own */
	for (size_t i = 0; i < n; i++)
		if (!records[i]->n_results || lab->options.cpus > 1)
			render_record(records[i], RENDER_TEXT, stdout);
	fflush(stdout);
	for (size_t i = 0; i < lab->n; i++)
		if (lab->producer_cpus[i].record && !lab->producer_cpus[i].err)
			cli_say("record: %s", lab->producer_cpus[i].dir);
}

/* Prints the path, which is what a Makefile wants to know. */
static int make_sysroot(const struct args *args)
{
	char path[PATH_MAX];
	struct error why = {0};

	if (sysroot_make(args->lab.machines[0], args->lab.refresh, path, sizeof(path), &why)) {
		cli_say("%s", why.text);
		return EXIT_NOTHING;
	}
	printf("%s\n", path);
	return EXIT_DONE;
}

/* What cannot boot here is said before anything is fetched; the rest goes on. -ENOTSUP: nothing is
 * left. */
static int check_host(struct args *args, struct error *why)
{
	struct lab_options *lab = &args->lab;
	size_t kept = 0;

	*why->text = '\0';
	for (size_t i = 0; i < lab->n_machines; i++) {
		const struct machine *machine = lab->machines[i];

		if (*why->text)
			cli_say("%s", why->text);
		*why->text = '\0';
		if (process_find(machine->qemu, why))
			error_say(why, "%s is not installed (Debian: %s)", machine->qemu,
				  machine->qemu_package);
		else if (lab->accel == GUEST_KVM && !machine_is_own(machine))
			error_say(why, "--accel kvm runs guests of this machine's own kind only");
		else
			lab->machines[kept++] = machine;
	}
	lab->n_machines = kept;
	if (kept && *why->text)
		cli_say("%s", why->text);
	return kept ? 0 : -ENOTSUP;
}

/* A full disk or memory is a failure: this machine could measure. */
static int code_of(int err)
{
	switch (-err) {
	case EINTR:
		return EXIT_STOPPED;
	case ENOSPC:
	case EDQUOT:
	case ENOMEM:
		return EXIT_FAILED;
	default:
		return EXIT_NOTHING;
	}
}

static int prepare(const struct args *args, struct lab *lab)
{
	struct error why = {0};
	int err = lab_prepare(lab, &args->lab, &why);

	if (!err)
		return EXIT_DONE;
	cli_say("%s", why.text);
	return err == -ENOENT || err == -EINVAL || err == -EEXIST ? EXIT_WRONG_USAGE : code_of(err);
}

static int measure(struct args *args)
{
	struct error why = {0};
	struct lab lab = {0};
	int err, code;

	err = check_host(args, &why);
	if (err) {
		cli_say("%s", why.text);
		return EXIT_NOTHING;
	}
	code = prepare(args, &lab);
	if (code != EXIT_DONE)
		goto out;
	err = lab_run(&lab, &why);
	code = err ? code_of(err) : EXIT_DONE;
	if (!err)
		for (size_t i = 0; i < lab.n; i++)
			if (lab.producer_cpus[i].err)
				code = EXIT_FAILED;
	show(&lab);
	if (err)
		cli_say("%s", why.text);
out:
	lab_free(&lab);
	return code;
}

static int print_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[512];

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		fputs(line, stdout);
	fclose(file);
	return 0;
}

static int take_xray(const struct args *args, const struct kernel *kernel, const char *program,
		     const char *dir)
{
	struct xray_options wanted = {
		.kernel = kernel,
		.variant = args->xray,
		.workload = args->workload ? args->workload : "munmap_einval",
		.wakeup = args->wakeup,
		.program = program,
		.append = args->lab.append,
		.dir = dir,
		.timeout_s = args->lab.timeout_s,
		.memory_mib = args->lab.memory_mib,
	};
	struct xray xray;
	struct error why = {0};
	int err;

	err = xray_take(&wanted, &xray, &why);
	if (err) {
		cli_say("%s: no X-ray of %s: %s", kernel->release, args->xray, why.text);
		return err == -ERANGE ? EXIT_FAILED : code_of(err);
	}
	printf("%s (%s) on %s, kernel %s: %llu instructions bare, %llu with it, %llu added\n",
	       args->xray, xray.mechanism, wanted.workload, kernel->release,
	       (unsigned long long)xray.bare, (unsigned long long)xray.hit,
	       (unsigned long long)(xray.hit - xray.bare));
	if (print_file(xray.table))
		return EXIT_FAILED;
	fflush(stdout);
	cli_say("%.1f s; flame graph: %s; folded stacks: %s, %s", xray.seconds, xray.flame,
		xray.folded, xray.difference);
	return EXIT_DONE;
}

static int prove(const struct lab *lab, const struct producer_cpu *producer_cpu)
{
	struct error why = {0};
	int code;

	printf("kernel %s, %s\n", producer_cpu->kernel.release, producer_cpu->kernel.machine->arch);
	fflush(stdout);
	code = proof_take(lab, producer_cpu, stdout, &why);
	if (code >= 0)
		return code;
	cli_say("%s: %s", producer_cpu->kernel.release, why.text);
	return code_of(code);
}

/* Guests one after the other: each wants a whole CPU, and the first failure is told at once. */
static int one_by_one(struct args *args)
{
	struct error why = {0};
	struct lab lab = {0};
	int code;

	if (args->xray &&
	    (!variant_find(args->xray) || (args->workload && !workload_find(args->workload)))) {
		cli_say("no %s '%s'; bpftoll list shows them",
			variant_find(args->xray) ? "trigger" : "variant",
			variant_find(args->xray) ? args->workload : args->xray);
		return EXIT_WRONG_USAGE;
	}
	if (check_host(args, &why)) {
		cli_say("%s", why.text);
		return EXIT_NOTHING;
	}
	code = prepare(args, &lab);
	for (size_t i = 0; code == EXIT_DONE && i < lab.n; i++)
		code = args->xray
			       ? take_xray(args, &lab.producer_cpus[i].kernel,
					   lab.producer_cpus[i].program, lab.producer_cpus[i].dir)
			       : prove(&lab, &lab.producer_cpus[i]);
	lab_free(&lab);
	return code;
}

int cmd_lab(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		NULL,
		"Boots kernels under QEMU, where one instruction is one tick of the clock, and "
		"runs the "
		"same measurement there.\v"
		"The figures are instructions, the same on every run and host. They say nothing "
		"about "
		"caches, predictors or nanoseconds. A rep-prefixed instruction counts once for "
		"each "
		"turn: a rep movsb of 40 bytes is 40. Kernels are Debian's, fetched once from "
		"the mirror that apt uses here, and kept in the user's cache folder.",
		0,
		0,
		0};
	struct args args = {.lab = {.timeout_s = 300, .memory_mib = 512}};
	char dir[128];
	struct error why;

	/* what the guest of an X-ray runs; no use anywhere else, so no option */
	if (argc == 5 && !strcmp(argv[1], "--specimen"))
		return subject_main(argv[2], argv[3], argv[4]);
	argp_parse(&argp, argc, argv, 0, 0, &args);
	if (!args.lab.n_machines) {
		args.lab.machines[0] = machine_find(NULL);
		args.lab.n_machines = args.lab.machines[0] != NULL;
	}
	if (!args.lab.n_machines) {
		cli_say("the lab's guests are %s: name one with --arch", machine_names());
		return EXIT_NOTHING;
	}
	if (args.sysroot)
		return make_sysroot(&args);
	if (args.list)
		return list_kernels(&args);
	if (!args.lab.dir) {
		if (folder_make_run("-lab", dir, sizeof(dir), &why)) {
			cli_say("%s", why.text);
			return EXIT_FAILED;
		}
		args.lab.dir = dir;
	}
	return args.xray || args.selfcheck ? one_by_one(&args) : measure(&args);
}
