#include "fetch/transfer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bsd/string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"

#define ANSWERS_MAX 4
#define SECRET "k&y \"50%\"=x"
#define SECRET_IN_URL "k%26y%20%2250%25%22%3dx"

/* --- a server ------------------------------------------------------------- */

/* Each connection gets the next answer, the last one again and again. */
struct server {
	int listener, stop[2];
	pthread_t thread;
	bool hold; /* never closes: the answer is all there is for now */
	const char *answers[ANSWERS_MAX];
	unsigned count;
	_Atomic unsigned connections;
	char request[8192]; /* the last one */
};

static bool
wait_for(const struct server *s, int fd)
{
	struct pollfd fds[] = { { fd, POLLIN, 0 }, { s->stop[0], POLLIN, 0 } };

	return poll(fds, 2, 20000) > 0 && fds[1].revents == 0;
}

static void
answer(struct server *s, int fd)
{
	unsigned number = atomic_fetch_add(&s->connections, 1);
	const char *text =
	    s->answers[number < s->count ? number : s->count - 1];
	char bytes[sizeof(s->request)] = "";
	size_t used = 0;

	while (strstr(bytes, "\r\n\r\n") == NULL && wait_for(s, fd)) {
		ssize_t got = read(fd, bytes + used, sizeof(bytes) - 1 - used);

		if (got <= 0)
			return;
		used += (size_t)got;
		bytes[used] = '\0';
		if (bytes[0] != 'G')
			return; /* TLS, which it doesn't speak */
	}
	strlcpy(s->request, bytes, sizeof(s->request));
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) > 0 && s->hold)
		wait_for(s, s->stop[0]);
}

static void *
serve(void *context)
{
	struct server *s = context;

	while (wait_for(s, s->listener)) {
		int fd = accept(s->listener, NULL, NULL);

		if (fd == -1)
			continue;
		answer(s, fd);
		close(fd);
	}
	return NULL;
}

static unsigned
listen_on_loopback(struct server *s)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);

	s->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&address, size),
	    0);
	assert_int_equal(listen(s->listener, 8), 0);
	assert_int_equal(getsockname(s->listener,
			     (struct sockaddr *)&address, &size), 0);
	return ntohs(address.sin_port);
}

static unsigned
begin(struct server *s)
{
	unsigned port = listen_on_loopback(s);

	assert_int_equal(pipe(s->stop), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
	return port;
}

static void
end(struct server *s)
{
	assert_int_equal(write(s->stop[1], "x", 1), 1);
	pthread_join(s->thread, NULL);
	close(s->listener);
	close(s->stop[0]);
	close(s->stop[1]);
}

/* --- asking it ------------------------------------------------------------ */

static const struct transfer_limits limits = { .connect = 10 * CLOCK_SECOND,
	.total = 30 * CLOCK_SECOND };
static struct transfer_request request;
static struct transfer_result result;
static char body[256]; /* of the result, cut to fit */

static void
new_request(unsigned port, const char *path)
{
	request = (struct transfer_request){ .header_count = 0 };
	text_format(request.url, sizeof(request.url), "http://127.0.0.1:%u%s",
	    port, path);
}

/* With nothing to do it wakes up for nothing. */
static void
assert_sleeps(struct transfers *ts)
{
	int64_t begun = clock_mono();

	assert_int_equal(transfers_poll(ts, NULL, 0, 50 * CLOCK_MS), 0);
	assert_true(clock_mono() - begun >= 50 * CLOCK_MS);
}

static void
ask_within(const struct transfer_limits *within)
{
	struct transfers *ts = transfers_new(1);
	int tag, got = 0;
	void *back;

	assert_non_null(ts);
	assert_int_equal(transfers_start(ts, &request, within, &tag), 0);
	for (int i = 0; i < 10000 && got == 0; i++) {
		assert_int_equal(
		    transfers_poll(ts, NULL, 0, 5 * CLOCK_SECOND), 0);
		got = transfers_next(ts, &back, &result);
	}
	assert_int_equal(got, 1);
	assert_ptr_equal(back, &tag);
	assert_non_null(result.body);
	strlcpy(body, result.body, sizeof(body));
	result.body = NULL;
	assert_sleeps(ts);
	transfers_free(ts);
}

/* One exchange with a server of one answer, request prepared but for it. */
static char asked[8192];

static void
exchange(const char *text)
{
	struct server s = { .answers = { text }, .count = 1 };
	struct transfer_request wanted = request;

	new_request(begin(&s), "/path");
	memcpy(wanted.url, request.url, sizeof(wanted.url));
	request = wanted;
	ask_within(&limits);
	end(&s);
	strlcpy(asked, s.request, sizeof(asked));
}

static bool
said(const char *line)
{
	return strstr(asked, line) != NULL;
}

static void
clear(void)
{
	request = (struct transfer_request){ .header_count = 0 };
}

/* --- headers -------------------------------------------------------------- */

#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"

static void
header_lines_are_sent_and_no_others(void **state)
{
	(void)state;
	clear();
	strlcpy(request.headers[0], "Accept: text/csv", TRANSFER_HEADER_MAX);
	strlcpy(request.headers[1], "X-Odd:  a: b ", TRANSFER_HEADER_MAX);
	request.header_count = 2;
	exchange(GOOD "\r\n{}");
	assert_int_equal(result.class, ATTEMPT_OK);
	assert_int_equal(result.http_status, 200);
	assert_string_equal(body, "{}");
	assert_true(said("\r\nAccept: text/csv\r\n"));
	assert_true(said("\r\nX-Odd:  a: b \r\n"));
	assert_true(said("\r\nUser-Agent: ratesd/"));
	assert_false(said("application/json"));
	assert_false(said("If-"));
}

static void
a_request_leaves_nothing_to_the_next(void **state)
{
	struct server s = { .answers = { GOOD "\r\n{}" }, .count = 1 };
	struct transfers *ts = transfers_new(1);
	void *back;
	unsigned port = begin(&s);

	(void)state;
	for (int round = 0; round < 2; round++) {
		new_request(port, "/");
		if (round == 0) {
			strlcpy(request.headers[0], "X-First: 1",
			    TRANSFER_HEADER_MAX);
			request.header_count = 1;
			strlcpy(request.etag, "\"1\"", sizeof(request.etag));
		}
		assert_int_equal(
		    transfers_start(ts, &request, &limits, NULL), 0);
		for (int i = 0; i < 10000 &&
		     transfers_next(ts, &back, &result) == 0; i++)
			transfers_poll(ts, NULL, 0, 5 * CLOCK_SECOND);
		assert_int_equal(result.class, ATTEMPT_OK);
		assert_true((strstr(s.request, "X-First") != NULL) ==
		    (round == 0));
		assert_true((strstr(s.request, "If-None-Match") != NULL) ==
		    (round == 0));
	}
	transfers_free(ts);
	end(&s);
}

static void
what_has_no_url_is_not_started(void **state)
{
	struct transfers *ts = transfers_new(1);

	(void)state;
	clear();
	errno = 0;
	assert_int_equal(transfers_start(ts, &request, &limits, NULL), -1);
	assert_int_equal(errno, EINVAL);
	new_request(9, "/");
	assert_int_equal(transfers_start(ts, &request, &limits, NULL), 0);
	errno = 0;
	assert_int_equal(transfers_start(ts, &request, &limits, NULL), -1);
	assert_int_equal(errno, EBUSY);
	transfers_free(ts);
}

static void
a_line_break_in_a_header_is_refused(void **state)
{
	static const char *const bad[] = { "A: b\r\nC: d", "A: b\nC: d",
		"A: b\r", "A: \x01", "A: \x7f" };
	struct transfers *ts = transfers_new(1);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		new_request(9, "/");
		strlcpy(request.headers[0], bad[i], TRANSFER_HEADER_MAX);
		request.header_count = 1;
		errno = 0;
		assert_int_equal(
		    transfers_start(ts, &request, &limits, NULL), -1);
		assert_int_equal(errno, EINVAL);
	}
	new_request(9, "/");
	request.header_count = TRANSFER_HEADERS_MAX + 1;
	assert_int_equal(transfers_start(ts, &request, &limits, NULL), -1);
	new_request(9, "/");
	strlcpy(request.etag, "\"\n\"", sizeof(request.etag));
	assert_int_equal(transfers_start(ts, &request, &limits, NULL), -1);
	assert_int_equal(transfers_running(ts), 0);
	transfers_free(ts);
}

/* --- conditions ----------------------------------------------------------- */

static void
validators_come_back_as_they_were_sent(void **state)
{
	(void)state;
	clear();
	exchange(GOOD "ETag: W/\"a!b,c~\"\r\n"
		      "Last-Modified: Mon, 13 Apr 2026 14:00:00 GMT\r\n\r\n{}");
	assert_string_equal(result.etag, "W/\"a!b,c~\"");
	assert_string_equal(result.modified, "Mon, 13 Apr 2026 14:00:00 GMT");
	assert_false(result.not_modified);
	clear();
	strlcpy(request.etag, result.etag, sizeof(request.etag));
	strlcpy(request.modified, result.modified, sizeof(request.modified));
	exchange("HTTP/1.1 304 Not Modified\r\nETag: \"new\"\r\n\r\n");
	assert_true(said("\r\nIf-None-Match: W/\"a!b,c~\"\r\n"));
	assert_true(
	    said("\r\nIf-Modified-Since: Mon, 13 Apr 2026 14:00:00 GMT\r\n"));
	assert_int_equal(result.class, ATTEMPT_OK);
	assert_true(result.not_modified);
	assert_int_equal(result.http_status, 304);
	assert_int_equal(result.size, 0);
	assert_string_equal(body, "");
	assert_true(result.hash == 0);
	assert_string_equal(result.etag, "\"new\"");
	assert_string_equal(result.modified, "Mon, 13 Apr 2026 14:00:00 GMT");
}

static void
a_304_that_nobody_asked_for_is_a_failure(void **state)
{
	(void)state;
	clear();
	exchange("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n");
	assert_int_equal(result.class, ATTEMPT_HTTP);
	assert_string_equal(result.text, "status 304");
	assert_false(result.not_modified);
	assert_string_equal(result.etag, "");
}

#define SIXTY "012345678901234567890123456789012345678901234567890123456789"

static void
a_broken_validator_is_not_kept(void **state)
{
	static const char *const bad[] = { "ETag: a", "ETag: \"", "ETag: \"a",
		"ETag: a\"", "ETag: \"a\"b\"", "ETag: w/\"a\"", "ETag: \"a b\"",
		"ETag: \"a\x01\"", "ETag: \"\xc3\xa4\"", "ETag: W/", "ETag: ",
		"ETag: \"a\"\r\nETag: \"b\"",
		"ETag: \"" SIXTY "12\"",
		"Last-Modified: ", "Last-Modified: \"x\"",
		"Last-Modified: a\x01", "Last-Modified: a\xff",
		"Last-Modified: 0123456789012345678901234567890123456789" };
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		clear();
		text_format(text, sizeof(text), GOOD "%s\r\n\r\n{}", bad[i]);
		exchange(text);
		assert_int_equal(result.class, ATTEMPT_OK);
		assert_string_equal(result.etag, "");
		assert_string_equal(result.modified, "");
	}
	/* The longest that is kept. */
	clear();
	exchange(GOOD "ETag: \"" SIXTY "1\"\r\n\r\n{}");
	assert_int_equal(strlen(result.etag), TRANSFER_ETAG_MAX - 1);
}

static void
the_hash_is_of_the_body(void **state)
{
	static const char *const bodies[] = { "a", "b", "aaaaaaaa", "aaaaaaaab",
		"baaaaaaa", "aaaaaaaabbbbbbbb", "bbbbbbbbaaaaaaaa" };
	uint64_t seen[7];
	char text[128];

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		for (int again = 0; again < 2; again++) {
			clear();
			text_format(text, sizeof(text),
			    "HTTP/1.1 200 OK\r\nX-Turn: %d\r\n\r\n%s", again,
			    bodies[i]);
			exchange(text);
			assert_true(again == 0 || result.hash == seen[i]);
			seen[i] = result.hash;
		}
		assert_true(seen[i] != 0);
		for (size_t j = 0; j < i; j++)
			assert_true(seen[j] != seen[i]);
	}
	clear();
	exchange("HTTP/1.1 200 OK\r\n\r\n");
	assert_true(result.hash == 0);
}

/* --- redirects and secrets ------------------------------------------------ */

static void
a_redirect_to_plain_http_is_refused(void **state)
{
	struct server other = { .answers = { GOOD "\r\n{}" }, .count = 1 };
	unsigned port = begin(&other);
	char text[256], wanted[256];

	(void)state;
	clear();
	text_format(text, sizeof(text),
	    "HTTP/1.1 302 Found\r\nLocation: http://u:pw@127.0.0.1:%u/x\r\n"
	    "Content-Length: 0\r\n\r\n", port);
	exchange(text);
	end(&other);
	assert_int_equal(result.class, ATTEMPT_HTTP);
	assert_int_equal(result.http_status, 302);
	text_format(wanted, sizeof(wanted),
	    "status 302: redirect refused, to http://127.0.0.1:%u/x", port);
	assert_string_equal(result.text, wanted);
	assert_int_equal(atomic_load(&other.connections), 0);
	assert_int_equal(result.redirects, 0);
	assert_string_equal(result.effective, "");
}

static void
a_redirect_elsewhere_is_refused(void **state)
{
	static const struct {
		const char *to, *text;
	} targets[] = {
		{ "file:///etc/passwd",
		    "status 301: redirect refused, to file:///etc/passwd" },
		{ "ftp://127.0.0.1:9/x",
		    "status 301: redirect refused, to ftp://127.0.0.1:9/x" },
		{ "http://[", "status 301: redirect refused, to what is no URL" },
		{ "https://", "status 301: redirect refused, to what is no URL" },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		clear();
		text_format(text, sizeof(text),
		    "HTTP/1.1 301 Moved\r\nLocation: %s\r\n"
		    "Content-Length: 0\r\n\r\n", targets[i].to);
		exchange(text);
		assert_int_equal(result.class, ATTEMPT_HTTP);
		assert_string_equal(result.text, targets[i].text);
	}
	clear();
	exchange("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n");
	assert_int_equal(result.class, ATTEMPT_HTTP);
	assert_string_equal(result.text, "status 301");
}

static void
a_redirect_to_https_is_followed(void **state)
{
	/* One that speaks no TLS: that it was asked is what shows. */
	struct server other = { .answers = { "" }, .count = 1 };
	unsigned port = begin(&other);
	char text[256];

	(void)state;
	clear();
	text_format(text, sizeof(text),
	    "HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1:%u/x\r\n"
	    "Content-Length: 0\r\n\r\n", port);
	exchange(text);
	end(&other);
	assert_int_equal(atomic_load(&other.connections), 1);
	assert_int_not_equal(result.class, ATTEMPT_OK);
}

/* Also where the Location, the path and the reason repeat the key. */
static void
a_request_with_a_key_follows_nothing(void **state)
{
	static const char *const schemes[] = { "http", "https" };
	char text[512];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct server other = { .answers = { GOOD "\r\n{}" },
			.count = 1 };
		unsigned port = begin(&other);

		clear();
		strlcpy(request.secret, SECRET, sizeof(request.secret));
		strlcpy(request.headers[0], "apikey: " SECRET,
		    TRANSFER_HEADER_MAX);
		request.header_count = 1;
		text_format(text, sizeof(text),
		    "HTTP/1.1 301 Moved\r\n"
		    "Location: %s://127.0.0.1:%u/%s\r\n"
		    "Content-Length: 0\r\n\r\n",
		    schemes[i], port, SECRET_IN_URL);
		exchange(text);
		end(&other);
		assert_true(said("\r\napikey: " SECRET "\r\n"));
		assert_int_equal(result.class, ATTEMPT_HTTP);
		text_format(text, sizeof(text),
		    "status 301: redirect of a request with a key "
		    "refused, to %s://127.0.0.1:%u/***", schemes[i], port);
		assert_string_equal(result.text, text);
		assert_int_equal(atomic_load(&other.connections), 0);
	}
}

static void
a_key_that_is_cut_is_not_told(void **state)
{
	char text[4096], path[2048];

	(void)state;
	for (size_t length = 1; length < 1900;
	     length += length < 150 ? 1 : 97) {
		memset(path, 'x', length);
		path[length] = '\0';
		clear();
		strlcpy(request.secret, SECRET, sizeof(request.secret));
		text_format(text, sizeof(text),
		    "HTTP/1.1 301 Moved\r\nLocation: https://a.example/%s%s\r\n"
		    "Content-Length: 0\r\n\r\n", path, SECRET_IN_URL);
		exchange(text);
		assert_int_equal(result.class, ATTEMPT_HTTP);
		assert_null(strstr(result.text, "k%26"));
	}
}

/* --- limits --------------------------------------------------------------- */

static void
silence_ends_by_the_stall_limit(void **state)
{
	struct server s = { .hold = true,
		.answers = { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1" },
		.count = 1 };
	struct transfer_limits within = { .connect = 10 * CLOCK_SECOND,
		.total = 3600 * CLOCK_SECOND,
		.stall = CLOCK_SECOND };

	(void)state;
	new_request(begin(&s), "/");
	ask_within(&within);
	end(&s);
	assert_int_equal(result.class, ATTEMPT_TIMEOUT);
	assert_true(result.text[0] != '\0');
}

static void
the_total_limit_ends_what_is_left(void **state)
{
	struct server s = { .hold = true,
		.answers = { "HTTP/1.1 200 OK\r\n" }, .count = 1 };
	struct transfer_limits within = { .connect = 10 * CLOCK_SECOND,
		.total = 200 * CLOCK_MS };

	(void)state;
	new_request(begin(&s), "/");
	ask_within(&within);
	end(&s);
	assert_int_equal(result.class, ATTEMPT_TIMEOUT);
}

/* As a body, and as one that is passed over. */
static void
a_body_over_the_cap_is_refused(void **state)
{
	static const char *const heads[] = { "HTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1:9/\r\n"
		"Content-Length: 1000000\r\n\r\n" };
	size_t size = 4 * TRANSFER_BODY_MAX;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < 2; i++) {
		memset(text, ' ', size);
		text[size - 1] = '\0';
		memcpy(text, heads[i], strlen(heads[i]));
		clear();
		exchange(text);
		assert_int_equal(result.class, ATTEMPT_SIZE);
		assert_string_equal(result.text, "more than 256 KiB");
	}
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_lines_are_sent_and_no_others),
		cmocka_unit_test(a_request_leaves_nothing_to_the_next),
		cmocka_unit_test(what_has_no_url_is_not_started),
		cmocka_unit_test(a_line_break_in_a_header_is_refused),
		cmocka_unit_test(validators_come_back_as_they_were_sent),
		cmocka_unit_test(a_304_that_nobody_asked_for_is_a_failure),
		cmocka_unit_test(a_broken_validator_is_not_kept),
		cmocka_unit_test(the_hash_is_of_the_body),
		cmocka_unit_test(a_redirect_to_plain_http_is_refused),
		cmocka_unit_test(a_redirect_elsewhere_is_refused),
		cmocka_unit_test(a_redirect_to_https_is_followed),
		cmocka_unit_test(a_request_with_a_key_follows_nothing),
		cmocka_unit_test(a_key_that_is_cut_is_not_told),
		cmocka_unit_test(silence_ends_by_the_stall_limit),
		cmocka_unit_test(the_total_limit_ends_what_is_left),
		cmocka_unit_test(a_body_over_the_cap_is_refused),
	};

	/* No proxy of whoever runs this stands between. */
	setenv("no_proxy", "*", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
