/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/load/program.h"
#include "bpf/load/reason.h"

/*
 * Parses lines such as "verification time 61 usec", "stack depth 40" or, with a number for each
 * frame, "40+16", and "processed 37 insns (limit …". With log level 4 the log holds these lines
 * after a load, and the verifier's complaint before a refusal.
 */
void program_read_log(const char *log, struct program_facts *facts)
{
	const char *at = strstr(log, "verification time ");

	if (at)
		facts->verify_us = strtoull(at + strlen("verification time "), NULL, 10);
	at = strstr(log, "processed ");
	if (at)
		facts->verified = strtoull(at + strlen("processed "), NULL, 10);
	at = strstr(log, "stack depth ");
	if (!at)
		return;
	facts->stack_bytes = 0;
	at += strlen("stack depth ") - 1;
	do {
		char *end;
		unsigned long long frame = strtoull(at + 1, &end, 10);

		if (end == at + 1)
			break;
		facts->stack_bytes += frame;
		at = end;
	} while (*at == '+');
}

void program_read_info(int fd, struct program_facts *facts)
{
	struct bpf_prog_info info = {0};
	unsigned int len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return;
	/* older kernels have it in the log alone */
	if (info.verified_insns)
		facts->verified = info.verified_insns;
	facts->xlated_bytes = info.xlated_prog_len;
	facts->jited_bytes = info.jited_prog_len;
}

int program_runs(int fd, struct program_runs *out)
{
	struct bpf_prog_info info = {0};
	unsigned int len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	*out = (struct program_runs){info.run_cnt, info.run_time_ns, info.recursion_misses};
	return 0;
}

int program_jit(void)
{
	/* kernels without tracing have the one, kernels without a network the other */
	static const enum bpf_prog_type types[] = {BPF_PROG_TYPE_SOCKET_FILTER,
						   BPF_PROG_TYPE_RAW_TRACEPOINT};
	const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	struct program_facts facts = {0};
	int fd = -ENOENT;

	for (size_t i = 0; fd < 0 && i < sizeof(types) / sizeof(types[0]); i++)
		fd = bpf_prog_load(types[i], "nothing", "GPL", nothing, 2, NULL);
	if (fd < 0)
		return fd;
	program_read_info(fd, &facts);
	close(fd);
	if (!facts.jited_bytes && !reason_capable(CAP_BPF) && !reason_capable(CAP_SYS_ADMIN))
		return -EPERM;
	return facts.jited_bytes > 0;
}
