/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closing a guest that never started sends no signal. (tests/e2e/test_lab.sh boots guests.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/lab/guest/guest.h"
#include "kit/lab/guest/machine.h"

/* In a process group of its own, which a wrong kill(0, …) would end. */
static int status_of(void (*body)(void))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		setpgid(0, 0);
		body();
		_exit(0);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return status;
}

static void close_zeroed(void)
{
	struct guest guest = {0}, *guests[] = {&guest};

	if (guest_wait(guests, 1, 0))
		_exit(1);
	guest_close(&guest);
	guest_close(&guest);
}

static void close_unstarted(void)
{
	struct machine nowhere = {.qemu = "no-such-qemu", .board = "", .cmdline_tcg = ""};
	struct guest_options options = {.machine = &nowhere, .kernel = "", .image = ""};
	struct guest guest;
	struct error why;

	if (guest_start(&guest, &options, &why) != -ENOENT)
		_exit(2);
	guest_close(&guest);
}

static void zeroed_memory_is_no_guest(void **state)
{
	(void)state;
	assert_int_equal(status_of(close_zeroed), 0);
}

static void a_guest_that_did_not_start_is_none(void **state)
{
	(void)state;
	assert_int_equal(status_of(close_unstarted), 0);
}

static void a_panic_names_what_the_kernel_lacks(void **state)
{
	static const char *const cases[][2] = {
		{"VFS: Unable to mount root fs on unknown-block(0,0)", "CONFIG_BLK_DEV_INITRD"},
		{"Kernel panic - not syncing: No working init found.", "CONFIG_BLK_DEV_INITRD"},
		{"Failed to execute /init (error -8)\nKernel panic - not syncing: No working init "
		 "found.",
		 "CONFIG_BINFMT_SCRIPT or CONFIG_BINFMT_ELF"},
		{"Initramfs unpacking failed: write error\nNo working init found.", "--memory"},
		{"Kernel panic - not syncing: Attempted to kill init!", "panicked"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_non_null(strstr(guest_panic_words(cases[i][0]), cases[i][1]));
}

/* The last of its words, whatever the kernel says after them; a line of another's is none. */
static void the_guests_own_words_are_found(void **state)
{
	char path[] = "/tmp/test_guest.XXXXXX", text[64];
	struct guest guest = {0};
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	snprintf(guest.console, sizeof(guest.console), "%s", path);
	assert_false(guest_own_words(&guest, text, sizeof(text)));
	assert_true(dprintf(fd, "lab: init runs\nbpftoll: first\nno bpftoll: second\n") > 0);
	assert_true(guest_own_words(&guest, text, sizeof(text)));
	assert_string_equal(text, "first");
	assert_true(dprintf(fd, "bpftoll: its \033[1mreason\r\nreboot: Restarting\n") > 0);
	assert_true(guest_own_words(&guest, text, sizeof(text)));
	assert_string_equal(text, "its  [1mreason");
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroed_memory_is_no_guest),
		cmocka_unit_test(a_guest_that_did_not_start_is_none),
		cmocka_unit_test(a_panic_names_what_the_kernel_lacks),
		cmocka_unit_test(the_guests_own_words_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
