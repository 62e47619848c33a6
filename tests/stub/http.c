#include "http.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <microhttpd.h>

#include "answer.h"
#include "behave.h"
#include "clock.h"
#include "count.h"
#include "park.h"
#include "rates.h"
#include "serial.h"

#define CONNECTIONS_MAX	4096
#define BACKLOG		1024
/*
 * A URL may name a thousand symbols.  More than this the library would map and
 * clear anew for each connection, which takes longer than all else it does.
 */
#define CONN_MEMORY	(32 * 1024)

struct request {
	struct parked	parked;
	struct ask	ask;
	bool		counted;
};

static struct MHD_Daemon	*server;

static enum MHD_Result
send_text(struct MHD_Connection *conn, unsigned status, const char *text)
{
	return answer_json(conn, status, strdup(text), strlen(text));
}

/* The id of a code that is quoted on the day, or -1. */
static int
quoted_id(const char *code)
{
	int id = data_id(code);

	return id >= 0 && data_quoted(id) ? id : -1;
}

static void
want_symbols(struct ask *ask, const char *symbols)
{
	char *copy = strdup(symbols), *rest = copy, *code;
	int id;

	ask->some = true;
	while ((code = strsep(&rest, ",")) != NULL) {
		if ((id = quoted_id(code)) >= 0)
			ask->want[id] = true;
		else
			ask->bad_symbols = true;
	}
	free(copy);
}

static void
begin(struct MHD_Connection *conn, struct request *r)
{
	const char *base, *symbols;
	struct ask *ask = &r->ask;
	int64_t now = clock_ns();

	base = MHD_lookup_connection_value(conn, MHD_GET_ARGUMENT_KIND, "base");
	symbols = MHD_lookup_connection_value(conn, MHD_GET_ARGUMENT_KIND,
	    "symbols");
	ask->base = base == NULL ? 0 : quoted_id(base);
	if (symbols != NULL && *symbols != '\0')
		want_symbols(ask, symbols);
	ask->kind = KIND_UNKNOWN;
	if (ask->base >= 0 && !ask->bad_symbols)
		ask->kind = behave_draw(ask->base);
	if (ask->base >= 0 && behave_serial())
		ask->serial = serial_next(ask->base,
		    ask->kind == KIND_OK || ask->kind == KIND_STRING);

	r->parked.conn = conn;
	r->parked.base = ask->base;
	r->parked.holdable = true;
	r->parked.due = ask->kind == KIND_HANG ? PARK_FOREVER :
	    now + behave_latency();
	count_begin(now, ask->base, ask->kind);
	r->counted = true;
}

static enum MHD_Result
serve_rates(struct MHD_Connection *conn, struct request *r)
{
	if (!r->counted)
		begin(conn, r);
	switch (park_wait(&r->parked)) {
	case PARK_WAIT:
		return MHD_YES;
	case PARK_GONE:
		return MHD_NO;
	case PARK_GO:
		break;
	}
	return answer_rates(conn, &r->ask);
}

struct change {
	struct behave	behave;
	bool		refused;
	char		key[32];
	char		why[WHY_SIZE];
};

static enum MHD_Result
change_one(void *cls, enum MHD_ValueKind kind, const char *key,
    const char *value)
{
	struct change *change = cls;

	(void)kind;
	if (behave_set(&change->behave, key, value == NULL ? "" : value,
	    change->why))
		return MHD_YES;
	change->refused = true;
	/* The reasons are plain text; the key is the client's. */
	if (strspn(key, "abcdefghijklmnopqrstuvwxyz-") == strlen(key))
		snprintf(change->key, sizeof(change->key), "%.29s: ", key);
	return MHD_NO;
}

static enum MHD_Result
serve_control(struct MHD_Connection *conn, struct request *r)
{
	struct change change = { .behave = behave_copy() };
	char text[sizeof(change.key) + WHY_SIZE + 32];

	(void)r;
	MHD_get_connection_values(conn, MHD_GET_ARGUMENT_KIND, change_one,
	    &change);
	if (change.refused) {
		snprintf(text, sizeof(text), "{\"error\":\"%s%s\"}",
		    change.key, change.why);
		return send_text(conn, MHD_HTTP_BAD_REQUEST, text);
	}
	behave_commit(&change.behave);
	return send_text(conn, MHD_HTTP_OK, "{\"ok\":true}");
}

static enum MHD_Result
serve_stats(struct MHD_Connection *conn, struct request *r)
{
	size_t held, waiting, len = 0;
	char *text;

	(void)r;
	park_count(&held, &waiting);
	text = count_stats(held, waiting, &len);
	return answer_json(conn, MHD_HTTP_OK, text, len);
}

static enum MHD_Result
serve_codes(struct MHD_Connection *conn, struct request *r)
{
	size_t len = 0;
	char *text = rates_codes(&len);

	(void)r;
	return answer_json(conn, MHD_HTTP_OK, text, len);
}

static const struct {
	const char	*path;
	enum MHD_Result	(*serve)(struct MHD_Connection *, struct request *);
} routes[] = {
	{ "/rates",	serve_rates },
	{ "/control",	serve_control },
	{ "/stats",	serve_stats },
	{ "/codes",	serve_codes },
};

static enum MHD_Result
route(struct MHD_Connection *conn, struct request *r, const char *path)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (strcmp(routes[i].path, path) == 0)
			return routes[i].serve(conn, r);
	return send_text(conn, MHD_HTTP_NOT_FOUND, "{\"error\":\"no such page\"}");
}

static enum MHD_Result
on_request(void *cls, struct MHD_Connection *conn, const char *path,
    const char *method, const char *version, const char *upload,
    size_t *upload_size, void **slot)
{
	(void)cls;
	(void)version;
	(void)upload;
	/* The first call has the headers only; the body, if any, follows. */
	if (*slot == NULL) {
		*slot = calloc(1, sizeof(struct request));
		return *slot == NULL ? MHD_NO : MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
		return send_text(conn, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "{\"error\":\"only GET\"}");
	return route(conn, *slot, path);
}

static void
on_done(void *cls, struct MHD_Connection *conn, void **slot,
    enum MHD_RequestTerminationCode code)
{
	struct request *r = *slot;

	(void)cls;
	(void)conn;
	(void)code;
	if (r != NULL && r->counted)
		count_end();
	free(r);
	*slot = NULL;
}

/* A descriptor for each connection and each file the program has besides. */
static void
allow_connections(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	if (limit.rlim_cur < CONNECTIONS_MAX + 64)
		limit.rlim_cur = CONNECTIONS_MAX + 64;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		warn("setrlimit");
}

void
http_start(uint16_t port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	allow_connections();
	server = MHD_start_daemon(
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, port,
	    NULL, NULL, on_request, NULL,
	    MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&addr,
	    MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONN_MEMORY,
	    MHD_OPTION_LISTEN_BACKLOG_SIZE, (unsigned)BACKLOG,
	    MHD_OPTION_END);
	if (server == NULL)
		err(1, "cannot listen on port %u", port);
}

uint16_t
http_port(void)
{
	return MHD_get_daemon_info(server, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void
http_stop(void)
{
	MHD_stop_daemon(server);
	server = NULL;
}
