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
#include "kit/system/mounts.h"
#include "kit/cmd/possible.h"
#include "kit/timing/workload.h"

static void describe(const struct probe *probe, struct error *how)
{
	const struct program_facts *facts = probe_facts(probe);

	error_say(how, "%-18s %4" PRIu64 " bytes xlated, %4" PRIu64 " jited, stack %" PRIu64,
		  probe_mechanism(probe), facts->xlated_bytes, facts->jited_bytes,
		  facts->stack_bytes);

	/* since Linux 5.16 */
	if (facts->verified)
		error_add(how, ", %" PRIu64 " insns verified", facts->verified);
}

static bool works(const struct variant *variant, struct error *how)
{
	struct probe *probe;

	if (possible_attach(variant, &probe, how))
		return false;
	describe(probe, how);
	probe_close(probe);
	return true;
}

static void list_hook(enum hook hook, size_t *possible)
{
	struct error first = {0}, how;

	printf("\n%s: %s\n", hook_name(hook), hook_rows[hook].summary);
	for (size_t i = 0; i < variants_count; i++) {
		const struct variant *v = &variants[i];

		if (v->hook != hook || cli_stop)
			continue;
		if (works(v, &how)) {
			printf("  yes  %-28s %s\n", v->name, how.text);
			++*possible;
		} else if (!strcmp(first.text, how.text)) {
			printf("  no   %-28s for the same reason\n", v->name);
		} else {
			printf("  no   %-28s %s\n", v->name, how.text);
			first = how;
		}
	}
}

static int run(void)
{
	size_t possible = 0;

	mounts_complete();
	printf("Variants (HOOK_PROGRAM)\n");
	for (int h = 0; h < HOOK_COUNT; h++)
		list_hook((enum hook)h, &possible);
	printf("\nPrograms\n");
	for (int b = 0; b < BODY_COUNT; b++)
		printf("  %-18s %s\n", body_name((enum body)b), body_rows[b].summary);
	printf("\nSyscalls under test\n");
	for (size_t i = 0; i < workloads_count; i++)
		printf("  %-22s %s\n", workloads[i].name, workloads[i].summary);
	printf("\nWakeup policies (of programs that send events)\n");
	for (size_t i = 0; policy_word(i); i++)
		printf("  %-12s %s\n", policy_word(i), policy_summary(i));
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
