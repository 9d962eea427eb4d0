/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bpf/load/probe.h"
#include "bpf/load/program.h"
#include "bpf/load/variant.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/cmd/options/policy_words.h"
#include "kit/cmd/options/showing.h"
#include "kit/system/mounts.h"
#include "kit/cmd/possible.h"
#include "kit/timing/workload.h"
#include "reports/answer/wrap.h"

/* The columns of what works: sizes in bytes; instructions verified are told since Linux 5.16. */
static void print_header(void)
{
	printf("  %-26s %-16s %8s %7s %6s %9s\n", "", "attached by", "bytecode", "native", "stack",
	       "verified");
}

static void print_row(const struct variant *variant, const struct probe *probe)
{
	const struct program_facts *facts = probe_facts(probe);

	printf("  %-26s %-16s %8" PRIu64 " %7" PRIu64 " %6" PRIu64, variant->name,
	       probe_mechanism(probe), facts->xlated_bytes, facts->jited_bytes, facts->stack_bytes);
	if (facts->verified)
		printf(" %9" PRIu64, facts->verified);
	putchar('\n');
}

struct refused {
	struct error why;
	size_t n;
};

/* What follows one another and has one reason is one finding. */
static void print_refused(struct refused *refused, const char *first)
{
	struct wrap by = {6, showing_style().width, 8};
	struct error text;

	if (!refused->n)
		return;
	error_say(&text, "no: %s", first);
	if (refused->n > 1)
		error_add(&text, " and %zu more", refused->n - 1);
	error_add(&text, ": %s", refused->why.text);
	fputs("  ", stdout);
	wrap_text(text.text, 2, &by, stdout);
	refused->n = 0;
}

static void list_hook(enum hook hook, size_t *possible)
{
	struct refused refused = {0};
	const char *first = "";
	bool header = false;

	printf("\n%s: %s\n", hook_name(hook), hook_rows[hook].summary);
	for (size_t i = 0; i < variants_count; i++) {
		const struct variant *v = &variants[i];
		struct probe *probe;
		struct error why = {0};

		if (v->hook != hook || cli_stop)
			continue;
		if (!possible_attach(v, &probe, &why)) {
			print_refused(&refused, first);
			if (!header)
				print_header();
			header = true;
			print_row(v, probe);
			probe_close(probe);
			++*possible;
			continue;
		}
		if (refused.n && strcmp(refused.why.text, why.text) != 0)
			print_refused(&refused, first);
		if (!refused.n++) {
			first = v->name;
			refused.why = why;
		}
	}
	print_refused(&refused, first);
}

/* A name and what it is. */
static void print_row_of(const char *name, int columns, const char *summary)
{
	struct wrap by = {(size_t)columns + 3, showing_style().width, 8};

	printf("  %-*s ", columns, name);
	wrap_text(summary, by.indent, &by, stdout);
}

static int run(void)
{
	size_t possible = 0;

	mounts_complete();
	printf("Variants (HOOK_PROGRAM)\n");
	for (int h = 0; h < HOOK_COUNT; h++)
		list_hook((enum hook)h, &possible);
	if (possible)
		printf("\n  bytecode, native code and stack in bytes; verified: instructions that "
		       "the\n  verifier went through\n");
	printf("\nPrograms\n");
	for (int b = 0; b < BODY_COUNT; b++)
		print_row_of(body_name((enum body)b), 18, body_rows[b].summary);
	printf("\nSyscalls under test\n");
	for (size_t i = 0; i < workloads_count; i++)
		print_row_of(workloads[i].name, 22, workloads[i].summary);
	printf("\nWakeup policies (of programs that send events)\n");
	for (size_t i = 0; policy_word(i); i++)
		print_row_of(policy_word(i), 12, policy_summary(i));
	printf("\n%zu of %zu variants work here\n", possible, variants_count);
	return possible ? EXIT_DONE : EXIT_NOTHING;
}

const struct command cmd_list = {
	.name = "list",
	.summary = "the variants, and what is possible here",
	.about = "Lists every variant (hook and program), and whether this kernel can load and "
		 "attach it; then the programs, the syscalls under test and the wakeup policies.",
	.more = "Each variant is really attached to munmap for a moment. Exit 4 when none works.",
	.run = run,
};
