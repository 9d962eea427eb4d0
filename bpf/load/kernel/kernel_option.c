/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zlib.h>

#include "calib/path.h"
#include "bpf/load/kernel/kernel_option.h"

#define CONFIG_BYTES \
	(2u << 20) /* room enough: the configuration of a distribution's kernel is some 300 KB */

#define KALLSYMS  "/proc/kallsyms"
#define NAME_AT	  19 /* "ffffffff81000000 T name": the name follows 16 digits and the type */
#define PATH_MOST 512

static char config_source[KERNEL_SOURCE];

/*
 * What only kernels with an option have. Functions are global ones, which no compiler inlines away
 * or renames, of files that are compiled with the option alone (kernel/Makefile,
 * kernel/trace/Makefile, kernel/events), from 5.10 to 6.18. A missing file says something only
 * where the folder is there in which it would be.
 */
static const struct sign {
	const char *option, *folder, *file, *symbol;
} signs[] = {
	{"CONFIG_BPF_SYSCALL", NULL, NULL, "bpf_map_inc"},
	{"CONFIG_BPF_JIT", "/proc/sys/net/core", "/proc/sys/net/core/bpf_jit_enable", NULL},
	{"CONFIG_PERF_EVENTS", "/proc/sys/kernel", "/proc/sys/kernel/perf_event_paranoid", NULL},
	{"CONFIG_DEBUG_INFO_BTF", "/sys/kernel", "/sys/kernel/btf/vmlinux", NULL},
	{"CONFIG_KALLSYMS", "/proc/self", KALLSYMS, NULL},
	{"CONFIG_KPROBES", NULL, NULL, "register_kprobe"},
	{"CONFIG_KPROBE_EVENTS", NULL, NULL, "trace_kprobe_error_injectable"},
	{"CONFIG_UPROBES", NULL, NULL, "uprobe_register"},
	{"CONFIG_FPROBE", NULL, NULL, "register_fprobe"},
	{"CONFIG_TRACEPOINTS", NULL, NULL, "tracepoint_probe_register"},
	{"CONFIG_EVENT_TRACING", NULL, NULL, "trace_event_reg"},
	{"CONFIG_FTRACE_SYSCALLS", NULL, NULL, "get_syscall_name"},
	{"CONFIG_UPROBE_EVENTS", NULL, NULL, "bpf_get_uprobe_info"},
	{"CONFIG_BPF_EVENTS", NULL, NULL, "trace_call_bpf"},
	{"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS", NULL, NULL, "register_ftrace_direct"},
};
#define SIGNS (sizeof(signs) / sizeof(signs[0]))

static char *load_config(void)
{
	struct utsname uts;
	char boot[128], *config = NULL;
	const char *paths[] = {"/proc/config.gz", boot};

	uname(&uts);
	snprintf(boot, sizeof(boot), "/boot/config-%s", uts.release);
	for (size_t i = 0; i < 2 && !config; i++) {
		gzFile file = gzopen(paths[i], "r"); /* zlib reads uncompressed files as well */
		char *text = file ? calloc(1, CONFIG_BYTES) : NULL;

		if (text && gzread(file, text, CONFIG_BYTES - 1) > 0)
			config = text;
		else
			free(text);
		if (file)
			gzclose(file);
		snprintf(config_source, sizeof(config_source), "%s", paths[i]);
	}
	return config;
}

const char *kernel_config_text(void)
{
	static char *text;
	static bool tried;

	if (!tried)
		text = load_config();
	tried = true;
	return text;
}

char kernel_config_value(const char *text, const char *option)
{
	size_t len = strlen(option);

	for (const char *at = text; (at = strstr(at, option)); at += len)
		if ((at == text || at[-1] == '\n') && at[len] == '=')
			return at[len + 1];
	return 'n';
}

/* Which of the symbols there are, a bit each; 0 where the file is missing or empty. */
static unsigned int symbols_seen(const char *root)
{
	char path[PATH_MOST], line[512];
	unsigned int seen = 0;
	FILE *file;

	path_put(path, sizeof(path), "%s" KALLSYMS, root);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		size_t len = strlen(line);

		seen |= 1u << SIGNS;
		for (size_t i = 0; len > NAME_AT && i < SIGNS; i++)
			if (signs[i].symbol &&
			    !strncmp(line + NAME_AT, signs[i].symbol, strlen(signs[i].symbol)) &&
			    line[NAME_AT + strlen(signs[i].symbol)] == '\n')
				seen |= 1u << i;
	}
	if (file)
		fclose(file);
	return seen;
}

static int file_seen(const char *root, const struct sign *sign, char source[KERNEL_SOURCE])
{
	char folder[PATH_MOST], file[PATH_MOST];

	path_put(folder, sizeof(folder), "%s%s", root, sign->folder);
	path_put(file, sizeof(file), "%s%s", root, sign->file);
	if (!access(file, F_OK))
		return 1;
	if (access(folder, F_OK))
		return -ENOENT;
	snprintf(source, KERNEL_SOURCE, "there is no %s", sign->file);
	return 0;
}

static int symbol_seen(unsigned int seen, size_t i, char source[KERNEL_SOURCE])
{
	if (!seen)
		return -ENOENT;
	if (seen & 1u << i)
		return 1;
	snprintf(source, KERNEL_SOURCE, "its symbols have no %s", signs[i].symbol);
	return 0;
}

static int sign_of(const char *option)
{
	for (size_t i = 0; i < SIGNS; i++)
		if (!strcmp(signs[i].option, option))
			return (int)i;
	return -ENOENT;
}

int kernel_option_seen(const char *root, const char *option, char source[KERNEL_SOURCE])
{
	static unsigned int here; /* of this machine: some 100,000 lines, read once */
	int i = sign_of(option);

	*source = '\0';
	if (i < 0)
		return i;
	if (signs[i].file)
		return file_seen(root, &signs[i], source);
	if (*root)
		return symbol_seen(symbols_seen(root), (size_t)i, source);
	if (!here)
		here = symbols_seen("");
	return symbol_seen(here, (size_t)i, source);
}

int kernel_option(const char *option, char source[KERNEL_SOURCE])
{
	const char *text = kernel_config_text();

	if (!text)
		return kernel_option_seen("", option, source);
	snprintf(source, KERNEL_SOURCE, "%s", config_source);
	return kernel_config_value(text, option) != 'n';
}
