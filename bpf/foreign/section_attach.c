/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/foreign/section_attach.h"

/* "vfs_read+8" or "path:function+8" cut into its parts; the offset is 0 without one. */
static bool cut_offset(char *text, size_t *offset)
{
	char *plus = strrchr(text, '+'), *end;

	*offset = 0;
	if (!plus)
		return true;
	*offset = strtoul(plus + 1, &end, 0);
	if (end == plus + 1 || *end)
		return false;
	*plus = '\0';
	return true;
}

static struct bpf_link *refused(struct error *why, const char *words)
{
	error_say(why, "%s", words);
	errno = EINVAL;
	return NULL;
}

static struct bpf_link *attach_function(struct bpf_program *program, const struct section *place,
					struct error *why)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .retprobe = place->kind == SECTION_KRETPROBE);
	char target[sizeof(place->target)];

	snprintf(target, sizeof(target), "%s", place->target);
	if (!cut_offset(target, &opts.offset))
		return refused(why, "the offset after '+' is no number");
	return bpf_program__attach_kprobe_opts(program, target, &opts);
}

static struct bpf_link *attach_syscall(struct bpf_program *program, const struct section *place,
				       struct error *why)
{
	LIBBPF_OPTS(bpf_ksyscall_opts, opts, .retprobe = place->kind == SECTION_KRETSYSCALL);

	(void)why;
	return bpf_program__attach_ksyscall(program, place->target, &opts);
}

static struct bpf_link *attach_multi(struct bpf_program *program, const struct section *place,
				     struct error *why)
{
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts,
		    .retprobe = place->kind == SECTION_KRETPROBE_MULTI);

	(void)why;
	return bpf_program__attach_kprobe_multi_opts(program, place->target, &opts);
}

static struct bpf_link *attach_tracepoint(struct bpf_program *program, const struct section *place,
					  struct error *why)
{
	char category[sizeof(place->target)], *slash;

	snprintf(category, sizeof(category), "%s", place->target);
	slash = strchr(category, '/');
	if (!slash)
		return refused(why, "a tracepoint is CATEGORY/NAME");
	*slash = '\0';
	return bpf_program__attach_tracepoint(program, category, slash + 1);
}

static struct bpf_link *attach_raw(struct bpf_program *program, const struct section *place,
				   struct error *why)
{
	(void)why;
	return bpf_program__attach_raw_tracepoint(program, place->target);
}

static struct bpf_link *attach_typed(struct bpf_program *program, const struct section *place,
				     struct error *why)
{
	(void)place, (void)why;
	return bpf_program__attach_trace(program);
}

static struct bpf_link *attach_lsm(struct bpf_program *program, const struct section *place,
				   struct error *why)
{
	(void)place, (void)why;
	return bpf_program__attach_lsm(program);
}

/* -1: in all processes */
static struct bpf_link *attach_user(struct bpf_program *program, const struct section *place,
				    struct error *why)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = place->kind == SECTION_URETPROBE);
	char path[sizeof(place->target)], *colon;
	size_t offset;

	snprintf(path, sizeof(path), "%s", place->target);
	colon = strrchr(path, ':');
	if (!colon)
		return refused(why, "its section does not say in which file, its loader knows: "
				    "--attach NAME=uprobe/FILE:FUNCTION");
	*colon = '\0';
	if (!cut_offset(colon + 1, &offset))
		return refused(why, "the offset after '+' is no number");
	opts.func_name = colon + 1;
	return bpf_program__attach_uprobe_opts(program, -1, path, offset, &opts);
}

static struct bpf_link *attach_usdt(struct bpf_program *program, const struct section *place,
				    struct error *why)
{
	char path[sizeof(place->target)], *provider, *name;

	snprintf(path, sizeof(path), "%s", place->target);
	name = strrchr(path, ':');
	if (name)
		*name = '\0';
	provider = name ? strrchr(path, ':') : NULL;
	if (!provider)
		return refused(why, "its section does not say in which file, its loader knows: "
				    "--attach NAME=usdt/FILE:PROVIDER:NAME");
	*provider = '\0';
	return bpf_program__attach_usdt(program, -1, path, provider + 1, name + 1, NULL);
}

static const struct {
	struct bpf_link *(*attach)(struct bpf_program *program, const struct section *place,
				   struct error *why);
	const char *mechanism;
} kinds[] = {
	[SECTION_KPROBE] = {attach_function, "kprobe"},
	[SECTION_KRETPROBE] = {attach_function, "kretprobe"},
	[SECTION_KSYSCALL] = {attach_syscall, "kprobe"},
	[SECTION_KRETSYSCALL] = {attach_syscall, "kretprobe"},
	[SECTION_KPROBE_MULTI] = {attach_multi, "fprobe"},
	[SECTION_KRETPROBE_MULTI] = {attach_multi, "fprobe"},
	[SECTION_TRACEPOINT] = {attach_tracepoint, "perf tracepoint"},
	[SECTION_RAW_TP] = {attach_raw, "raw tracepoint"},
	[SECTION_TP_BTF] = {attach_typed, "raw tracepoint"},
	[SECTION_FENTRY] = {attach_typed, "trampoline"},
	[SECTION_FEXIT] = {attach_typed, "trampoline"},
	[SECTION_FMOD_RET] = {attach_typed, "trampoline"},
	[SECTION_LSM] = {attach_lsm, "trampoline"},
	[SECTION_UPROBE] = {attach_user, "uprobe"},
	[SECTION_URETPROBE] = {attach_user, "uretprobe"},
	[SECTION_USDT] = {attach_usdt, "uprobe"},
};
static_assert(sizeof(kinds) / sizeof(kinds[0]) == SECTION_OTHER, "a row for each kind");

struct bpf_link *section_attach(struct bpf_program *program, const struct section *place,
				struct error *why)
{
	*why->text = '\0';
	if (!*place->target)
		return refused(why, "its section does not say where it belongs, its loader knows: "
				    "--attach NAME=SECTION");
	return kinds[place->kind].attach(program, place, why);
}

const char *section_mechanism(enum section_kind kind)
{
	return kind == SECTION_OTHER ? "" : kinds[kind].mechanism;
}
