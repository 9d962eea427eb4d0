/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/cmd/cli.h"
#include "calib/clock.h"
#include "kit/lab/guest/guest.h"
#include "kit/lab/guest/image.h"
#include "kit/system/process.h"
#include "kit/system/guard.h"

/* The options that are the same for all machines. */
static void add_machine(struct words *w, const struct guest_options *o)
{
	const struct machine *m = o->machine;

	words_add(w, m->qemu, "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
		  "-monitor", "none", "-machine", m->board, "-smp", o->cpus > 1 ? "2" : "1", NULL);
	if (o->accel == GUEST_KVM)
		words_add(w, "-accel", "kvm", "-cpu", "host", NULL);
	else if (o->free_running)
		/*
		 * One thread for all CPUs: with one each QEMU 7.2 may go on to run an int3 that the
		 * kernel has replaced in the meantime (text_poke of static keys): memory holds the
		 * new instruction, its translation the old one, and the guest hangs in exc_int3.
		 */
		words_add(w, "-accel", "tcg,thread=single", "-cpu", m->cpu, NULL);
	else
		/*
		 * sleep=off: an idle guest jumps to its next timer and does not wait for the host's
		 * clock
		 */
		words_add(w, "-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-cpu",
			  m->cpu, "-rtc", "base=2026-01-01T00:00:00,clock=vm", NULL);
}

/* Adds the port by which the results leave. The texts live as long as the words. */
static void add_port(struct words *w, const struct machine *m, const char *path,
		     char port[PATH_MAX + 64], char device[64])
{
	if (!m->port_device) {
		snprintf(port, PATH_MAX + 64, "file:%s", path);
		words_add(w, "-serial", port, NULL);
		return;
	}
	snprintf(port, PATH_MAX + 64, "file,id=results,path=%s", path);
	snprintf(device, 64, "%s,chardev=results", m->port_device);
	words_add(w, "-chardev", port, "-device", device, NULL);
}

static int start_qemu(struct guest *guest, const struct guest_options *o, struct error *why)
{
	char serial0[PATH_MAX + 32], port[PATH_MAX + 64], device[64], gdb[PATH_MAX + 64];
	char memory[32], seed[32], cmdline[2048];
	struct process_io io = {.out_fd = -1, .err_fd = -1};
	struct words w = {0};
	int err;

	add_machine(&w, o);
	snprintf(memory, sizeof(memory), "%uM", o->memory_mib);
	snprintf(seed, sizeof(seed), "%u", o->seed);
	snprintf(serial0, sizeof(serial0), "file:%s", guest->console);
	words_add(&w, "-m", memory, NULL);
	if (o->accel == GUEST_TCG)
		words_add(&w, "-seed", seed, NULL);
	words_add(&w, "-serial", serial0, NULL);
	add_port(&w, o->machine, guest->results, port, device);
	snprintf(gdb, sizeof(gdb), "unix:%s,server=on,wait=off", guest->gdb);
	if (o->gdb)
		words_add(&w, "-gdb", gdb, NULL);
	if (snprintf(cmdline, sizeof(cmdline), "%s%s%s",
		     o->accel == GUEST_KVM ? o->machine->cmdline_kvm : o->machine->cmdline_tcg,
		     o->append && *o->append ? " " : "",
		     o->append ? o->append : "") >= (int)sizeof(cmdline))
		return error_set(why, -EINVAL,
				 "--append: longer than a kernel command line may be");
	words_add(&w, "-kernel", o->kernel, "-initrd", o->image, "-append", cmdline, NULL);
	io.err_fd = open(guest->console, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (io.err_fd < 0) {
		err = -errno;
		return error_set(why, err, "%s: %s", guest->console, strerror(-err));
	}
	err = process_start(w.argv, &io, &guest->pid, why);
	close(io.err_fd);
	if (err == -ENOENT)
		error_say(why, "%s is not installed (install %s)", o->machine->qemu,
			  o->machine->qemu_package);
	return err;
}

int guest_start(struct guest *guest, const struct guest_options *options, struct error *why)
{
	int err;

	memset(guest, 0, sizeof(*guest));
	guest->pid = -1;
	guest->pidfd = -1;
	guest->state = GUEST_ENDED;
	err = guard_folder(NULL, guest->dir, sizeof(guest->dir), &guest->dir_guard, why);
	if (err)
		return err;
	path_put(guest->console, sizeof(guest->console), "%s/console", guest->dir);
	path_put(guest->results, sizeof(guest->results), "%s/results", guest->dir);
	path_put(guest->gdb, sizeof(guest->gdb), "%s/gdb", guest->dir);
	err = start_qemu(guest, options, why);
	if (err)
		return err;
	guest->pidfd = (int)syscall(SYS_pidfd_open, guest->pid, 0);
	guest->seconds = clock_seconds();
	guest->deadline = guest->seconds + options->timeout_s;
	guest->state = GUEST_RUNNING;
	return 0;
}

/*
 * A pid of 0 or -1 would address this process's group or every process that may be signalled: see
 * kill(2).
 */
static void reap(struct guest *guest, enum guest_state state)
{
	if (guest->pid <= 0)
		return;
	if (state != GUEST_ENDED)
		kill(guest->pid, SIGKILL);
	while (waitpid(guest->pid, &guest->exit_status, 0) < 0 && errno == EINTR)
		continue;
	guest->pid = -1;
	guest->seconds = clock_seconds() - guest->seconds;
	guest->state = state;
}

static bool has_left(const struct guest *guest)
{
	siginfo_t info = {0};

	return !waitid(P_PID, (id_t)guest->pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
	       info.si_pid == guest->pid;
}

/*
 * Updates the state of every guest that has ended or must be ended. Returns how many still run;
 * *soonest: the next deadline.
 */
static size_t look(struct guest *const *guests, size_t n, double *soonest)
{
	double now = clock_seconds();
	size_t running = 0;

	*soonest = now + 3600;
	for (size_t i = 0; i < n; i++) {
		struct guest *g = guests[i];

		if (g->state != GUEST_RUNNING)
			continue;
		if (has_left(g)) {
			reap(g, GUEST_ENDED);
		} else if (cli_stop) {
			reap(g, GUEST_STOPPED);
		} else if (now >= g->deadline) {
			reap(g, GUEST_TIMED_OUT);
		} else {
			running++;
			if (g->deadline < *soonest)
				*soonest = g->deadline;
		}
	}
	return running;
}

size_t guest_wait(struct guest *const *guests, size_t n, int patience_ms)
{
	struct pollfd *fds = calloc(n ? n : 1, sizeof(*fds));
	double soonest, left_ms;
	size_t running, before = 0;

	for (size_t i = 0; i < n; i++)
		before += guests[i]->state == GUEST_RUNNING;
	running = look(guests, n, &soonest);
	if (fds && running && running == before) {
		for (size_t i = 0; i < n; i++) {
			bool runs = guests[i]->state == GUEST_RUNNING;

			fds[i] = (struct pollfd){.fd = runs ? guests[i]->pidfd : -1,
						 .events = POLLIN};
		}
		left_ms = (soonest - clock_seconds()) * 1e3 + 1;
		if (left_ms > patience_ms)
			left_ms = patience_ms;
		poll(fds, n, left_ms > 0 ? (int)left_ms : 0);
		running = look(guests, n, &soonest);
	}
	free(fds);
	return running;
}

void guest_close(struct guest *guest)
{
	if (guest->state == GUEST_RUNNING)
		reap(guest, GUEST_STOPPED);
	if (guest->pidfd > 0)
		close(guest->pidfd);
	guest->pidfd = -1;
	guard_stop(guest->dir_guard, 0, 0);
	guest->dir_guard = NULL;
	guest->dir[0] = '\0';
}

void guest_describe(const struct machine *machine, enum guest_accel accel, bool free_running,
		    char *text, size_t len)
{
	const char *tcg = free_running ? "tcg, cpu " : "tcg, icount shift=0, cpu ";
	char *argv[] = {(char *)machine->qemu, "--version", NULL};
	char *version = NULL, number[32] = "of unknown version";
	struct error why;

	if (!process_run(argv, NULL, &version, &why))
		sscanf(version, "QEMU emulator version %31[^ (\n]", number);
	free(version);
	snprintf(text, len, "QEMU %s, %s%s", number, accel == GUEST_KVM ? "kvm, cpu host" : tcg,
		 accel == GUEST_KVM ? "" : machine->cpu);
}
