/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "calib/error.h"
#include "bpf/load/kernel/kernel_option.h"
#include "bpf/load/reason.h"
#include "bpf/load/text.h"

#define TRACEFS "/sys/kernel/tracing"

static char last_warning[512];

static int keep_warning(enum libbpf_print_level level, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

static int keep_warning(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char text[512], *end;

	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(text, sizeof(text), fmt, args);
	end = strchr(text, '\n');
	if (end)
		*end = '\0';
	/* the first warning names the cause, later ones only repeat that something failed */
	if (!*last_warning && !strstr(text, "BEGIN PROG LOAD LOG"))
		snprintf(last_warning, sizeof(last_warning), "%s",
			 strncmp(text, "libbpf: ", 8) ? text : text + 8);
	return 0;
}

void reason_capture(void)
{
	libbpf_set_print(keep_warning);
}

void reason_clear(void)
{
	*last_warning = '\0';
}

/*
 * "integrity" out of "none [integrity] confidentiality"; empty for none or where it cannot be read.
 */
static void lockdown_mode(char *mode, size_t len)
{
	char line[128] = "", *begin, *end;
	FILE *file = fopen("/sys/kernel/security/lockdown", "re");

	*mode = '\0';
	if (!file)
		return;
	if (fgets(line, sizeof(line), file) && (begin = strchr(line, '[')) &&
	    (end = strchr(begin, ']')) && strncmp(begin, "[none]", 6) != 0)
		snprintf(mode, len, "%.*s", (int)(end - begin - 1), begin + 1);
	fclose(file);
}

/* access(2) would answer for the real user, whose capabilities it leaves out */
bool reason_tracefs_closed(void)
{
	struct stat events;
	struct statfs fs;

	return !statfs(TRACEFS, &fs) && (unsigned long)fs.f_type == TRACEFS_MAGIC &&
	       stat(TRACEFS "/events", &events) && errno == EACCES;
}

static bool lacks(const char *option, struct error *why)
{
	char source[KERNEL_SOURCE];

	if (kernel_option(option, source))
		return false;
	error_say(why, "kernel built without %s (%s)", option, source);
	return true;
}

void reason_no_tracefs(struct error *why)
{
	char mode[32];

	lockdown_mode(mode, sizeof(mode));
	if (!strcmp(mode, "confidentiality"))
		error_say(why, "the kernel closes tracefs to everybody (lockdown: %s)", mode);
	else if (lacks("CONFIG_FTRACE_SYSCALLS", why))
		return;
	else if (reason_tracefs_closed())
		error_say(why, "tracefs is open to root alone here: needs root, or "
			       "CAP_DAC_READ_SEARCH");
	else
		error_say(why,
			  "tracefs is not mounted: mount -t tracefs nodev /sys/kernel/tracing");
}

void reason_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(last_warning, sizeof(last_warning), fmt, args);
	va_end(args);
}

/* A hexadecimal number in /proc/self/status; otherwise if it is not there. */
static unsigned long long own_status(const char *name, unsigned long long otherwise)
{
	unsigned long long value = otherwise;
	char line[128];
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':') {
			value = strtoull(line + strlen(name) + 1, NULL, 16);
			break;
		}
	if (file)
		fclose(file);
	return value;
}

bool reason_capable(int cap)
{
	return own_status("CapEff", geteuid() ? 0 : ~0ULL) >> cap & 1;
}

/*
 * Above 2 the patched kernels of Debian and Ubuntu let nobody but CAP_SYS_ADMIN open a perf event,
 * by which kprobes and tracepoints are attached.
 */
static int perf_event_paranoid(void)
{
	FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
	int level = 0;

	if (file && fscanf(file, "%d", &level) != 1)
		level = 0;
	if (file)
		fclose(file);
	return level;
}

/* For EPERM and EACCES: which privilege is missing, or what denies it. */
static void explain_permission(struct error *why)
{
	bool admin = reason_capable(CAP_SYS_ADMIN);
	int paranoid = perf_event_paranoid();
	char mode[32];

	lockdown_mode(mode, sizeof(mode));
	if (!admin && !reason_capable(CAP_BPF))
		error_say(why, "needs %sCAP_BPF and CAP_PERFMON%s", geteuid() ? "root, or " : "",
			  geteuid() ? "" : ", which this root lacks");
	else if (!admin && !reason_capable(CAP_PERFMON))
		error_say(why, "needs CAP_PERFMON beside CAP_BPF");
	else if (!admin && paranoid > 2)
		error_say(why,
			  "needs CAP_SYS_ADMIN beside CAP_BPF and CAP_PERFMON while "
			  "kernel.perf_event_paranoid is above 2 (it is %d)",
			  paranoid);
	else if (own_status("Seccomp", 0) == SECCOMP_MODE_FILTER)
		error_say(why,
			  "the kernel answers EPERM although CAP_BPF and CAP_PERFMON are held; "
			  "a seccomp filter is in force, as in a container, which may forbid "
			  "bpf() and perf_event_open()");
	else
		error_say(
			why,
			"the kernel answers EPERM although CAP_BPF and CAP_PERFMON are held%s%s%s",
			*mode ? " (lockdown: " : "", mode, *mode ? ")" : "");
}

bool reason_addresses_hidden(void)
{
	char source[KERNEL_SOURCE];

	return kernel_option("CONFIG_KPROBES", source) &&
	       kernel_option("CONFIG_KALLSYMS", source) && text_hidden();
}

/* PROC_PID_INIT_INO in the kernel's include/linux/proc_ns.h: the same on every boot */
#define FIRST_PID_NAMESPACE "pid:[4026531836]"

int reason_other_pids(struct error *why)
{
	char namespace[64];
	ssize_t n = readlink("/proc/self/ns/pid", namespace, sizeof(namespace) - 1);

	if (n < 0)
		return 0;
	namespace[n] = '\0';
	if (!strcmp(namespace, FIRST_PID_NAMESPACE))
		return 0;
	return error_set(why, -EXDEV,
			 "in a PID namespace of its own, as in a container, programs see other "
			 "process ids than this process: podman run --pid=host");
}

/* Is there no bpf() for this process? Container runtimes answer ENOSYS as well, by a filter. */
static bool no_bpf(struct error *why)
{
	char source[KERNEL_SOURCE];
	int built;

	if (syscall(SYS_bpf, -1, NULL, 0) >= 0 || errno != ENOSYS)
		return false;
	built = kernel_option("CONFIG_BPF_SYSCALL", source);
	if (built > 0)
		error_say(why, "bpf() answers ENOSYS although the kernel has it%s",
			  own_status("Seccomp", 0) == SECCOMP_MODE_FILTER
				  ? ": by the seccomp filter that is in force, as in a container"
				  : "");
	else
		error_say(why, "kernel built without CONFIG_BPF_SYSCALL (%s)",
			  built == 0 ? source : "bpf() answers ENOSYS");
	return true;
}

int reason_refused(struct error *why)
{
	const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	struct error what;
	int fd;

	if (no_bpf(&what))
		return error_set(why, -ENOSYS, "no probe can be attached: %s", what.text);
	fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "nothing", "GPL", nothing, 2, NULL);
	if (fd >= 0)
		close(fd);
	if (fd != -EPERM && fd != -EACCES)
		return reason_other_pids(why);
	explain_permission(&what);
	return error_set(why, -EPERM, "no probe can be attached: %s. %s", what.text,
			 geteuid() && !reason_capable(CAP_BPF)
				 ? "Run it as root or with sudo; bpftoll lab needs neither"
				 : "In a container, start that privileged or with --cap-add "
				   "BPF,PERFMON, and let its seccomp filter pass bpf()");
}

/* The last line of the verifier's log that is neither blank nor a statistic. */
static bool last_words(const char *log, struct error *why)
{
	const char *best = NULL, *line, *next;
	size_t best_len = 0;

	for (line = log; line && *line; line = next) {
		const char *end = strchr(line, '\n');
		size_t n = end ? (size_t)(end - line) : strlen(line);

		next = end ? end + 1 : NULL;
		if (n < 4 || !strncmp(line, "processed ", 10) ||
		    !strncmp(line, "verification time", 17) || !strncmp(line, "stack depth", 11))
			continue;
		best = line;
		best_len = n;
	}
	if (!best)
		return false;
	error_say(why, "the verifier says: %.*s", (int)best_len, best);
	return true;
}

void reason_say(int err, struct error *why)
{
	if (*last_warning)
		error_say(why, "%s", last_warning);
	else
		error_say(why, "the kernel says: %s", strerror(-err));
}

void reason_explain(const char *const *needs, int err, const char *log, struct error *why)
{
	if (no_bpf(why))
		return;
	for (; *needs; needs++)
		if (lacks(*needs, why))
			return;
	if (log && last_words(log, why))
		return;
	if (err == -EPERM || err == -EACCES) {
		explain_permission(why);
		return;
	}
	reason_say(err, why);
}
