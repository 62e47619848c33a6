#include "daemon/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/number.h"

#define MESSAGE_MAX 512
#define WATCHDOG_MAX_USEC INT64_C(86400000000)

static int sock = -1;
static struct sockaddr_un address;
static socklen_t address_length;
static int64_t watchdog;

static void
read_watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	int64_t value;

	if (usec == NULL ||
	    number_parse_int(usec, 1, WATCHDOG_MAX_USEC, &value) == -1)
		return;
	watchdog = value * 1000;
	if (pid != NULL && number_parse_int(pid, 1, INT32_MAX, &value) == 0 &&
	    value != getpid())
		watchdog = 0;
}

void
notify_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t length = path == NULL ? 0 : strlen(path);

	if (length < 2 || length >= sizeof(address.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	address.sun_family = AF_UNIX;
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* the abstract namespace */
	address_length =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock == -1)
		log_warn("NOTIFY_SOCKET: %m");
	else
		read_watchdog();
}

void
notify_close(void)
{
	if (sock != -1)
		close(sock);
	sock = -1;
}

bool
notify(const char *format, ...)
{
	char message[MESSAGE_MAX];
	int kept = errno, length;
	bool full = false;
	va_list ap;

	if (sock == -1)
		return true;
	va_start(ap, format);
	length = vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	if (length > 0 && (size_t)length < sizeof(message) &&
	    sendto(sock, message, (size_t)length, MSG_NOSIGNAL,
		(const struct sockaddr *)&address, address_length) == -1) {
		full = errno == EAGAIN || errno == ENOBUFS;
		log_debug("NOTIFY_SOCKET: %m");
	}
	errno = kept;
	return !full;
}

void
notify_reloading(void)
{
	notify("RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)(clock_mono() / 1000));
}

int64_t
notify_watchdog(void)
{
	return sock == -1 ? 0 : watchdog;
}
