/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "calib/clock.h"
#include "kit/lab/xray/rsp.h"

#define PACKET_MAX 16384u
#define MEMORY_UNIT \
	1024u /* bytes per request: twice as many digits fit into QEMU's 4 KiB packets */

struct rsp {
	int fd;
	const struct machine *machine;
	unsigned int timeout_s;
	unsigned char in[PACKET_MAX];
	size_t at, have;
};

struct rsp *rsp_new(int fd, const struct machine *machine, unsigned int timeout_s)
{
	struct rsp *rsp = calloc(1, sizeof(*rsp));

	if (rsp) {
		rsp->fd = fd;
		rsp->machine = machine;
		rsp->timeout_s = timeout_s;
	}
	return rsp;
}

void rsp_close(struct rsp *rsp)
{
	if (!rsp)
		return;
	close(rsp->fd);
	free(rsp);
}

static int send_all(struct rsp *rsp, const char *data, size_t len)
{
	double deadline = clock_seconds() + rsp->timeout_s;

	while (len) {
		ssize_t sent = send(rsp->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EINTR && !cli_stop)
			continue;
		if (sent < 0 && errno == EAGAIN) {
			struct pollfd fd = {.fd = rsp->fd, .events = POLLOUT};

			if (cli_stop || clock_seconds() > deadline)
				return cli_stop ? -EINTR : -ETIMEDOUT;
			poll(&fd, 1, 200);
			continue;
		}
		if (sent <= 0)
			return sent < 0 ? -errno : -EPIPE;
		data += sent;
		len -= (size_t)sent;
	}
	return 0;
}

static int next_byte(struct rsp *rsp, double deadline)
{
	while (rsp->at == rsp->have) {
		struct pollfd fd = {.fd = rsp->fd, .events = POLLIN};
		ssize_t got;

		if (cli_stop)
			return -EINTR;
		if (clock_seconds() > deadline)
			return -ETIMEDOUT;
		if (poll(&fd, 1, 200) <= 0)
			continue;
		got = recv(rsp->fd, rsp->in, sizeof(rsp->in), 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -EPIPE;
		rsp->at = 0;
		rsp->have = (size_t)got;
	}
	return rsp->in[rsp->at++];
}

static int hex(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Value of two hex digits; negative: not hex. */
static int hex_byte(const char *digits)
{
	int high = hex(digits[0]), low = high < 0 ? -1 : hex(digits[1]);

	return low < 0 ? -EBADMSG : high << 4 | low;
}

static int put(struct rsp *rsp, const char *body)
{
	char packet[2 * MEMORY_UNIT + 64];
	unsigned int sum = 0;
	int len;

	for (const char *c = body; *c; c++)
		sum += (unsigned char)*c;
	len = snprintf(packet, sizeof(packet), "$%s#%02x", body, sum & 255);
	if (len >= (int)sizeof(packet))
		return -EMSGSIZE;
	return send_all(rsp, packet, (size_t)len);
}

/* Reads the next packet's contents, checks its checksum and acknowledges it. */
static int get(struct rsp *rsp, char *body, size_t len)
{
	unsigned int sum = 0, said = 0;
	double deadline = clock_seconds() + rsp->timeout_s;
	size_t n = 0;
	int c;

	do {
		c = next_byte(rsp, deadline);
		if (c < 0)
			return c;
	} while (c != '$'); /* skips acknowledgements and the rest of a broken packet */
	for (c = next_byte(rsp, deadline); c >= 0 && c != '#'; c = next_byte(rsp, deadline)) {
		sum += (unsigned int)c;
		if (n + 1 >= len)
			return -EMSGSIZE;
		body[n++] = (char)c;
	}
	body[n] = '\0';
	for (int i = 0; i < 2 && c >= 0; i++) {
		c = next_byte(rsp, deadline);
		said = said << 4 | (unsigned int)(hex(c) & 15);
	}
	if (c < 0)
		return c;
	if (said != (sum & 255))
		return -EBADMSG;
	return send_all(rsp, "+", 1);
}

/* Sends a request, and waits for the first answer that begins with one of these letters. */
static int ask(struct rsp *rsp, const char *body, const char *letters, char *answer, size_t len)
{
	double deadline = clock_seconds() + rsp->timeout_s;
	int err = put(rsp, body);

	while (!err) {
		err = clock_seconds() > deadline ? -ETIMEDOUT : get(rsp, answer, len);
		if (!err && strchr(letters, answer[0]))
			break;
		/* an empty answer means that the stub does not know the request */
		if (!err && !answer[0])
			err = -ENOTSUP;
	}
	return err;
}

int rsp_mask_interrupts(struct rsp *rsp)
{
	unsigned int enable, no_irq, no_timer;
	char answer[PACKET_MAX], request[64];
	int err;

	err = ask(rsp, "qqemu.sstepbits", "E", answer, sizeof(answer));
	if (err)
		return err;
	if (sscanf(answer, "ENABLE=%x,NOIRQ=%x,NOTIMER=%x", &enable, &no_irq, &no_timer) != 3)
		return -ENOTSUP;
	/* QEMU gives single registers only to clients that have read their description */
	err = ask(rsp, "qXfer:features:read:target.xml:0,ffb", "lm", answer, sizeof(answer));
	if (err)
		return err;
	snprintf(request, sizeof(request), "Qqemu.sstep=0x%x", enable | no_irq | no_timer);
	err = ask(rsp, request, "OE", answer, sizeof(answer));
	return err ? err : answer[0] == 'O' ? 0 : -ENOTSUP;
}

int rsp_connect(const char *socket_path, const struct machine *machine, unsigned int timeout_s,
		struct rsp **out, struct error *why)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, err = 0;

	*out = NULL;
	if (strlen(socket_path) >= sizeof(address.sun_path))
		return error_set(why, -ENAMETOOLONG, "%s: too long for a socket's name",
				 socket_path);
	memcpy(address.sun_path, socket_path, strlen(socket_path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		err = -errno;
	} else {
		*out = rsp_new(fd, machine, timeout_s);
		err = *out ? 0 : -ENOMEM;
	}
	if (err) {
		error_say(why, "QEMU's gdb stub: %s", strerror(-err));
		if (fd >= 0)
			close(fd);
	}
	return err;
}

int rsp_break(struct rsp *rsp, uint64_t address, bool on)
{
	char request[64], answer[PACKET_MAX];
	int err;

	snprintf(request, sizeof(request), "%c1,%llx,1", on ? 'Z' : 'z',
		 (unsigned long long)address);
	err = ask(rsp, request, "OE", answer, sizeof(answer));
	return err ? err : answer[0] == 'O' ? 0 : -EIO;
}

/* T05 or S05: SIGTRAP, a stop that we asked for; others are skipped */
static int run(struct rsp *rsp, const char *how)
{
	double deadline = clock_seconds() + rsp->timeout_s;
	char answer[PACKET_MAX];
	int err;

	err = ask(rsp, how, "TSWX", answer, sizeof(answer));
	while (!err && (answer[0] == 'T' || answer[0] == 'S') && strncmp(answer + 1, "05", 2) != 0)
		err = clock_seconds() > deadline ? -ETIMEDOUT : get(rsp, answer, sizeof(answer));
	if (!err && (answer[0] == 'W' || answer[0] == 'X'))
		err = -EPIPE;
	return err;
}

int rsp_continue(struct rsp *rsp)
{
	return run(rsp, "c");
}

int rsp_step(struct rsp *rsp)
{
	return run(rsp, "s");
}

static int parse_register(const char *digits, uint64_t *out)
{
	uint64_t value = 0;

	if (strlen(digits) != 16)
		return -EBADMSG;
	for (int i = 7; i >= 0; i--) {
		int byte = hex_byte(digits + 2 * i);

		if (byte < 0)
			return byte;
		value = value << 8 | (unsigned int)byte;
	}
	*out = value;
	return 0;
}

int rsp_where(struct rsp *rsp, uint64_t *pc, uint64_t *sp, uint64_t *link)
{
	const struct machine *m = rsp->machine;
	const char *const requests[] = {m->ask_pc, m->ask_sp, m->ask_link};
	uint64_t *const values[] = {pc, sp, link};
	char answer[PACKET_MAX];
	int err = 0;

	*link = 0;
	/* all requests at once, since a step's time is mostly the round trip */
	for (size_t i = 0; i < 3 && !err; i++)
		if (requests[i])
			err = put(rsp, requests[i]);
	for (size_t i = 0; i < 3 && !err; i++)
		if (requests[i]) {
			err = get(rsp, answer, sizeof(answer));
			if (!err)
				err = parse_register(answer, values[i]);
		}
	return err;
}

int rsp_read(struct rsp *rsp, uint64_t address, void *out, size_t len)
{
	unsigned char *to = out;
	char request[64], answer[PACKET_MAX];

	while (len) {
		size_t n = len < MEMORY_UNIT ? len : MEMORY_UNIT;
		int err;

		snprintf(request, sizeof(request), "m%llx,%zx", (unsigned long long)address, n);
		err = ask(rsp, request, "0123456789abcdefE", answer, sizeof(answer));
		if (err)
			return err;
		if (strlen(answer) != 2 * n)
			return answer[0] == 'E' ? -EFAULT : -EBADMSG;
		for (size_t i = 0; i < n; i++) {
			int byte = hex_byte(answer + 2 * i);

			if (byte < 0)
				return byte;
			to[i] = (unsigned char)byte;
		}
		to += n;
		address += n;
		len -= n;
	}
	return 0;
}

int rsp_write(struct rsp *rsp, uint64_t address, const void *data, size_t len)
{
	const unsigned char *from = data;
	char request[2 * MEMORY_UNIT + 64], answer[PACKET_MAX];

	while (len) {
		size_t n = len < MEMORY_UNIT ? len : MEMORY_UNIT;
		int used, err;

		used = snprintf(request, sizeof(request), "M%llx,%zx:", (unsigned long long)address,
				n);
		for (size_t i = 0; i < n; i++)
			used += snprintf(request + used, sizeof(request) - (size_t)used, "%02x",
					 from[i]);
		err = ask(rsp, request, "OE", answer, sizeof(answer));
		if (err || answer[0] != 'O')
			return err ? err : -EFAULT;
		from += n;
		address += n;
		len -= n;
	}
	return 0;
}
