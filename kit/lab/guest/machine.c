/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/lab/guest/machine.h"

/*
 * None of these changes what a probe costs. randomize_kstack_offset=off removes 10 instructions
 * from every syscall, with a probe or without, and with them the random stack address on which the
 * direction of a 40-byte memcpy depends (memcpy_orig). nokaslr gives every run the same addresses;
 * cryptomgr.notests skips 0.7 G instructions of self-tests.
 */
#define CMDLINE_EXACT                                                     \
	"quiet panic=-1 oops=panic nokaslr cryptomgr.notests nowatchdog " \
	"randomize_kstack_offset=off "
#define CMDLINE_PLAIN "quiet panic=-1 oops=panic nokaslr nowatchdog "

/*
 * x86-64: nolapic_timer, no_timer_check, lpj and tsc_early_khz skip calibrations that spin on the
 * clock, which TCG runs a hundred times slower than straight code; reboot=t resets by a triple
 * fault, which needs no ACPI.
 *
 * aarch64: cntfrq makes the system counter advance once per instruction instead of once in 16; the
 * board has only one port of its own, so the results leave by a PCI port.
 */
static const struct machine machines[] = {
	{
		.arch = "x86_64",
		.debian = "amd64",
		.lists = "apt",
		.specs = "specs",
		.elf = EM_X86_64,
		.qemu = "qemu-system-x86_64",
		.qemu_package = "qemu-system-x86",
		.board = "pc",
		.cpu = "max",
		.port = "ttyS1",
		.cmdline_tcg =
			CMDLINE_EXACT "console=ttyS0 reboot=t tsc=reliable tsc_early_khz=1000000 "
				      "lpj=4000000 nolapic_timer no_timer_check",
		.cmdline_kvm = CMDLINE_PLAIN "console=ttyS0 reboot=t",
		.ask_pc = "p10",
		.ask_sp = "p7",
		.window_begins = {{0xff, 0xff}, {0x0f, 0x31}},		 /* rdtsc */
		.window_ends = {{0xff, 0xff, 0xff}, {0x0f, 0x01, 0xf9}}, /* rdtscp */
	},
	{
		.arch = "aarch64",
		.debian = "arm64",
		.lists = "apt-arm64",
		.specs = "specs-arm64",
		.elf = EM_AARCH64,
		.qemu = "qemu-system-aarch64",
		.qemu_package = "qemu-system-arm",
		.board = "virt,gic-version=3",
		.cpu = "neoverse-n1,cntfrq=1000000000",
		.port_device = "pci-serial",
		.port = "ttyS0",
		.cmdline_tcg = CMDLINE_EXACT "console=ttyAMA0",
		.cmdline_kvm = CMDLINE_PLAIN "console=ttyAMA0",
		.ask_pc = "p20",
		.ask_sp = "p1f",
		.ask_link = "p1e",
		/* mrs Xt, cntvct_el0, for any t */
		.window_begins = {{0xe0, 0xff, 0xff, 0xff}, {0x40, 0xe0, 0x3b, 0xd5}},
		.window_ends = {{0xe0, 0xff, 0xff, 0xff}, {0x40, 0xe0, 0x3b, 0xd5}},
	},
};
#define MACHINES (sizeof(machines) / sizeof(machines[0]))

const struct machine *machine_find(const char *arch)
{
	struct utsname uts;

	if (!arch) {
		uname(&uts);
		arch = uts.machine;
	}
	for (size_t i = 0; i < MACHINES; i++)
		if (!strcmp(machines[i].arch, arch))
			return &machines[i];
	return NULL;
}

const char *machine_names(void)
{
	return "x86_64, aarch64";
}

bool machine_is_own(const struct machine *machine)
{
	struct utsname uts;

	uname(&uts);
	return !strcmp(machine->arch, uts.machine);
}

int machine_program(const struct machine *machine, char *path, size_t len, struct error *why)
{
	char own[PATH_MAX], *dir;
	ssize_t n;

	*path = '\0';
	if (machine_is_own(machine))
		return 0;
	n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	own[n > 0 ? n : 0] = '\0';
	dir = dirname(own);
	if (!path_put(path, len, "%s/bpftoll-%s", dir, machine->arch) && !access(path, R_OK))
		return 0;
	if (!path_put(path, len, "%s/../build-%s/bpftoll", dir, machine->arch) &&
	    !access(path, R_OK))
		return 0;
	return error_set(why, -ENOENT, "no bpftoll for %s guests (%s): make ARCH=%s builds it",
			 machine->arch, path, machine->arch);
}
