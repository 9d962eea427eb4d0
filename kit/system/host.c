/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "bpf/load/kernel/kernel_option.h"
#include "bpf/load/program.h"
#include "calib/path.h"
#include "calib/arch/arch.h"
#include "calib/counters.h"
#include "cpuset/condition.h"
#include "cpuset/idle.h"
#include "cpuset/sysfile.h"
#include "kit/store/content_hash.h"
#include "kit/system/host.h"

#define JIT_SETTING "/proc/sys/net/core/bpf_jit_enable"

/*
 * The model of the first CPU in the list: "Intel(R) …", or "CPU implementer 0x41, CPU part 0xd0c".
 */
static char *cpu_model(void)
{
	static const char *const keys[] = ARCH_CPUINFO_KEYS;
	const size_t n = sizeof(keys) / sizeof(keys[0]);
	char line[512], text[512] = "";
	FILE *file = fopen("/proc/cpuinfo", "re");
	size_t found = 0;

	while (file && found < n && fgets(line, sizeof(line), file)) {
		const char *value = strchr(line, ':');
		size_t used = strlen(text);

		if (strncmp(line, keys[found], strlen(keys[found])) != 0 || !value)
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(text + used, sizeof(text) - used, "%s%s%s%s", found ? ", " : "",
			 n > 1 ? keys[found] : "", n > 1 ? " " : "", value + 2);
		found++;
	}
	if (file)
		fclose(file);
	return found ? strdup(text) : NULL;
}

static char *mitigations(void)
{
	const char *dir_path = "/sys/devices/system/cpu/vulnerabilities";
	struct dirent **names;
	char *text = NULL;
	size_t size;
	FILE *out;
	int n = scandir(dir_path, &names, NULL, alphasort);

	if (n < 0)
		return NULL;
	out = open_memstream(&text, &size);
	for (int i = 0; i < n; i++) {
		char path[512], line[SYSFILE_MAX];

		path_put(path, sizeof(path), "%s/%s", dir_path, names[i]->d_name);
		if (out && *names[i]->d_name != '.' && !sysfile_read("", path, line) &&
		    strcmp(line, "Not affected") != 0)
			fprintf(out, "%s%s: %s", ftell(out) ? "; " : "", names[i]->d_name, line);
		free(names[i]);
	}
	free(names);
	if (out)
		fclose(out);
	return text;
}

static char *virtualization(void)
{
	char vendor[16];

	if (!arch_hypervisor(vendor))
		return strdup("none");
	return strdup(*vendor ? vendor : "unknown hypervisor");
}

/* Two kernels of one release may be built differently. */
static char *kernel_config(void)
{
	const char *text = kernel_config_text();
	char hash[CONTENT_HASH_TEXT];

	if (!text)
		return NULL;
	content_hash(text, strlen(text), hash);
	return strdup(hash);
}

/*
 * What a program becomes that is loaded now; where none can be, what the setting says, which a
 * kernel without a network has not.
 */
static bool jit_is_on(void)
{
	char line[SYSFILE_MAX];
	int jit = program_jit();

	if (jit >= 0)
		return jit;
	return !sysfile_read("", JIT_SETTING, line) && *line != '0';
}

void host_describe(const struct tsc_rate *tsc, struct record_host *host)
{
	struct utsname uts;
	char line[SYSFILE_MAX];

	uname(&uts);
	host->kernel = strdup(uts.release);
	host->arch = strdup(uts.machine);
	host->node = strdup(uts.nodename);
	if (!sysfile_read("", "/proc/sys/kernel/random/boot_id", line))
		host->boot = strdup(line);
	if (!sysfile_read("", "/sys/devices/system/cpu/cpu0/microcode/version", line))
		host->microcode = strdup(line);
	if (!sysfile_read("", "/sys/class/dmi/id/bios_version", line))
		host->firmware = strdup(line);
	host->kernel_config = kernel_config();
	host->cpu = cpu_model();
	host->virtualization = virtualization();
	host->mitigations = mitigations();
	host->cmdline = sysfile_read("", "/proc/cmdline", line) ? NULL : strdup(line);
	host->cpus = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	host->btf = !access("/sys/kernel/btf/vmlinux", R_OK);
	host->jit = jit_is_on();
	if (!sysfile_read("", "/sys/devices/system/clocksource/clocksource0/current_clocksource",
			  line))
		host->clocksource = strdup(line);
	host->pmu = counters_pmu_present(line, sizeof(line));
	host->pmu_name = strdup(line);
	if (tsc) {
		host->tsc_hz = tsc->hz;
		host->tsc_hz_rel_err = tsc->rel_err;
		host->tsc_quantum = tsc->quantum;
	}
}

void host_idle(const struct placement *placement, struct record_placement *out)
{
	char text[160];

	idle_describe("", placement->cpu, text, sizeof(text));
	out->measure_idle = strdup(text);
	if (placement->reader_cpu < 0)
		return;
	idle_describe("", placement->reader_cpu, text, sizeof(text));
	out->probe_reader_idle = strdup(text);
}

static void say_interpreted(void (*say)(void *ctx, const char *what, const char *mend), void *ctx)
{
	char source[KERNEL_SOURCE], text[2 * KERNEL_SOURCE];

	if (kernel_option("CONFIG_BPF_JIT", source)) {
		bool set = !access(JIT_SETTING, F_OK);

		say(ctx, "the BPF JIT is off: programs are interpreted",
		    set ? "sysctl net.core.bpf_jit_enable=1" : "");
		return;
	}
	snprintf(text, sizeof(text),
		 "kernel built without CONFIG_BPF_JIT (%s): programs are interpreted", source);
	say(ctx, text, "");
}

void host_programs(void (*say)(void *ctx, const char *what, const char *mend), void *ctx)
{
	char line[SYSFILE_MAX];

	if (!jit_is_on())
		say_interpreted(say, ctx);
	/* at 1 only programs of users without CAP_BPF: bpf_jit_blinding_enabled in the kernel */
	else if (!sysfile_read("", "/proc/sys/net/core/bpf_jit_harden", line) && *line == '2')
		say(ctx,
		    "net.core.bpf_jit_harden is 2: the JIT blinds constants, which makes programs "
		    "longer",
		    "sysctl net.core.bpf_jit_harden=0");
}

void host_conditions(const struct placement *placement,
		     void (*say)(void *ctx, const char *what, const char *mend), void *ctx)
{
	char line[SYSFILE_MAX];

	if (arch_hypervisor(line))
		say(ctx,
		    "virtual machine: other guests share the hardware, and exits to the hypervisor "
		    "cannot be seen",
		    "measure on bare metal");
	condition_of_cpu("", placement, say, ctx);
	if (placement->reader_cpu < 0)
		say(ctx, "one CPU: no reader can run beside the producer",
		    "a machine with two CPUs");
	if (!sysfile_read("", "/proc/sys/kernel/bpf_stats_enabled", line) && *line == '1')
		say(ctx, "kernel.bpf_stats_enabled is on: it adds about 20 ns to every program",
		    "sysctl kernel.bpf_stats_enabled=0");
	host_programs(say, ctx);
}
