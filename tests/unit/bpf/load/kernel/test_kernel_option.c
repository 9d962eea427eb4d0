/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kernel was built with: by its configuration's text, and by signs that are planted. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bpf/load/kernel/kernel_option.h"
#include "kit/system/scratch.h"

static char root[64];

static void plant(const char *path, const char *text)
{
	char at[512];
	FILE *file;

	snprintf(at, sizeof(at), "%s%s", root, path);
	for (char *slash = at + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(at, 0755);
		*slash = '/';
	}
	if (!text) /* a folder */
		return;
	file = fopen(at, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static int begin(void **state)
{
	(void)state;
	snprintf(root, sizeof(root), "/tmp/test_kernel_option.XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	scratch_remove(root);
	return 0;
}

/* expected: as kernel_option_seen returns; words: its source */
static void sees(const char *option, int expected, const char *words)
{
	char source[KERNEL_SOURCE];

	assert_int_equal(kernel_option_seen(root, option, source), expected);
	assert_string_equal(source, words);
}

static void a_text_is_read_by_whole_words(void **state)
{
	static const char text[] = "CONFIG_BPF=y\n"
				   "# CONFIG_BPF_SYSCALL is not set\n"
				   "CONFIG_KPROBES_ON_FTRACE=y\n"
				   "CONFIG_NET=m\n"
				   "CONFIG_NAME=\"CONFIG_BPF_JIT=y\"\n";

	(void)state;
	assert_int_equal(kernel_config_value(text, "CONFIG_BPF"), 'y');
	assert_int_equal(kernel_config_value(text, "CONFIG_BPF_SYSCALL"), 'n');
	assert_int_equal(kernel_config_value(text, "CONFIG_KPROBES"), 'n');
	assert_int_equal(kernel_config_value(text, "CONFIG_NET"), 'm');
	assert_int_equal(kernel_config_value(text, "CONFIG_BPF_JIT"), 'n');
	assert_int_equal(kernel_config_value("", "CONFIG_BPF"), 'n');
}

static void nothing_seen_is_not_known(void **state)
{
	(void)state;
	sees("CONFIG_BPF_JIT", -ENOENT, "");
	sees("CONFIG_KPROBES", -ENOENT, "");
	sees("CONFIG_OF_NOBODY", -ENOENT, "");
	plant("/proc/kallsyms", ""); /* as where /proc is another's */
	sees("CONFIG_KPROBES", -ENOENT, "");
}

static void a_missing_file_names_itself(void **state)
{
	(void)state;
	plant("/proc/sys/net/core/somaxconn", "4096\n");
	plant("/sys/kernel/", NULL);
	plant("/proc/self/", NULL);
	sees("CONFIG_BPF_JIT", 0, "there is no /proc/sys/net/core/bpf_jit_enable");
	sees("CONFIG_DEBUG_INFO_BTF", 0, "there is no /sys/kernel/btf/vmlinux");
	sees("CONFIG_KALLSYMS", 0, "there is no /proc/kallsyms");
	plant("/proc/sys/net/core/bpf_jit_enable", "0\n"); /* off is not missing */
	plant("/sys/kernel/btf/vmlinux", "");
	sees("CONFIG_BPF_JIT", 1, "");
	sees("CONFIG_DEBUG_INFO_BTF", 1, "");
}

static void a_missing_function_names_itself(void **state)
{
	(void)state;
	plant("/proc/kallsyms", "0000000000000000 T _stext\n"
				"0000000000000000 T register_kprobe\n"
				"0000000000000000 T trace_call_bpf_of_others\n"
				"0000000000000000 t trace_event_reg\t[others]\n");
	sees("CONFIG_KPROBES", 1, "");
	sees("CONFIG_BPF_EVENTS", 0, "its symbols have no trace_call_bpf");
	sees("CONFIG_EVENT_TRACING", 0, "its symbols have no trace_event_reg");
	sees("CONFIG_FPROBE", 0, "its symbols have no register_fprobe");
}

/* The signs and the configuration of the kernel on which this runs. */
static void signs_agree_with_the_configuration(void **state)
{
	static const char *const options[] = {
		"CONFIG_BPF_SYSCALL",
		"CONFIG_BPF_JIT",
		"CONFIG_PERF_EVENTS",
		"CONFIG_DEBUG_INFO_BTF",
		"CONFIG_KALLSYMS",
		"CONFIG_KPROBES",
		"CONFIG_KPROBE_EVENTS",
		"CONFIG_UPROBES",
		"CONFIG_UPROBE_EVENTS",
		"CONFIG_FPROBE",
		"CONFIG_TRACEPOINTS",
		"CONFIG_EVENT_TRACING",
		"CONFIG_FTRACE_SYSCALLS",
		"CONFIG_BPF_EVENTS",
		"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS",
	};
	const char *text = kernel_config_text();
	char source[KERNEL_SOURCE];

	(void)state;
	if (!text)
		skip();
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		int seen = kernel_option_seen("", options[i], source);

		if (seen != -ENOENT && seen != (kernel_config_value(text, options[i]) != 'n'))
			fail_msg("%s: %d seen (%s)", options[i], seen, source);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_read_by_whole_words),
		cmocka_unit_test_setup_teardown(nothing_seen_is_not_known, begin, end),
		cmocka_unit_test_setup_teardown(a_missing_file_names_itself, begin, end),
		cmocka_unit_test_setup_teardown(a_missing_function_names_itself, begin, end),
		cmocka_unit_test(signs_agree_with_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
