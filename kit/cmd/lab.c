/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/counter_sets.h"
#include "kit/cmd/options/choices.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/system/folder.h"
#include "kit/lab/lab.h"
#include "kit/lab/lab_features.h"
#include "bpf/load/variant.h"
#include "kit/system/process.h"
#include "kit/lab/proof.h"
#include "kit/lab/guest/sysroot.h"
#include "kit/lab/xray/xray.h"
#include "kit/timing/workload.h"
#include "kit/cmd/options/policy_words.h"
#include "kit/cmd/options/gating.h"
#include "kit/cmd/options/showing.h"
#include "reports/answer/answers.h"
#include "reports/record/record_rows.h"
#include "reports/show/render.h"

static struct {
	struct lab_options lab;
	const char *xray, *workload, *policy, *wakeup; /* the last three are for --xray */
	bool list, sysroot, selfcheck, features;
} args = {.lab = {.timeout_s = 300, .memory_mib = 512}};

static const char *accel_name(size_t i)
{
	static const char *const names[] = {[GUEST_TCG] = "tcg", [GUEST_KVM] = "kvm"};

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : NULL;
}

static const char *arch_name(size_t i)
{
	static const char *const names[] = {"x86_64", "aarch64"};

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : NULL;
}

static const char *take_arch(const char *value)
{
	const struct machine *machine = machine_find(value);

	if (args.lab.n_machines == LAB_MACHINES_MAX)
		return "is one architecture too many";
	if (!machine)
		return "must be x86_64 or aarch64";
	args.lab.machines[args.lab.n_machines++] = machine;
	return NULL;
}

static const struct option_row which[] = {
	{"kernel",
	 "a version that Debian has (6.1, 6.12.107, …) or a kernel's image; repeatable; default: "
	 "the running kernel's image, else Debian's stable",
	 "VERSION|FILE", .list = {args.lab.kernels, &args.lab.n_kernels, LAB_KERNELS_MAX}},
	{"arch",
	 "x86_64 or aarch64; repeatable; default: this machine's own. Another one's guests run the "
	 "bpftoll that make ARCH=NAME builds",
	 "NAME", .take = take_arch, .values = arch_name},
	{"sysroot",
	 "fetch what a build for another architecture needs (Debian's packages, unpacked in the "
	 "cache), print its path, and leave",
	 .flag = &args.sysroot},
	{"append", "more words for the kernel command line, e.g. mitigations=off", "PARAMETERS",
	 .text = &args.lab.append},
	{"list", "print the versions that Debian's suites have, and leave", .flag = &args.list},
	{"refresh",
	 "look for newer packages; without it a version stands for the same package as before",
	 .flag = &args.lab.refresh},
	{0}};

/* Options passed on to bpftoll run in the guest. */
#define FOR_THE_GUEST                                                    \
	{                                                                \
		args.lab.run_words, &args.lab.n_run_words, LAB_WORDS_MAX \
	}

static const struct option_row what[] = {
	{"variant", "as in bpftoll run; repeatable", "GLOB", .words = FOR_THE_GUEST,
	 .values = choice_variant},
	{"syscall", "as in bpftoll run; repeatable", "GLOB", .words = FOR_THE_GUEST,
	 .text = &args.workload, .values = choice_syscall},
	{"trigger", "", "GLOB", .hidden = true, .words = FOR_THE_GUEST, .text = &args.workload},
	{"wakeup-policy", "as in bpftoll run; repeatable", "POLICY", .words = FOR_THE_GUEST,
	 .text = &args.policy, .values = policy_word},
	{"drain", "", "STATE", .hidden = true, .words = FOR_THE_GUEST, .text = &args.wakeup},
	{"suite", "as in bpftoll run; default: matrix", "NAME", .words = FOR_THE_GUEST,
	 .values = choice_suite},
	{"helper", "as in bpftoll run --suite helpers; repeatable", "GLOB", .words = FOR_THE_GUEST},
	{"host-program", "as in bpftoll run --suite helpers; repeatable", "NAME",
	 .words = FOR_THE_GUEST},
	{"carrier", "", "NAME", .hidden = true, .words = FOR_THE_GUEST},
	{"events", "as in bpftoll run, where the guest has a PMU (aarch64)", "LIST",
	 .words = FOR_THE_GUEST},
	{"counters", "as in bpftoll run, where the guest has a PMU (aarch64)", "SET",
	 .words = FOR_THE_GUEST, .values = counter_set_name},
	{"object", "instead: the programs of a BPF object or tool, as bpftoll measure FILE", "FILE",
	 .text = &args.lab.object},
	{"program", "as in bpftoll measure; repeatable", "GLOB", .words = FOR_THE_GUEST},
	{"attach", "as in bpftoll measure; repeatable", "NAME=SECTION", .words = FOR_THE_GUEST},
	{"set", "as in bpftoll measure; repeatable", "VAR=VALUE", .words = FOR_THE_GUEST},
	{"map", "as in bpftoll measure; repeatable", "NAME:SIZES", .words = FOR_THE_GUEST},
	{"monitor", "as in bpftoll measure", "MAP", .words = FOR_THE_GUEST},
	{"xray", "instead: single-step one hit, write its call tree and a flame graph", "VARIANT",
	 .text = &args.xray, .values = choice_variant},
	{"features",
	 "also single-step one hit of each variant on munmap_einval, and keep the instructions "
	 "that it adds, by class, for bpftoll predict",
	 .flag = &args.features},
	{"selfcheck", "instead: prove the PMU's counters there (bpftoll selfcheck --counters)",
	 .flag = &args.selfcheck},
	{0}};

static const struct option_row how[] = {
	{"accel",
	 "tcg (default) counts instructions; kvm, where it works, measures ns of a virtual machine",
	 "tcg|kvm", .choice = &args.lab.accel, .values = accel_name},
	{"timeout", "for each guest, e.g. 600 or 10m (default 300)", "SECONDS",
	 .number = &args.lab.timeout_s, .per_second = 1, .least = 1, .most = 86400},
	{"memory", "memory of each guest (default 512)", "MIB", .number = &args.lab.memory_mib,
	 .least = 128, .most = 65536},
	{"cpus",
	 "CPUs of each guest: 1 (default), or 2, for readers on a CPU of their own; costs of calls "
	 "are withheld then",
	 "N", .number = &args.lab.cpus, .least = 1, .most = 2},
	{"output",
	 "where the records go: DIR itself for one kernel, DIR/RELEASE for several (default: "
	 "reports/runs/TIME-lab)",
	 "DIR", .letter = 'o', .text = &args.lab.dir},
	{0}};

#define XRAY_ROWS 18 /* functions in one screen */

static int list_kernels(void)
{
	char text[1024];
	struct error why = {0};

	if (kernel_list(args.lab.machines[0], text, sizeof(text), args.lab.refresh, &why))
		return cli_fail(EXIT_NOTHING, &why);
	printf("%s\n", text);
	return EXIT_DONE;
}

/* Of one kernel: its costs are withheld or times, or its suite has tables of its own. */
static int show_record(const struct record *record, const char *dir)
{
	struct answer *answer;
	int err;

	if (showing_full())
		return render_record(record, RENDER_TEXT, stdout);
	err = answer_of_record(record, dir, &answer);
	return err ? err : showing_answer(answer);
}

static int show_counts(struct record *const *records, const char *const *labels, size_t n)
{
	struct answer *answer;
	int err;

	if (showing_full()) {
		lab_side_by_side(records, labels, n, stdout);
		return 0;
	}
	err = (args.lab.object ? answer_of_objects : answer_of_lab)(
		(const struct record *const *)records, labels, n, args.lab.dir, &answer);
	return err ? err : showing_answer(answer);
}

static int show(const struct lab *lab)
{
	struct record *records[LAB_KERNELS_MAX * LAB_MACHINES_MAX];
	const char *labels[LAB_KERNELS_MAX * LAB_MACHINES_MAX];
	const char *dirs[LAB_KERNELS_MAX * LAB_MACHINES_MAX];
	size_t n = 0;
	int err = 0;

	for (size_t i = 0; i < lab->n; i++)
		if (lab->entries[i].record && !lab->entries[i].err) {
			labels[n] = lab->entries[i].label;
			dirs[n] = lab->entries[i].dir;
			records[n++] = lab->entries[i].record;
		}
	if (n && records[0]->n_results && lab->options.cpus < 2 &&
	    (showing_full() || lab->options.accel == GUEST_TCG))
		err = show_counts(records, labels, n);
	else
		for (size_t i = 0; i < n && !err; i++)
			err = show_record(records[i], dirs[i]);
	if (!err && fflush(stdout))
		err = -errno;
	for (size_t i = 0; i < n; i++)
		cli_say("record: %s", dirs[i]);
	return err;
}

/* Prints the path, for use in a Makefile. */
static int make_sysroot(void)
{
	char path[PATH_MAX];
	struct error why = {0};

	if (sysroot_make(args.lab.machines[0], args.lab.refresh, path, sizeof(path), &why))
		return cli_fail(EXIT_NOTHING, &why);
	printf("%s\n", path);
	return EXIT_DONE;
}

/*
 * Reports before anything is fetched which machines cannot be emulated here, and goes on with the
 * others. Returns 0, or -ENOTSUP with why: none is left.
 */
static int check_host(struct error *why)
{
	struct lab_options *lab = &args.lab;
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

/* Full disk or no memory is a failure: apart from that, this machine could measure. */
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

static int prepare(struct lab *lab)
{
	struct error why = {0};
	int err;

	if (check_host(&why))
		return cli_fail(EXIT_NOTHING, &why);
	err = lab_prepare(lab, &args.lab, &why);
	if (!err)
		return EXIT_DONE;
	return cli_fail(err == -ENOENT || err == -EINVAL || err == -EEXIST ? EXIT_WRONG_USAGE
									   : code_of(err),
			&why);
}

/* Kernels that lack something are told beside those that have it; none may be left with nothing. */
static bool has_figures(const struct lab *lab)
{
	if (args.lab.object) /* what a kernel refuses is what was asked */
		return true;
	for (size_t i = 0; i < lab->n; i++)
		if (lab->entries[i].record && record_has_figures(lab->entries[i].record))
			return true;
	return false;
}

static int measure(void)
{
	struct error why = {0};
	struct lab lab = {0};
	int err, shown, code = prepare(&lab);

	if (code != EXIT_DONE)
		goto out;
	err = lab_run(&lab, &why);
	code = err ? code_of(err) : has_figures(&lab) ? EXIT_DONE : EXIT_NOTHING;
	if (!err)
		for (size_t i = 0; i < lab.n; i++)
			if (lab.entries[i].err)
				code = EXIT_FAILED;
	if (!err && args.features) {
		int features = lab_features(&lab);

		code = features && code == EXIT_DONE ? code_of(features) : code;
	}
	shown = gating_wanted() ? 0 : show(&lab);
	if (shown) {
		cli_say("stdout: %s", strerror(-shown));
		code = EXIT_FAILED;
	}
	if (err)
		cli_say("%s", why.text);
	else if (args.lab.object)
		code = gating_finish(&lab, code);
out:
	lab_free(&lab);
	gating_close();
	return code;
}

/*
 * The table of an X-ray: its header, functions and sum. In one screen the functions that add least
 * are left out.
 */
static int print_table(const char *path)
{
	size_t rows = 0, most = showing_full() ? SIZE_MAX : XRAY_ROWS;
	char line[512], last[512] = "";
	FILE *file = fopen(path, "re");

	if (!file)
		return -errno;
	for (; fgets(line, sizeof(line), file); rows++) {
		if (rows && rows <= most + 1)
			fputs(last, stdout);
		memcpy(last, line, sizeof(last));
	}
	/* the first is the header, the last the sum */
	if (rows > most + 2)
		printf("%16s… %zu more functions: --full, or table.txt\n", "", rows - most - 2);
	fputs(last, stdout);
	fclose(file);
	return 0;
}

static int take_xray(const struct kernel *kernel, const char *program, const char *dir)
{
	struct xray_options wanted = {
		.kernel = kernel,
		.variant = args.xray,
		.workload = args.workload     ? args.workload
			    : args.lab.object ? NULL
					      : "munmap_einval",
		.object = args.lab.object,
		.wakeup = args.policy ? policy_state(args.policy) : args.wakeup,
		.program = program,
		.append = args.lab.append,
		.dir = dir,
		.timeout_s = args.lab.timeout_s,
		.memory_mib = args.lab.memory_mib,
	};
	struct xray xray;
	struct error why = {0};
	int err;

	err = xray_take(&wanted, &xray, &why);
	if (err) {
		cli_say("%s: no X-ray of %s: %s", kernel->release, args.xray, why.text);
		return err == -ERANGE ? EXIT_FAILED : code_of(err);
	}
	printf("%s (%s) on %s, kernel %s\n%llu instructions bare, %llu with it, %llu added\n",
	       args.xray, xray.mechanism, xray.workload, kernel->release,
	       (unsigned long long)xray.bare, (unsigned long long)xray.hit,
	       (unsigned long long)(xray.hit - xray.bare));
	if (print_table(xray.table))
		return EXIT_FAILED;
	fflush(stdout);
	cli_say("%.1f s; flame graph: %s; folded stacks: %s, %s", xray.seconds, xray.flame,
		xray.folded, xray.difference);
	return EXIT_DONE;
}

static int prove(const struct lab *lab, const struct lab_entry *entry)
{
	struct error why = {0};
	int code;

	printf("kernel %s, %s\n", entry->kernel.release, entry->kernel.machine->arch);
	fflush(stdout);
	code = proof_take(lab, entry, stdout, &why);
	if (code >= 0)
		return code;
	cli_say("%s: %s", entry->kernel.release, why.text);
	return code_of(code);
}

/* Runs the guests one after another: each needs a whole CPU, and a failure is reported at once. */
static int one_by_one(void)
{
	struct lab lab = {0};
	int code;

	if (args.xray && !args.lab.object &&
	    (!variant_find(args.xray) || (args.workload && !workload_find(args.workload)))) {
		cli_say("no %s '%s'; bpftoll list shows them",
			variant_find(args.xray) ? "syscall" : "variant",
			variant_find(args.xray) ? args.workload : args.xray);
		return EXIT_WRONG_USAGE;
	}
	code = prepare(&lab);
	for (size_t i = 0; code == EXIT_DONE && i < lab.n; i++)
		code = args.xray ? take_xray(&lab.entries[i].kernel, lab.entries[i].program,
					     lab.entries[i].dir)
				 : prove(&lab, &lab.entries[i]);
	lab_free(&lab);
	return code;
}

/* Options that an X-ray would drop: it runs the program as it is. */
static const char *not_for_xray(void)
{
	static const char *const options[] = {"--attach", "--set", "--map"};

	for (size_t i = 0; i < args.lab.n_run_words; i++)
		for (size_t o = 0; o < sizeof(options) / sizeof(*options); o++)
			if (strncmp(args.lab.run_words[i], options[o], strlen(options[o])) == 0)
				return options[o];
	return NULL;
}

static int run(void)
{
	char dir[128];
	struct error why;

	if (showing_json() && (args.xray || args.selfcheck || showing_full()))
		return options_wrong("--json is of counts: without --xray, --selfcheck and --full");
	if (args.xray && not_for_xray())
		return options_wrong("--xray runs the program as it is: without %s",
				     not_for_xray());
	if (!args.lab.n_machines) {
		args.lab.machines[0] = machine_find(NULL);
		args.lab.n_machines = args.lab.machines[0] != NULL;
	}
	if (!args.lab.n_machines) {
		cli_say("the lab's guests are %s: name one with --arch", machine_names());
		return EXIT_NOTHING;
	}
	if (args.features &&
	    (args.xray || args.selfcheck || args.lab.object || args.lab.accel == GUEST_KVM))
		return options_wrong("--features is of bpftoll's own variants, under TCG: without "
				     "--xray, --selfcheck, --object and --accel kvm");
	if (args.sysroot)
		return make_sysroot();
	if (args.list)
		return list_kernels();
	if (gating_check(&args.lab, &why))
		return cli_fail(EXIT_WRONG_USAGE, &why);
	if (!args.lab.dir) {
		if (folder_make_run("-lab", dir, sizeof(dir), &why))
			return cli_fail(EXIT_FAILED, &why);
		args.lab.dir = dir;
	}
	return args.xray || args.selfcheck ? one_by_one() : measure();
}

const struct command cmd_lab = {
	.name = "lab",
	.summary = "exact instruction counts on other kernels, under QEMU",
	.about = "Boots kernels under QEMU, where one instruction is one tick of the clock, and "
		 "runs the same measurement there.",
	.more = "The figures are instructions, the same on every run and host. They say nothing "
		"about caches, predictors or nanoseconds. A rep-prefixed instruction counts once "
		"for each turn: a rep movsb of 40 bytes is 40. Kernels are Debian's, fetched once "
		"from the mirror that apt uses here, and kept in the user's cache folder. Older "
		"names of options stay valid: --trigger, --drain, --carrier.",
	.examples = "  bpftoll lab --kernel 5.10 --kernel 6.12 --wakeup-policy none\n"
		    "  bpftoll lab --kernel ./bzImage --variant 'fentry_*' -o counts\n"
		    "  bpftoll lab --kernel 6.1 --xray kprobe_perf\n"
		    "  bpftoll lab --kernel 6.1 --object new.bpf.o --against old.bpf.o",
	.groups =
		(const struct option_group[]){
			{"Which kernels:", which},
			{"What to measure (default: every hook and program on munmap and getppid):",
			 what},
			{"How:", how},
			{"A gate for pull requests (with --object):", gating_rows},
			{"What is shown:", showing_rows},
			{0}},
	.run = run,
};
