#include "answer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "behave.h"
#include "clock.h"
#include "park.h"
#include "rates.h"

#define HUGE_SIZE	(4 * 1024 * 1024)
#define BLOCK_SIZE	(32 * 1024)
#define SLOW_STEP	(200 * NS_PER_MS)

/* A body that is handed out piece by piece. */
struct stream {
	char		*body;
	size_t		 len;
	struct parked	 parked;	/* between two bytes of a slow one */
};

static const char *const forms[] = {
#define X(id, name, status, handler, form) form,
	STUB_KINDS(X)
#undef X
};

static struct MHD_Response *
with_type(struct MHD_Response *response, const char *type)
{
	if (response != NULL)
		MHD_add_response_header(response,
		    MHD_HTTP_HEADER_CONTENT_TYPE, type);
	return response;
}

static struct MHD_Response *
own_text(char *text, size_t len)
{
	struct MHD_Response *response;

	if (text == NULL)
		return NULL;
	response = MHD_create_response_from_buffer(len, text,
	    MHD_RESPMEM_MUST_FREE);
	if (response == NULL)
		free(text);
	return with_type(response, "application/json");
}

static struct MHD_Response *
fixed_text(const void *text, size_t len, const char *type)
{
	/* PERSISTENT: the library only reads it, in spite of its type. */
	return with_type(MHD_create_response_from_buffer(len,
	    (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT), type);
}

static void
free_stream(void *cls)
{
	struct stream *s = cls;

	free(s->body);
	free(s);
}

static struct stream *
new_stream(const struct ask *ask)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->body = rates_body(ask->base, ask->some ? ask->want : NULL, "#",
	    ask->serial, &s->len);
	if (s->body == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

/* size is what is promised, MHD_SIZE_UNKNOWN for a chunked answer. */
static struct MHD_Response *
send_stream(struct stream *s, uint64_t size, MHD_ContentReaderCallback reader)
{
	struct MHD_Response *response;

	response = MHD_create_response_from_callback(size, BLOCK_SIZE, reader,
	    s, free_stream);
	if (response == NULL)
		free_stream(s);
	return with_type(response, "application/json");
}

static struct MHD_Response *
reply_rates(struct MHD_Connection *conn, const struct ask *ask)
{
	char *text;
	size_t len;

	(void)conn;
	text = rates_body(ask->base, ask->some ? ask->want : NULL,
	    forms[ask->kind], ask->serial, &len);
	return own_text(text, len);
}

static struct MHD_Response *
reply_unknown(struct MHD_Connection *conn, const struct ask *ask)
{
	static const char base[] = "{\"base\":[\"unknown currency\"]}";
	static const char symbols[] = "{\"symbols\":[\"unknown currency\"]}";

	(void)conn;
	if (ask->bad_symbols)
		return fixed_text(symbols, sizeof(symbols) - 1,
		    "application/json");
	return fixed_text(base, sizeof(base) - 1, "application/json");
}

static struct MHD_Response *
reply_error(struct MHD_Connection *conn, const struct ask *ask)
{
	char *text;
	int len;

	(void)conn;
	len = asprintf(&text, "{\"detail\":\"error %s asked for\"}",
	    kind_name(ask->kind));
	return len < 0 ? NULL : own_text(text, (size_t)len);
}

static struct MHD_Response *
reply_limited(struct MHD_Connection *conn, const struct ask *ask)
{
	struct MHD_Response *response = reply_error(conn, ask);

	if (response != NULL && *behave_retry_after() != '\0')
		MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER,
		    behave_retry_after());
	return response;
}

/* Such a request is parked for ever, so it gets here only to be closed. */
static struct MHD_Response *
reply_never(struct MHD_Connection *conn, const struct ask *ask)
{
	(void)conn;
	(void)ask;
	return NULL;
}

/* Half the body, then an error, at which the library closes the connection. */
static ssize_t
read_cut(void *cls, uint64_t pos, char *buf, size_t max)
{
	const struct stream *s = cls;
	size_t left = s->len / 2 - (size_t)pos;

	if (left == 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (left > max)
		left = max;
	memcpy(buf, s->body + pos, left);
	return (ssize_t)left;
}

static struct MHD_Response *
reply_cut(struct MHD_Connection *conn, const struct ask *ask)
{
	static bool chunked = true;
	struct stream *s = new_stream(ask);

	(void)conn;
	if (s == NULL)
		return NULL;
	/* In turn, for a client has to notice both. */
	chunked = !chunked;
	return send_stream(s, chunked ? MHD_SIZE_UNKNOWN : s->len, read_cut);
}

static struct MHD_Response *
reply_garbage(struct MHD_Connection *conn, const struct ask *ask)
{
	static const char bytes[] = "\x89\xff\xfe\0{rates: \"\x80" "base\"]]";

	(void)conn;
	(void)ask;
	return fixed_text(bytes, sizeof(bytes) - 1, "application/json");
}

static struct MHD_Response *
reply_empty(struct MHD_Connection *conn, const struct ask *ask)
{
	(void)conn;
	(void)ask;
	return fixed_text("", 0, "application/json");
}

static struct MHD_Response *
reply_html(struct MHD_Connection *conn, const struct ask *ask)
{
	static const char page[] = "<!DOCTYPE html>\n<html><head><title>"
	    "Attention required</title></head>\n<body><h1>Sorry, you have "
	    "been blocked</h1></body></html>\n";

	(void)conn;
	(void)ask;
	return fixed_text(page, sizeof(page) - 1, "text/html");
}

/*
 * A right answer but for the white space before its last bracket: nothing
 * except a limit of size can refuse it.
 */
static ssize_t
read_huge(void *cls, uint64_t pos, char *buf, size_t max)
{
	const struct stream *s = cls;
	size_t head = s->len - 1, n;

	if (pos >= HUGE_SIZE)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (pos < head) {
		n = head - (size_t)pos < max ? head - (size_t)pos : max;
		memcpy(buf, s->body + pos, n);
	} else if (pos < HUGE_SIZE - 1) {
		n = HUGE_SIZE - 1 - (size_t)pos;
		n = n < max ? n : max;
		memset(buf, ' ', n);
	} else {
		*buf = '}';
		n = 1;
	}
	return (ssize_t)n;
}

static struct MHD_Response *
reply_huge(struct MHD_Connection *conn, const struct ask *ask)
{
	struct stream *s = new_stream(ask);

	(void)conn;
	return s == NULL ? NULL : send_stream(s, MHD_SIZE_UNKNOWN, read_huge);
}

/* The next quoted currency after the one asked for. */
static struct MHD_Response *
reply_badbase(struct MHD_Connection *conn, const struct ask *ask)
{
	struct ask other = *ask;

	do
		other.base = (other.base + 1) % data_count();
	while (!data_quoted(other.base));
	return reply_rates(conn, &other);
}

static ssize_t
read_slow(void *cls, uint64_t pos, char *buf, size_t max)
{
	struct stream *s = cls;

	(void)max;
	switch (park_wait(&s->parked)) {
	case PARK_WAIT:
		return 0;
	case PARK_GONE:
		return MHD_CONTENT_READER_END_WITH_ERROR;
	case PARK_GO:
		break;
	}
	s->parked.due = clock_ns() + SLOW_STEP;
	*buf = s->body[pos];
	return 1;
}

static struct MHD_Response *
reply_slow(struct MHD_Connection *conn, const struct ask *ask)
{
	struct stream *s = new_stream(ask);

	if (s == NULL)
		return NULL;
	s->parked.conn = conn;
	return send_stream(s, s->len, read_slow);
}

static const struct {
	unsigned	status;
	struct MHD_Response *(*handler)(struct MHD_Connection *,
	    const struct ask *);
} rows[] = {
#define X(id, name, status, handler, form) { status, handler },
	STUB_KINDS(X)
#undef X
};

static enum MHD_Result
queue(struct MHD_Connection *conn, unsigned status,
    struct MHD_Response *response)
{
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	result = MHD_queue_response(conn, status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result
answer_rates(struct MHD_Connection *conn, const struct ask *ask)
{
	enum kind kind = ask->kind;

	/* The date may have been changed while the request was held. */
	if (ask->base >= 0 && !data_quoted(ask->base))
		kind = KIND_UNKNOWN;
	return queue(conn, rows[kind].status, rows[kind].handler(conn, ask));
}

enum MHD_Result
answer_json(struct MHD_Connection *conn, unsigned status, char *text,
    size_t len)
{
	return queue(conn, status, own_text(text, len));
}
