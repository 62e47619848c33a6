#include "fetch/transfer.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/sys/queue.h>
#include <curl/curl.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#else
#define PACKAGE_VERSION "0"
#endif

#define AGENT "ratesd/" PACKAGE_VERSION
#define BODY_START 4096
#define EXTRA_FDS_MAX 16
#define SLOW_BYTES 10L   /* a second */
#define SLOW_SECONDS 10L /* below that for so long: given up */
#define CONNECTION_SECONDS 3600L
#define RETRY_AFTER_MAX 3600

struct transfer {
	SLIST_ENTRY(transfer) next; /* among the free ones */
	struct transfers *owner;
	CURL *easy;
	void *tag;
	bool running, too_big;
	char reason[CURL_ERROR_SIZE];
	char *body;
	size_t size, room;
};

struct transfers {
	CURLM *multi;
	struct curl_slist *headers;
	unsigned capacity, running;
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

static bool
prepare(struct transfer *t)
{
	CURL *e = t->easy;

	/*
	 * Some of these can fail: a libcurl built without what we need.
	 * QUICK_EXIT: who gives up on a name leaves its thread to end by
	 * itself.  Joined, as it is otherwise, a resolver that is silent holds
	 * the whole worker up for as long as resolv.conf(5) allows.
	 */
	return curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L) == 0 &&
	    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == 0 &&
	    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L) == 0 &&
	    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == 0 &&
	    curl_easy_setopt(e, CURLOPT_USERAGENT, AGENT) == 0 &&
	    curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "") == 0 &&
	    curl_easy_setopt(e, CURLOPT_HTTPHEADER, t->owner->headers) == 0 &&
	    curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES) == 0 &&
	    curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS) == 0 &&
	    curl_easy_setopt(
		e, CURLOPT_MAXLIFETIME_CONN, CONNECTION_SECONDS) == 0 &&
	    curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_bytes) == 0 &&
	    curl_easy_setopt(e, CURLOPT_WRITEDATA, t) == 0 &&
	    curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->reason) == 0 &&
	    curl_easy_setopt(e, CURLOPT_PRIVATE, t) == 0;
}

static bool
prepare_all(struct transfers *ts)
{
	for (unsigned i = 0; i < ts->capacity; i++) {
		struct transfer *t = &ts->all[i];

		t->owner = ts;
		t->easy = curl_easy_init();
		if (t->easy == NULL || !prepare(t))
			return false;
		SLIST_INSERT_HEAD(&ts->free, t, next);
	}
	return true;
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
	ts->multi = curl_multi_init();
	ts->headers = curl_slist_append(NULL, "Accept: application/json");
	if (ts->multi == NULL || ts->headers == NULL || !prepare_all(ts) ||
	    curl_multi_setopt(ts->multi, CURLMOPT_MAXCONNECTS,
		(long)capacity) != 0) {
		log_error("libcurl refuses its options: it is too old, or "
			  "memory is short");
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
		free(t->body);
	}
	curl_multi_cleanup(ts->multi);
	curl_slist_free_all(ts->headers);
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

static long
milliseconds(int64_t ns)
{
	return (long)((ns + CLOCK_MS - 1) / CLOCK_MS);
}

int
transfers_start(struct transfers *ts, const char *url,
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
	t->reason[0] = '\0';
	/*
	 * A kept connection that the server closes as we ask is tried anew, but
	 * libcurl counts that over the life of a handle: five, and never again.
	 */
	curl_easy_reset(t->easy);
	if (!prepare(t) || curl_easy_setopt(t->easy, CURLOPT_URL, url) != 0 ||
	    curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS,
		milliseconds(limits->connect)) != 0 ||
	    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS,
		milliseconds(limits->total)) != 0 ||
	    curl_multi_add_handle(ts->multi, t->easy) != 0) {
		errno = EINVAL;
		return -1;
	}
	SLIST_REMOVE_HEAD(&ts->free, next);
	t->running = true;
	ts->running++;
	return 0;
}

static int
carry_on(struct transfers *ts)
{
	int running;
	CURLMcode code = curl_multi_perform(ts->multi, &running);

	if (code == CURLM_OK)
		return 0;
	log_error("libcurl: %s", curl_multi_strerror(code));
	return -1;
}

int
transfers_poll(struct transfers *ts, struct pollfd *fds, unsigned count,
    int64_t timeout)
{
	struct curl_waitfd extra[EXTRA_FDS_MAX];
	CURLMcode code;

	assert(count <= EXTRA_FDS_MAX);
	take_back(ts);
	/*
	 * Nothing is carried on before the wait: what ends then would not be
	 * looked at until something else happens.  A transfer that was just
	 * added is due at once, so the wait is none.  curl_multi_poll(3): its
	 * flags have poll(2)'s values.
	 */
	for (unsigned i = 0; i < count; i++)
		extra[i] = (struct curl_waitfd){ fds[i].fd, fds[i].events, 0 };
	code = curl_multi_poll(ts->multi, extra, count,
	    timeout < 0 ? INT_MAX : clock_poll_ms(timeout), NULL);
	if (code != CURLM_OK) {
		log_error("libcurl: %s", curl_multi_strerror(code));
		return -1;
	}
	for (unsigned i = 0; i < count; i++)
		fds[i].revents = extra[i].revents;
	return carry_on(ts);
}

static enum attempt_class
class_of_code(CURLcode code, const struct transfer *t)
{
	switch (code) {
	case CURLE_OK:
		return ATTEMPT_OK;
	case CURLE_OPERATION_TIMEDOUT:
		return ATTEMPT_TIMEOUT;
	case CURLE_WRITE_ERROR:
		return t->too_big ? ATTEMPT_SIZE : ATTEMPT_TRANSFER;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_PEER_FAILED_VERIFICATION:
		return ATTEMPT_CONNECT;
	default:
		return ATTEMPT_TRANSFER;
	}
}

/*
 * RFC 9110 10.2.3.  libcurl before 8.12 gives a negative number for a date
 * that is past, and clamps nothing.
 */
static int64_t
retry_after(CURL *easy)
{
	struct curl_header *header;
	curl_off_t seconds = 0;

	if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1,
		&header) != CURLHE_OK)
		return -1;
	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
	if (seconds < 0)
		seconds = 0;
	if (seconds > RETRY_AFTER_MAX)
		seconds = RETRY_AFTER_MAX;
	return seconds * CLOCK_SECOND;
}

static void
judge_status(struct transfer *t, struct transfer_result *r)
{
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	r->http_status = (unsigned)status;
	r->retry_after = retry_after(t->easy);
	if (r->class != ATTEMPT_OK || (status >= 200 && status < 300))
		return;
	r->class = status == 429 || (status == 503 && r->retry_after >= 0)
	    ? ATTEMPT_THROTTLED
	    : ATTEMPT_HTTP;
	text_format(r->text, sizeof(r->text), "status %ld", status);
}

static void
judge(struct transfer *t, CURLcode code, struct transfer_result *r)
{
	const char *why = t->reason[0] ? t->reason : curl_easy_strerror(code);

	*r = (struct transfer_result){ .class = class_of_code(code, t) };
	if (r->class == ATTEMPT_SIZE)
		text_format(r->text, sizeof(r->text),
		    "more than %d KiB", TRANSFER_BODY_MAX / 1024);
	else if (r->class != ATTEMPT_OK)
		text_clean(r->text, sizeof(r->text), why, strlen(why));
	judge_status(t, r);
	if (!grow(t, t->size + 1)) {
		r->class = ATTEMPT_TRANSFER;
		return;
	}
	t->body[t->size] = '\0';
	r->body = t->body;
	r->size = t->size;
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

const char *
transfer_url_fault(const char *url)
{
	CURLU *parts = curl_url();
	char *scheme = NULL;
	const char *fault = NULL;
	CURLUcode code;

	if (parts == NULL)
		return "out of memory";
	code = curl_url_set(parts, CURLUPART_URL, url, 0);
	if (code != CURLUE_OK)
		fault = curl_url_strerror(code);
	else if (curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != 0 ||
	    (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		fault = "only http and https are fetched";
	curl_free(scheme);
	curl_url_cleanup(parts);
	return fault;
}
