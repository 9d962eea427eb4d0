/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * redis: SET and GET of 1 KiB values by redis-benchmark (50 clients, 16 commands in flight each),
 * with more keys than maxmemory holds, so that keys are evicted all the time.
 *
 * redis-benchmark reports latencies only at its end, and no p99.9. So a client in this process
 * sends one command at a time besides: the time until its reply is a latency under this load.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/apps/app.h"
#include "calib/clock.h"

#define SOCKET	    "redis.sock"
#define READY_S	    120
#define VALUE_BYTES 1024
/* between two commands of the latency client, which then uses about 1 % of a CPU */
#define PAUSE_US   1000
#define REPLY_MOST (16 * 1024)
#define PATIENCE_S 5

/*
 * Options of the load. Without -r every command would have the same key and nothing would be
 * evicted. full: the load for which the default budget is meant.
 */
static const struct {
	const char *maxmemory, *keys;
	unsigned int n_keys;
} scales[SCALE_COUNT] = {
	[SCALE_QUICK] = {"64mb", "125000", 125000},
	[SCALE_FULL] = {"512mb", "1000000", 1000000},
	[SCALE_TINY] = {"8mb", "16000", 16000},
};

struct redis {
	int control, client; /* connections: of mark, of the latency client */
	pthread_t thread;
	bool has_thread;
	atomic_bool stop;
	struct timeline latencies; /* owned by the thread until it has ended */
	unsigned int keys;
};

static int dial(const struct app_run *run)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	if (path_put(to.sun_path, sizeof(to.sun_path), "%s/" SOCKET, run->folder)) {
		close(fd);
		return -ENAMETOOLONG;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (!connect(fd, (const struct sockaddr *)&to, sizeof(to)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int send_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t sent = send(fd, text, len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		text += sent;
		len -= (size_t)sent;
	}
	return 0;
}

/* Receives one reply: a line, or "$LENGTH" followed by so many bytes. */
static ssize_t receive(int fd, char *reply, size_t room)
{
	size_t got = 0, want = 0;

	while (!want || got < want) {
		ssize_t part = recv(fd, reply + got, room - 1 - got, 0);
		const char *eol;
		long length;

		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			return part ? -errno : -EPIPE;
		got += (size_t)part;
		reply[got] = '\0';
		eol = strstr(reply, "\r\n");
		if (want || !eol)
			continue;
		length = *reply == '$' ? strtol(reply + 1, NULL, 10) : -1;
		want = (size_t)(eol - reply) + 2 + (length >= 0 ? (size_t)length + 2 : 0);
		if (want > room - 1)
			return -EMSGSIZE;
	}
	return (ssize_t)got;
}

static double field(const char *info, const char *name)
{
	const char *at = strstr(info, name);

	return at ? strtod(at + strlen(name), NULL) : 0;
}

static int mark(struct app_run *run, struct app_mark *out)
{
	static const char *const ask[] = {"INFO stats\r\n", "INFO memory\r\n"};
	const struct redis *redis = run->state;
	char reply[REPLY_MOST];

	for (int i = 0; i < 2; i++) {
		int err = send_all(redis->control, ask[i], strlen(ask[i]));
		ssize_t got = err ? err : receive(redis->control, reply, sizeof(reply));

		if (got < 0)
			return (int)got;
		if (!i) {
			out->operations = field(reply, "total_commands_processed:");
			out->evictions = field(reply, "evicted_keys:");
			continue;
		}
		out->fragmentation = field(reply, "mem_fragmentation_ratio:");
		out->heap_bytes = field(reply, "used_memory:");
	}
	return 0;
}

/* Sends one SET or GET and waits for its reply. Returns seconds; negative: -errno. */
static double one_command(const struct redis *redis, unsigned int *random)
{
	static char set[VALUE_BYTES + 128];
	char reply[VALUE_BYTES + 128], get[64];
	unsigned int key = (unsigned int)rand_r(random) % redis->keys;
	double start;
	ssize_t got;
	int len, err;

	if (rand_r(random) & 1) {
		len = snprintf(set, sizeof(set),
			       "*3\r\n$3\r\nSET\r\n$16\r\nkey:%012u\r\n$%d\r\n%0*d\r\n", key,
			       VALUE_BYTES, VALUE_BYTES, 0);
		start = clock_seconds();
		err = send_all(redis->client, set, (size_t)len);
	} else {
		len = snprintf(get, sizeof(get), "*2\r\n$3\r\nGET\r\n$16\r\nkey:%012u\r\n", key);
		start = clock_seconds();
		err = send_all(redis->client, get, (size_t)len);
	}
	got = err ? err : receive(redis->client, reply, sizeof(reply));
	return got < 0 ? (double)got : clock_seconds() - start;
}

static void *latency_client(void *arg)
{
	struct redis *redis = arg;
	unsigned int random = 1;

	while (!atomic_load(&redis->stop)) {
		double took = one_command(redis, &random);

		if (took < 0 || timeline_add(&redis->latencies, clock_seconds(), took))
			break;
		usleep(PAUSE_US);
	}
	return NULL;
}

static int answers(struct app_run *run)
{
	struct redis *redis = run->state;

	if (redis->control < 0)
		redis->control = dial(run);
	return redis->control >= 0;
}

static int evicts(struct app_run *run)
{
	struct app_mark now;
	int err = mark(run, &now);

	return err ? err : now.evictions > 0;
}

static int start_server(struct app_run *run, struct error *why)
{
	char path[256], sock[300];
	struct words w = {0};
	int err = app_find(run->app, "redis-server", path, sizeof(path), why);

	if (!err)
		err = app_folder(run, why);
	app_path(run, SOCKET, sock, sizeof(sock));
	words_add(&w, path, "--port", "0", "--unixsocket", sock, "--save", "", "--appendonly", "no",
		  "--dir", run->folder, "--maxmemory", scales[run->options->scale].maxmemory,
		  "--maxmemory-policy", "allkeys-lru", NULL);
	if (!err)
		err = app_child(run, w.argv, false, "redis-server.log", why);
	if (!err)
		err = app_wait(run, answers, "redis-server's socket", READY_S, why);
	return err;
}

static int start_load(struct app_run *run, const char *test, const char *log, struct error *why)
{
	char path[256], sock[300];
	struct words w = {0};
	int err = app_find(run->app, "redis-benchmark", path, sizeof(path), why);

	app_path(run, SOCKET, sock, sizeof(sock));
	words_add(&w, path, "-s", sock, "-t", test, "-n", "2000000000", "-d", "1024", "-c", "25",
		  "-P", "16", "-r", scales[run->options->scale].keys, "-q", NULL);
	return err ? err : app_child(run, w.argv, true, log, why);
}

static int start(struct app_run *run, struct error *why)
{
	struct redis *redis = calloc(1, sizeof(*redis));
	int err;

	if (!redis)
		return -ENOMEM;
	run->state = redis;
	redis->control = redis->client = -1;
	redis->keys = scales[run->options->scale].n_keys;
	err = start_server(run, why);
	if (!err)
		err = start_load(run, "set", "set.log", why);
	if (!err)
		err = start_load(run, "get", "get.log", why);
	if (!err)
		err = app_wait(run, evicts, "redis-server's first eviction", READY_S, why);
	if (err)
		return err;
	redis->client = dial(run);
	if (redis->client < 0) {
		error_say(why, "redis-server: %s", strerror(-redis->client));
		return redis->client;
	}
	err = -pthread_create(&redis->thread, NULL, latency_client, redis);
	redis->has_thread = !err;
	snprintf(run->note, sizeof(run->note),
		 "maxmemory %s, allkeys-lru, %s keys of 1 KiB; redis-benchmark SET and GET side by "
		 "side, 25 clients each, 16 in flight; latency: a client of its own, one command "
		 "at a time",
		 scales[run->options->scale].maxmemory, scales[run->options->scale].keys);
	return err;
}

static void end_thread(struct redis *redis)
{
	atomic_store(&redis->stop, true);
	if (redis->has_thread)
		pthread_join(redis->thread, NULL);
	redis->has_thread = false;
}

/* The server counts commands; the samples here are only for latencies. */
static int finish(struct app_run *run, struct error *why)
{
	struct redis *redis = run->state;

	(void)why;
	end_thread(redis);
	run->latencies = redis->latencies;
	redis->latencies = (struct timeline){0};
	return 0;
}

static void stop(struct app_run *run)
{
	struct redis *redis = run->state;

	if (redis) {
		end_thread(redis);
		if (redis->control >= 0)
			close(redis->control);
		if (redis->client >= 0)
			close(redis->client);
		timeline_free(&redis->latencies);
	}
	free(redis);
	run->state = NULL;
	app_stop(run);
}

const struct app app_redis = {
	.name = "redis",
	.packages = "redis-server and redis-tools",
	.summary = "SET and GET under eviction: commands, latency, fragmentation",
	.operation = "commands",
	.latency = "of a command beside the load",
	.cpu_bound = true,
	.start = start,
	.mark = mark,
	.finish = finish,
	.stop = stop,
};
