#include "server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CLIENTS_MAX 600
#define REQUEST_MAX 4096
#define LIFE 900 /* seconds */

struct client {
	int fd; /* -1: none */
	char bytes[REQUEST_MAX];
	size_t used;
	char text[64]; /* of a /hold */
	bool held, hanging;
};

static struct client clients[CLIENTS_MAX];

static void
drop(struct server *s, struct client *c)
{
	if (c->held)
		atomic_fetch_sub(&s->held, 1);
	if (c->hanging)
		atomic_fetch_sub(&s->hanging, 1);
	close(c->fd);
	*c = (struct client){ .fd = -1 };
}

static void
send_text(
    struct client *c, const char *status, size_t announced, const char *text)
{
	char answer[512];
	int length = snprintf(answer, sizeof(answer),
	    "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status,
	    announced, text);

	if (send(c->fd, answer, (size_t)length, MSG_NOSIGNAL) != length)
		shutdown(c->fd, SHUT_RDWR);
}

static void
reply(struct client *c, const char *text)
{
	send_text(c, "200 OK", strlen(text), text);
}

static void
note_peak(struct server *s)
{
	unsigned now = atomic_load(&s->held) + atomic_load(&s->hanging);

	if (now > atomic_load(&s->peak))
		atomic_store(&s->peak, now);
}

static void
let_go(struct server *s)
{
	if (atomic_load(&s->held) < atomic_load(&s->want))
		return;
	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = &clients[i];

		if (c->fd == -1 || !c->held)
			continue;
		c->held = false;
		atomic_fetch_sub(&s->held, 1);
		reply(c, c->text);
	}
}

static void
answer(struct server *s, struct client *c)
{
	char path[64] = "";

	sscanf(c->bytes, "GET %63s", path);
	c->used = 0;
	atomic_fetch_add(&s->requests, 1);
	if (strncmp(path, "/ok/", 4) == 0) {
		reply(c, path + 4);
	} else if (strncmp(path, "/hold/", 6) == 0) {
		snprintf(c->text, sizeof(c->text), "%s", path + 6);
		c->held = true;
		atomic_fetch_add(&s->held, 1);
	} else if (strcmp(path, "/hang") == 0) {
		c->hanging = true;
		atomic_fetch_add(&s->hanging, 1);
		if (write(s->tell[1], "h", 1) == -1)
			abort();
	} else if (strcmp(path, "/500") == 0) {
		send_text(c, "500 Oh", 2, "no");
	} else {
		send_text(c, "200 OK", 8, "half");
		drop(s, c);
	}
	note_peak(s);
	let_go(s);
}

static void
hear(struct server *s, struct client *c)
{
	ssize_t got = recv(c->fd, c->bytes + c->used,
	    sizeof(c->bytes) - 1 - c->used, MSG_DONTWAIT);

	if (got <= 0) {
		drop(s, c);
		return;
	}
	c->used += (size_t)got;
	c->bytes[c->used] = '\0';
	if (strstr(c->bytes, "\r\n\r\n") != NULL)
		answer(s, c);
}

static void
admit(int listener)
{
	int fd = accept(listener, NULL, NULL), one = 1;

	for (unsigned i = 0; fd != -1 && i < CLIENTS_MAX; i++) {
		if (clients[i].fd != -1)
			continue;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		clients[i].fd = fd;
		return;
	}
	if (fd != -1)
		close(fd);
}

static _Noreturn void
serve(struct server *s, int listener)
{
	struct pollfd fds[CLIENTS_MAX + 1];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(LIFE);
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		clients[i].fd = -1;
	for (;;) {
		for (unsigned i = 0; i < CLIENTS_MAX; i++)
			fds[i] = (struct pollfd){ clients[i].fd, POLLIN, 0 };
		fds[CLIENTS_MAX] = (struct pollfd){ listener, POLLIN, 0 };
		if (poll(fds, CLIENTS_MAX + 1, LIFE * 1000) <= 0)
			_exit(1);
		for (unsigned i = 0; i < CLIENTS_MAX; i++)
			if (clients[i].fd != -1 && fds[i].revents != 0)
				hear(s, &clients[i]);
		if (fds[CLIENTS_MAX].revents != 0)
			admit(listener);
	}
}

static int
listen_somewhere(struct server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_not_equal(listener, -1);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, size), 0);
	assert_int_equal(listen(listener, 1024), 0);
	assert_int_equal(
	    getsockname(listener, (struct sockaddr *)&at, &size), 0);
	s->port = ntohs(at.sin_port);
	return listener;
}

struct server *
server_start(void)
{
	struct server *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int listener;
	pid_t pid;

	assert_ptr_not_equal(s, MAP_FAILED);
	listener = listen_somewhere(s);
	assert_int_equal(pipe2(s->tell, O_CLOEXEC | O_NONBLOCK), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0)
		serve(s, listener);
	s->pid = pid; /* of shared memory: not the child's zero */
	close(listener);
	return s;
}

void
server_stop(struct server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	close(s->tell[0]);
	close(s->tell[1]);
	munmap(s, sizeof(*s));
}

void
server_reset(struct server *s, unsigned want)
{
	char bytes[64];

	/* What a client has given up the server hears of a moment later. */
	for (int i = 0; atomic_load(&s->held) + atomic_load(&s->hanging) > 0;
	     i++) {
		assert_true(i < LIFE * 1000);
		poll(NULL, 0, 1);
	}
	while (read(s->tell[0], bytes, sizeof(bytes)) > 0)
		;
	atomic_store(&s->peak, 0);
	atomic_store(&s->requests, 0);
	atomic_store(&s->want, want);
}
