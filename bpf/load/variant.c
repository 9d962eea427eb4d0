/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fnmatch.h>
#include <string.h>
#include <sys/syscall.h>

#include "bpf/load/variant.h"

static const struct {
	const char *name, *summary;
	enum context context;
} hooks[] = {
#define ROW(ID, name, context, section, written, summary) {#name, summary, CONTEXT_##context},
	HOOKS(ROW)
#undef ROW
};

static const struct {
	const char *name, *summary;
	enum output output;
	bool wants_hit;
} bodies[] = {
#define ROW(ID, name, output, hit, summary, ...) {#name, summary, OUTPUT_##output, hit},
	BODIES(ROW, yes)
#undef ROW
};

const struct variant variants[] = {
#define VARIANT(ID, body, output, hit, summary, HOOK, hook, context, section) \
	{#hook "_" #body, HOOK_##HOOK, BODY_##ID},
	VARIANTS
#undef VARIANT
};
const size_t variants_count = sizeof(variants) / sizeof(variants[0]);

const char *probe_target_name(enum probe_target target)
{
	return target == TARGET_MUNMAP ? "munmap" : "madvise";
}

long probe_target_nr(enum probe_target target)
{
	return target == TARGET_MUNMAP ? SYS_munmap : SYS_madvise;
}

const char *hook_name(enum hook hook)
{
	return hooks[hook].name;
}

const char *hook_summary(enum hook hook)
{
	return hooks[hook].summary;
}

enum context hook_context(enum hook hook)
{
	return hooks[hook].context;
}

bool hook_sees_all_syscalls(enum hook hook)
{
	static const bool all[] = {
#define ROW(ID, all, ...) all,
		CONTEXTS(ROW)
#undef ROW
	};

	return all[hooks[hook].context];
}

const char *body_name(enum body body)
{
	return bodies[body].name;
}

const char *body_summary(enum body body)
{
	return bodies[body].summary;
}

enum output body_output(enum body body)
{
	return bodies[body].output;
}

bool body_as_written(enum body body)
{
	return body == BODY_AS_WRITTEN || body == BODY_AS_WRITTEN_RINGBUF;
}

bool body_wants_hit(enum body body)
{
	return bodies[body].wants_hit;
}

const struct variant *variant_find(const char *name)
{
	for (size_t i = 0; i < variants_count; i++)
		if (!strcmp(variants[i].name, name))
			return &variants[i];
	return NULL;
}

bool variant_match(const struct variant *variant, const char *glob)
{
	return fnmatch(glob, variant->name, 0) == 0;
}
