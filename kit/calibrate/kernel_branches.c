/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "cpuset/sysfile.h"
#include "kit/calibrate/kernel_branches.h"

#define VULNERABILITIES "/sys/devices/system/cpu/vulnerabilities/"

static bool says(const char *text, const char *word)
{
	return text && strstr(text, word);
}

/* In the order in which the kernel's choices override each other (arch/x86/kernel/cpu/bugs.c). */
static enum return_way way_of_returning(const char *retbleed, const char *srso, const char *its,
					struct error *why)
{
	if (says(retbleed, "Stuffing") || says(its, "Stuffing")) {
		error_say(why, "this kernel counts the depth of calls at each call and return "
			       "(call depth tracking), which user space cannot do alike");
		return RETURN_UNKNOWN;
	}
	if (says(srso, "Safe RET"))
		return RETURN_SAFE;
	if (says(retbleed, "untrained return thunk") || says(its, "Aligned"))
		return RETURN_JUMP;
	return RETURN_PLAIN;
}

static enum indirect_way way_of_calling(const char *spectre_v2, const char *its, struct error *why)
{
	char mode[64];

	if (!spectre_v2) {
		error_say(why, "the kernel does not say how it branches (" VULNERABILITIES
			       "spectre_v2)");
		return INDIRECT_UNKNOWN;
	}
	/* what follows the first semicolon is of other measures */
	strncpy(mode, spectre_v2, sizeof(mode) - 1);
	mode[sizeof(mode) - 1] = '\0';
	mode[strcspn(mode, ";,")] = '\0';
	if (says(mode, "Retpoline"))
		return INDIRECT_RETPOLINE;
	if (says(mode, "LFENCE"))
		return INDIRECT_LFENCE;
	return says(its, "Aligned") ? INDIRECT_THUNK : INDIRECT_PLAIN;
}

struct kernel_branches kernel_branches_of(const char *spectre_v2, const char *retbleed,
					  const char *spec_rstack_overflow,
					  const char *indirect_target_selection)
{
	struct kernel_branches out = {0};

	out.returns = way_of_returning(retbleed, spec_rstack_overflow, indirect_target_selection,
				       &out.no_return);
	out.indirect = way_of_calling(spectre_v2, indirect_target_selection, &out.no_indirect);
	return out;
}

struct kernel_branches kernel_branches_here(void)
{
	static const char *const files[] = {"spectre_v2", "retbleed", "spec_rstack_overflow",
					    "indirect_target_selection"};
	char text[4][SYSFILE_MAX];
	const char *told[4];

	for (size_t i = 0; i < 4; i++)
		told[i] = sysfile_read(VULNERABILITIES, files[i], text[i]) ? NULL : text[i];
	return kernel_branches_of(told[0], told[1], told[2], told[3]);
}

const char *return_way_name(enum return_way way)
{
	static const char *const names[] = {"plain return", "return thunk", "Safe RET"};

	return way == RETURN_UNKNOWN ? "unknown" : names[way];
}

const char *indirect_way_name(enum indirect_way way)
{
	static const char *const names[] = {"plain", "branch thunk", "lfence", "retpoline"};

	return way == INDIRECT_UNKNOWN ? "unknown" : names[way];
}
