/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gdb protocol's client against a server with prepared answers. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/lab/xray/rsp.h"

/* For exactly this request, these bytes are the answer; NULL: close the connection. */
struct line {
	const char *request, *answer;
};

struct server {
	int fd;
	const struct line *lines;
	size_t n, asked;
	pthread_t thread;
	struct rsp *client;
};

static void send_packet(int fd, const char *body)
{
	char packet[4096];
	unsigned int sum = 0;
	int len;

	for (const char *c = body; *c; c++)
		sum += (unsigned char)*c;
	len = snprintf(packet, sizeof(packet), "+$%s#%02x", body, sum & 255);
	send(fd, packet, (size_t)len, MSG_NOSIGNAL);
}

static void answer(struct server *s, const char *request)
{
	for (size_t i = 0; i < s->n; i++) {
		const char *text = s->lines[i].answer;

		if (strcmp(s->lines[i].request, request) != 0)
			continue;
		s->asked++;
		if (!text)
			shutdown(s->fd, SHUT_RDWR);
		else if (*text == '!')
			send(s->fd, text + 1, strlen(text + 1), MSG_NOSIGNAL);
		else
			send_packet(s->fd, text);
		return;
	}
	send_packet(s->fd, "");
}

static void *serve(void *arg)
{
	struct server *s = arg;
	char request[4096], sum[2];
	size_t n = 0;
	char c;

	while (recv(s->fd, &c, 1, 0) == 1) {
		if (c == '$') {
			n = 0;
		} else if (c == '#') {
			request[n] = '\0';
			if (recv(s->fd, sum, sizeof(sum), MSG_WAITALL) != (ssize_t)sizeof(sum))
				break;
			answer(s, request);
		} else if (n + 1 < sizeof(request)) {
			request[n++] = c;
		}
	}
	return NULL;
}

static const char *arch = "x86_64";

static void start(struct server *s, const struct line *lines, size_t n)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	*s = (struct server){.fd = pair[0], .lines = lines, .n = n};
	s->client = rsp_new(pair[1], machine_find(arch), 1);
	assert_non_null(s->client);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void stop(struct server *s)
{
	rsp_close(s->client);
	pthread_join(s->thread, NULL);
	close(s->fd);
}

static void a_session(void **state)
{
	static const struct line lines[] = {
		{"qqemu.sstepbits", "ENABLE=1,NOIRQ=2,NOTIMER=4"},
		{"qXfer:features:read:target.xml:0,ffb", "l<target/>"},
		{"Qqemu.sstep=0x7", "OK"},
		{"Z1,401000,1", "OK"},
		{"z1,401000,1", "E22"},
		{"c", "!+$T02thread:01;#04$T05thread:01;#07"},
		{"s", "T05thread:01;"},
		{"p10", "30154081ffffffff"},
		{"p7", "00f0ff7f00000000"},
		{"m1000,4", "0f01f9c3"},
		{"m2000,4", "E14"},
		{"m3000,4", "0f01"},
		{"M1000,2:abcd", "OK"},
	};
	unsigned char bytes[4];
	uint64_t pc, sp, link;
	struct server s;

	(void)state;
	start(&s, lines, sizeof(lines) / sizeof(lines[0]));
	assert_int_equal(rsp_mask_interrupts(s.client), 0);
	assert_int_equal(rsp_break(s.client, 0x401000, true), 0);
	assert_int_equal(rsp_break(s.client, 0x401000, false), -EIO);
	assert_int_equal(rsp_continue(s.client), 0);
	assert_int_equal(rsp_step(s.client), 0);
	assert_int_equal(rsp_where(s.client, &pc, &sp, &link), 0);
	assert_true(pc == 0xffffffff81401530ull && sp == 0x7ffff000 && !link);
	assert_int_equal(rsp_read(s.client, 0x1000, bytes, 4), 0);
	assert_memory_equal(bytes, "\x0f\x01\xf9\xc3", 4);
	assert_int_equal(rsp_read(s.client, 0x2000, bytes, 4), -EFAULT);
	assert_int_equal(rsp_read(s.client, 0x3000, bytes, 4), -EBADMSG);
	assert_int_equal(rsp_write(s.client, 0x1000, "\xab\xcd", 2), 0);
	stop(&s);
}

static void arm64_has_a_link_register(void **state)
{
	static const struct line lines[] = {
		{"p20", "30154081ffffffff"},
		{"p1f", "00f0ff7f00000000"},
		{"p1e", "0800000000000000"},
	};
	uint64_t pc, sp, link;
	struct server s;

	(void)state;
	arch = "aarch64";
	start(&s, lines, sizeof(lines) / sizeof(lines[0]));
	arch = "x86_64";
	assert_int_equal(rsp_where(s.client, &pc, &sp, &link), 0);
	assert_true(pc == 0xffffffff81401530ull && sp == 0x7ffff000 && link == 8);
	stop(&s);
}

static void another_stub_is_not_qemus(void **state)
{
	struct server s;

	(void)state;
	start(&s, NULL, 0);
	assert_int_equal(rsp_mask_interrupts(s.client), -ENOTSUP);
	stop(&s);
}

static void damage_silence_and_goodbye(void **state)
{
	static const struct line lines[] = {
		{"s", "!+$T05#00"},
		{"Z1,1,1", "!+"},
		{"c", NULL},
	};
	struct server s;

	(void)state;
	start(&s, lines, sizeof(lines) / sizeof(lines[0]));
	assert_int_equal(rsp_step(s.client), -EBADMSG);
	assert_int_equal(rsp_break(s.client, 1, true), -ETIMEDOUT);
	assert_int_equal(rsp_continue(s.client), -EPIPE);
	stop(&s);
}

static void an_end_is_no_stop(void **state)
{
	static const struct line lines[] = {{"c", "W00"}};
	struct server s;

	(void)state;
	start(&s, lines, 1);
	assert_int_equal(rsp_continue(s.client), -EPIPE);
	stop(&s);
}

/* Who sends what nobody asked for, and reads nothing, is not waited for without end. */
static void what_nobody_asked_for_is_not_waited_for(void **state)
{
	static const char text[] = "$x#78";
	struct rsp *rsp;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	for (int i = 0; i < 5000; i++)
		if (send(ends[1], text, strlen(text), MSG_DONTWAIT) < 0)
			break;
	rsp = rsp_new(ends[0], machine_find("x86_64"), 1);
	assert_int_equal(rsp_break(rsp, 0x1000, true), -ETIMEDOUT);
	rsp_close(rsp);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session),
		cmocka_unit_test(arm64_has_a_link_register),
		cmocka_unit_test(another_stub_is_not_qemus),
		cmocka_unit_test(damage_silence_and_goodbye),
		cmocka_unit_test(an_end_is_no_stop),
		cmocka_unit_test(what_nobody_asked_for_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
