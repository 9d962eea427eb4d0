/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "bpf/load/program.h"

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
