/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <sys/syscall.h>

#include "bpf/load/variant.h"

const struct hook_row hook_rows[] = {
#define ROW(ID, name, context, section, written, summary) {#name, summary, CONTEXT_##context},
	HOOKS(ROW)
#undef ROW
};

const struct body_row body_rows[] = {
#define ROW(ID, name, output, hit, summary, ...) {#name, summary, OUTPUT_##output, hit},
	BODIES(ROW, yes)
#undef ROW
};

const struct variant variants[] = {
#define VARIANT(ID, body, output, hit, summary, HOOK, hook, context, section) \
	{#hook "_" #body, HOOK_##HOOK, BODY_##ID, NULL, NULL},
	VARIANTS
#undef VARIANT
};
const size_t variants_count = sizeof(variants) / sizeof(variants[0]);

static const struct variant *more;

void variant_publish(const struct variant *list)
{
	more = list;
}

const struct variant *variant_at(size_t index)
{
	return index < variants_count ? &variants[index] : &more[index - variants_count];
}

size_t variant_index(const struct variant *variant)
{
	return variant->foreign ? variants_count + (size_t)(variant - more)
				: (size_t)(variant - variants);
}

const char *variant_hook(const struct variant *variant)
{
	return variant->foreign ? variant->hook_word : hook_name(variant->hook);
}

const char *variant_body(const struct variant *variant)
{
	return variant->foreign ? "foreign" : body_name(variant->body);
}

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
	return hook_rows[hook].name;
}

bool hook_sees_all_syscalls(enum hook hook)
{
	static const bool all[] = {
#define ROW(ID, all, ...) all,
		CONTEXTS(ROW)
#undef ROW
	};

	return all[hook_rows[hook].context];
}

const char *body_name(enum body body)
{
	return body_rows[body].name;
}

bool body_as_written(enum body body)
{
	return body == BODY_AS_WRITTEN || body == BODY_AS_WRITTEN_RINGBUF;
}

enum output body_output(enum body body)
{
	return body_rows[body].output;
}

const struct variant *variant_find(const char *name)
{
	for (size_t i = 0; i < variants_count; i++)
		if (!strcmp(variants[i].name, name))
			return &variants[i];
	return NULL;
}
