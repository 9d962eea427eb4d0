/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes what QEMU's gdb stub answers: the input is all that it ever says. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/lab/guest/machine.h"
#include "kit/lab/xray/rsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nobody reads the acknowledgements: a socket takes some 280 before it is full. */
#define PACKETS_MOST 200

static size_t packets(const uint8_t *data, size_t size)
{
	size_t n = 0;

	while (size--)
		n += data[size] == '$';
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t pc, sp, link;
	struct rsp *rsp;
	char bytes[64];
	int ends[2];

	if (size > 60000 || packets(data, size) > PACKETS_MOST ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return 0;
	if (write(ends[1], data, size) != (ssize_t)size || shutdown(ends[1], SHUT_WR))
		abort();
	rsp = rsp_new(ends[0], machine_find(size && (data[0] & 1) ? "aarch64" : "x86_64"), 1);
	if (rsp) {
		(void)rsp_mask_interrupts(rsp);
		(void)rsp_break(rsp, 0x1000, true);
		(void)rsp_continue(rsp);
		(void)rsp_where(rsp, &pc, &sp, &link);
		(void)rsp_read(rsp, 0x1000, bytes, sizeof(bytes));
		(void)rsp_step(rsp);
		rsp_close(rsp);
	}
	close(ends[1]);
	return 0;
}
