/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/load/probe.h"
#include "bpf/load/kernel/kernel_option.h"
#include "bpf/load/reason.h"
#include "calib/arch/arch.h"
#include "calib/counters.h"
#include "calib/tsc.h"
#include "cpuset/condition.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/cmd/options/showing.h"
#include "kit/system/host.h"
#include "kit/system/mounts.h"
#include "kit/system/privileges.h"
#include "kit/timing/neighbours.h"
#include "kit/system/place.h"
#include "kit/cmd/possible.h"
#include "kit/timing/workload.h"
#include "reports/answer/wrap.h"

#define TSC_BUDGET_MS	300
#define NEIGHBOUR_MS	1000
#define NEIGHBOUR_OFTEN 0.01 /* share of the readings */

#define MARK_COLUMNS 6
#define LINES_MOST   8 /* of one finding */

/* Prints one finding. mend: what would help; NULL: nothing would. */
__attribute__((format(printf, 3, 4))) static void line(const char *mark, const char *mend,
						       const char *fmt, ...)
{
	struct wrap by = {MARK_COLUMNS, showing_style().width, LINES_MOST};
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printf("%-*s", MARK_COLUMNS, mark);
	wrap_text(text, MARK_COLUMNS, &by, stdout);
	if (!mend || !*mend)
		return;
	by.indent = MARK_COLUMNS + 3;
	printf("%*s-> ", MARK_COLUMNS, "");
	wrap_text(mend, by.indent, &by, stdout);
}

static void poor(void *ctx, const char *what, const char *mend)
{
	(void)ctx;
	line("poor", mend, "%s", what);
}

/* The command that would make a hook usable; NULL: there is none. */
static const char *mend_for(const char *why)
{
	if (strstr(why, "needs root") || strstr(why, "needs CAP_"))
		return "run as root, or with the capabilities that are named";
	if (strstr(why, "seccomp"))
		return "podman run --security-opt seccomp=unconfined, or a filter that lets them "
		       "pass";
	if (strstr(why, "kernel built without") || strstr(why, "EPERM"))
		return "bpftoll lab measures it on other kernels, in exact instructions";
	return "";
}

struct refusal {
	struct error why;
	bool told;
};

/* The hooks that are refused for one reason, in one line. */
static void tell_refused(struct refusal *refused, int first)
{
	const char *why = refused[first].why.text, *comma = "";
	struct error names = {""};

	for (int h = first; h < HOOK_COUNT; h++) {
		if (refused[h].told || strcmp(refused[h].why.text, why) != 0)
			continue;
		refused[h].told = true;
		error_add(&names, "%s%s", comma, hook_name((enum hook)h));
		comma = ", ";
	}
	line("no", mend_for(why), "hook %s: %s", names.text, why);
}

static size_t examine_hooks(void)
{
	struct refusal refused[HOOK_COUNT] = {0};
	size_t works = 0;

	for (int h = 0; h < HOOK_COUNT; h++) {
		struct probe *probe;
		char name[64];

		snprintf(name, sizeof(name), "%s_empty", hook_name((enum hook)h));
		refused[h].told = !possible_attach(variant_find(name), &probe, &refused[h].why);
		if (refused[h].told)
			line("ok", NULL, "hook %s: %s", hook_name((enum hook)h),
			     probe_mechanism(probe));
		works += refused[h].told;
		probe_close(probe);
	}
	for (int h = 0; h < HOOK_COUNT; h++)
		if (!refused[h].told)
			tell_refused(refused, h);
	return works;
}

static bool examine_clock(struct tsc_rate *out)
{
	struct tsc_rate tsc;
	struct error why;

	if (tsc_measure(TSC_BUDGET_MS, &tsc, &why)) {
		line("no", ARCH_TIMED_REGION_MEND, "%s", why.text);
		return false;
	}
	*out = tsc;
	line("ok", NULL,
	     "clock: invariant " ARCH_CLOCK_NAME
	     ", %.6f GHz (read jitter %.1f ppm), steps by %.0f tick%s (%.1f ns)",
	     tsc.hz / 1e9, tsc.rel_err * 1e6, tsc.quantum, tsc.quantum > 1 ? "s" : "",
	     tsc.quantum / tsc.hz * 1e9);
	if (tsc.quantum / tsc.hz > 5e-9)
		line("poor", NULL,
		     "single readings step by more than 5 ns: read costs from the means");
	return true;
}

/* Does another program use the core's other hardware thread, and can that be detected here? */
static void examine_neighbour(const struct placement *placement, const struct tsc_rate *tsc)
{
	struct neighbours_sample sample;
	struct neighbours_proof proof;
	char text[640];
	bool often;

	if (neighbours_sample(tsc, NEIGHBOUR_MS, &sample))
		return;
	neighbours_say(&sample, text, sizeof(text));
	often = sample.level.told && sample.level.seen >= NEIGHBOUR_OFTEN;
	line(!sample.level.told ? "note"
	     : often		? "poor"
				: "ok",
	     often ? "measure on bare metal with that thread idle; run estimates such rounds apart"
		   : NULL,
	     "%s", text);
	if (placement->sibling < 0 || neighbours_prove(placement->sibling, tsc->quantum, &proof))
		return;
	line(proof.holds ? "ok" : "poor", NULL,
	     "the other hardware thread is CPU %d: a load there is seen in %.0f %% of the "
	     "readings, %.0f %% without it",
	     placement->sibling, 100 * proof.loaded, 100 * proof.idle);
}

static void examine_counters(void)
{
	char text[320];
	bool ok = counters_pmu_present(text, sizeof(text));

	line(ok ? "ok" : "no", ok ? NULL : "measure on bare metal, or bpftoll lab", "counters: %s",
	     text);
}

static void lacking(void *ctx, const char *capability, const char *lost, bool vital)
{
	(void)ctx;
	line(vital ? "no" : "note", "run as root or with that capability", "without %s: %s",
	     capability, lost);
}

static int run(void)
{
	struct placement placement;
	struct tsc_rate tsc;
	char text[400];
	struct error why;
	size_t works;
	bool clock_ok;

	mounts_complete();
	if (place_choose(-1, -1, &placement, &why) || place_pin(&placement, &why))
		return cli_fail(EXIT_FAILED, &why);
	line("ok", NULL, "place: %s", placement.reason);
	clock_ok = examine_clock(&tsc);
	host_conditions(&placement, poor, NULL);
	if (clock_ok)
		examine_neighbour(&placement, &tsc);
	if (condition_nohz_full("", placement.cpu, text, sizeof(text)))
		line("note", "isolate with isolcpus alone", "%s", text);
	examine_counters();
	if (!kernel_config_text())
		line("note", "modprobe configs, or install the kernel's /boot/config",
		     "the kernel's configuration cannot be read: what it lacks is told by what is "
		     "seen of it");
	if (reason_other_pids(&why))
		line("no", NULL, "%s", why.text);
	if (!privileges_lacking(lacking, NULL))
		line("ok", NULL, "privileges: all that is used");
	works = examine_hooks();
	return works && clock_ok && !reason_other_pids(&why) ? EXIT_DONE : EXIT_NOTHING;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.summary = "what this machine can measure well, and what would fix the rest",
	.about = "Examines what this machine and kernel can measure, and how well. Each line that "
		 "is not ok names the command that would fix it, if there is one.",
	.more = "ok: works. poor: works, and the figures are worse for it. no: cannot be measured "
		"here. Exit 4 when no hook works, or when the clock cannot be used.",
	.run = run,
};
