#include "fetch/transfer.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>
#include <bsd/sys/queue.h>
#include <curl/curl.h>

#include "base/clock.h"
#include "base/log.h"
#include "fetch/transfer_request.h"
#include "fetch/transfer_result.h"
#include "fetch/transfer_wait.h"

#define BODY_START 4096
#define PROD_EVERY 8

struct transfer {
	SLIST_ENTRY(transfer) next; /* among the free ones */
	CURL *easy;
	void *tag;
	bool running, too_big;
	unsigned redirect_status; /* of the first; 0: none */
	struct transfer_asked asked;
	struct curl_slist *headers;
	char reason[CURL_ERROR_SIZE];
	char *body;
	size_t size, room;
};

struct transfers {
	CURLM *multi;
	struct transfer_wait wait;
	unsigned capacity, running;
	unsigned added; /* since all were carried on */
	bool prodded;   /* all were, and nobody has looked at what ended */
	SLIST_HEAD(transfer_list, transfer) free;
	struct transfer *handed_out; /* its body is on loan */
	struct transfer all[];
};

static bool
grow(struct transfer *t, size_t need)
{
	size_t room = t->room > 0 ? t->room : BODY_START;
	char *body;

	while (room < need)
		room *= 2;
	if (room == t->room)
		return true;
	body = realloc(t->body, room);
	if (body == NULL)
		return false;
	t->body = body;
	t->room = room;
	return true;
}

/* Decoded bytes are counted here: CURLOPT_MAXFILESIZE misses chunked ones. */
static size_t
take_bytes(char *bytes, size_t one, size_t count, void *context)
{
	struct transfer *t = context;
	size_t size = one * count;

	if (size > TRANSFER_BODY_MAX - t->size) {
		t->too_big = true;
		return 0;
	}
	if (!grow(t, t->size + size + 1))
		return 0;
	memcpy(t->body + t->size, bytes, size);
	t->size += size;
	return size;
}

/* A redirect's body is passed over, and so it is not counted above. */
static int
watch_bytes(void *context, curl_off_t down_total, curl_off_t down,
    curl_off_t up_total, curl_off_t up)
{
	struct transfer *t = context;

	(void)down_total;
	(void)up_total;
	(void)up;
	if (down > TRANSFER_BODY_MAX)
		t->too_big = true;
	return t->too_big;
}

/* Only libcurl sees each status line; a redirect's first one is to be told. */
static size_t
take_header(char *line, size_t one, size_t count, void *context)
{
	struct transfer *t = context;
	size_t size = one * count;
	const char *p = memchr(line, ' ', size);

	if (t->redirect_status == 0 && size > 5 &&
	    memcmp(line, "HTTP/", 5) == 0 && p != NULL &&
	    line + size - p > 3 && p[1] == '3' && isdigit((unsigned char)p[2]) &&
	    isdigit((unsigned char)p[3]))
		t->redirect_status = 300 + (unsigned)(p[2] - '0') * 10 +
		    (unsigned)(p[3] - '0');
	return size;
}

/* The options of every request. */
static bool
prepare(struct transfer *t)
{
	CURL *e = t->easy;

	return transfer_set_options(e) &&
	    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_bytes) == 0 &&
	    curl_easy_setopt(e, CURLOPT_WRITEDATA, t) == 0 &&
	    curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_header) == 0 &&
	    curl_easy_setopt(e, CURLOPT_HEADERDATA, t) == 0 &&
	    curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, watch_bytes) == 0 &&
	    curl_easy_setopt(e, CURLOPT_XFERINFODATA, t) == 0 &&
	    curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L) == 0 &&
	    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->reason) == 0 &&
	    curl_easy_setopt(e, CURLOPT_PRIVATE, t) == 0;
}

/* Handles are made when they are first used, but for one, to see if it works. */
static bool
prepare_first(struct transfers *ts)
{
	for (unsigned i = ts->capacity; i > 0; i--)
		SLIST_INSERT_HEAD(&ts->free, &ts->all[i - 1], next);
	ts->all[0].easy = curl_easy_init();
	return ts->all[0].easy != NULL && prepare(&ts->all[0]);
}

struct transfers *
transfers_new(unsigned capacity)
{
	struct transfers *ts;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		log_error("libcurl can't be initialised");
		return NULL;
	}
	ts = calloc(1, sizeof(*ts) + capacity * sizeof(ts->all[0]));
	if (ts == NULL) {
		log_error("transfers: %m");
		return NULL;
	}
	SLIST_INIT(&ts->free);
	ts->capacity = capacity;
	ts->wait.set = -1;
	ts->multi = curl_multi_init();
	if (ts->multi == NULL || !prepare_first(ts) ||
	    curl_multi_setopt(ts->multi, CURLMOPT_MAXCONNECTS,
		(long)capacity) != 0) {
		log_error("libcurl refuses its options: it is too old, or "
			  "memory is short");
		transfers_free(ts);
		return NULL;
	}
	if (transfer_wait_open(&ts->wait, ts->multi) == -1) {
		transfers_free(ts);
		return NULL;
	}
	return ts;
}

void
transfers_free(struct transfers *ts)
{
	if (ts == NULL)
		return;
	for (unsigned i = 0; i < ts->capacity; i++) {
		struct transfer *t = &ts->all[i];

		if (t->running)
			curl_multi_remove_handle(ts->multi, t->easy);
		curl_easy_cleanup(t->easy);
		curl_slist_free_all(t->headers);
		free(t->body);
	}
	curl_multi_cleanup(ts->multi);
	transfer_wait_close(&ts->wait);
	free(ts);
	curl_global_cleanup();
}

unsigned
transfers_running(const struct transfers *ts)
{
	return ts->running;
}

/* The transfer whose body was on loan is free again. */
static void
take_back(struct transfers *ts)
{
	if (ts->handed_out == NULL)
		return;
	SLIST_INSERT_HEAD(&ts->free, ts->handed_out, next);
	ts->handed_out = NULL;
}

static void
remember(struct transfer_asked *asked, const struct transfer_request *request)
{
	strlcpy(asked->etag, request->etag, sizeof(asked->etag));
	strlcpy(asked->modified, request->modified, sizeof(asked->modified));
	strlcpy(asked->secret, request->secret, sizeof(asked->secret));
}

/*
 * Many that are started in a row: the first ones ask before the last have
 * connected.
 */
static void
prod(struct transfers *ts)
{
	if (++ts->added < PROD_EVERY)
		return;
	ts->added = 0;
	ts->prodded = true;
	transfer_wait_none(&ts->wait);
}

int
transfers_start(struct transfers *ts, const struct transfer_request *request,
    const struct transfer_limits *limits, void *tag)
{
	struct transfer *t;

	take_back(ts);
	t = SLIST_FIRST(&ts->free);
	if (t == NULL) {
		errno = EBUSY;
		return -1;
	}
	t->tag = tag;
	t->size = 0;
	t->too_big = false;
	t->redirect_status = 0;
	t->reason[0] = '\0';
	/*
	 * A kept connection that the server closes as we ask is tried anew, but
	 * libcurl counts that over the life of a handle: five, and never again.
	 */
	if (t->easy != NULL)
		curl_easy_reset(t->easy);
	else
		t->easy = curl_easy_init();
	curl_slist_free_all(t->headers);
	t->headers = NULL;
	remember(&t->asked, request);
	if (t->easy == NULL || !prepare(t) ||
	    !transfer_set_request(t->easy, request, limits, &t->headers) ||
	    curl_multi_add_handle(ts->multi, t->easy) != 0) {
		errno = EINVAL;
		return -1;
	}
	SLIST_REMOVE_HEAD(&ts->free, next);
	t->running = true;
	ts->running++;
	prod(ts);
	return 0;
}

int
transfers_poll(struct transfers *ts, struct pollfd *fds, unsigned count,
    int64_t timeout)
{
	take_back(ts);
	/*
	 * What has ended before the wait would not be looked at until something
	 * else happens, so after a prod there is none.
	 */
	if (ts->prodded)
		timeout = 0;
	ts->prodded = false;
	return transfer_wait_for(&ts->wait, fds, count, timeout);
}

static void
judge(struct transfer *t, CURLcode code, struct transfer_result *r)
{
	struct transfer_end end = { .easy = t->easy,
		.code = (int)code,
		.reason = t->reason,
		.asked = &t->asked,
		.too_big = t->too_big,
		.redirect_status = t->redirect_status,
		.body = "" };

	if (grow(t, t->size + 1)) {
		t->body[t->size] = '\0';
		end.body = t->body;
		end.size = t->size;
	} else {
		end.code = CURLE_OUT_OF_MEMORY;
	}
	transfer_judge(&end, r);
}

int
transfers_next(
    struct transfers *ts, void **tag, struct transfer_result *result)
{
	struct transfer *t;
	CURLMsg *msg;
	CURLcode code;
	int left;

	take_back(ts);
	do {
		msg = curl_multi_info_read(ts->multi, &left);
		if (msg == NULL)
			return 0;
	} while (msg->msg != CURLMSG_DONE);
	code = msg->data.result;
	curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
	judge(t, code, result);
	*tag = t->tag;
	curl_multi_remove_handle(ts->multi, t->easy);
	t->running = false;
	ts->running--;
	ts->handed_out = t;
	return 1;
}
