/*
 * What the source and the kernel take for many requests at once, when the
 * client does next to nothing: the least that any client can come to.
 */
#include "bench.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/number.h"
#include "base/text.h"

#define EVENTS_MAX 64
#define REQUEST_MAX 128
#define ANSWER_MAX 65536
#define WAIT_MS 10000

static int
reach(const struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (fd == -1)
		err(1, "socket");
	/* On the loopback it is there at once, whatever connect says. */
	connect(fd, (const struct sockaddr *)address, sizeof(*address));
	return fd;
}

static void
ask(int poller, int fd, const char *code)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
	char text[REQUEST_MAX];

	text_format(text, sizeof(text),
	    "GET /rates?base=%s HTTP/1.1\r\nHost: localhost\r\n\r\n", code);
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) == -1)
		err(1, "send");
	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) == -1)
		err(1, "epoll_ctl");
}

/* One read is an answer: as much as the socket has of it then. */
static unsigned
take_answers(int poller)
{
	static char answer[ANSWER_MAX];
	struct epoll_event events[EVENTS_MAX];
	int count = epoll_wait(poller, events, EVENTS_MAX, WAIT_MS);

	if (count <= 0)
		err(1, "no answer");
	for (int i = 0; i < count; i++) {
		if (recv(events[i].data.fd, answer, sizeof(answer), 0) <= 0)
			err(1, "recv");
		close(events[i].data.fd);
	}
	return (unsigned)count;
}

void
bench_sockets(char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int poller = epoll_create1(EPOLL_CLOEXEC), *fds;
	unsigned count = 0, done = 0;
	int64_t port, start;

	while (argv[count + 1] != NULL)
		count++;
	fds = calloc(count, sizeof(*fds));
	if (poller == -1 || fds == NULL)
		err(1, NULL);
	if (number_parse_int(argv[0], 1, UINT16_MAX, &port) == -1)
		errx(1, "'%s' is no port", argv[0]);
	address.sin_port = htons((uint16_t)port);
	start = clock_mono();
	for (unsigned i = 0; i < count; i++)
		fds[i] = reach(&address);
	for (unsigned i = 0; i < count; i++)
		ask(poller, fds[i], argv[i + 1]);
	while (done < count)
		done += take_answers(poller);
	say("sockets", clock_mono() - start, 1);
	free(fds);
	close(poller);
}
