#include "fetch/transfer_request.h"

#include <string.h>

#include <curl/curl.h>

#include "base/text.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#else
#define PACKAGE_VERSION "0"
#endif

#define AGENT "ratesd/" PACKAGE_VERSION
#define SLOW_BYTES 10L /* a second */
#define CONNECTION_SECONDS 3600L

bool
transfer_set_options(void *e)
{
	/*
	 * Some of these can fail: a libcurl built without what we need.
	 * QUICK_EXIT: who gives up on a name leaves its thread to end by
	 * itself.  Joined, as it is otherwise, a resolver that is silent holds
	 * the whole worker up for as long as resolv.conf(5) allows.
	 */
	return curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L) == 0 &&
	    curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == 0 &&
	    curl_easy_setopt(e, CURLOPT_REDIR_PROTOCOLS_STR, "https") == 0 &&
	    curl_easy_setopt(e, CURLOPT_MAXREDIRS,
		(long)TRANSFER_REDIRECTS_MAX) == 0 &&
	    curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == 0 &&
	    curl_easy_setopt(e, CURLOPT_USERAGENT, AGENT) == 0 &&
	    curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "") == 0 &&
	    curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES) == 0 &&
	    curl_easy_setopt(
		e, CURLOPT_MAXLIFETIME_CONN, CONNECTION_SECONDS) == 0;
}

static long
milliseconds(int64_t ns)
{
	return (long)((ns + CLOCK_MS - 1) / CLOCK_MS);
}

static long
seconds(int64_t ns)
{
	return (long)((ns + CLOCK_SECOND - 1) / CLOCK_SECOND);
}

static bool
set_limits(CURL *e, const struct transfer_limits *limits)
{
	int64_t stall = limits->stall > 0 ? limits->stall : TRANSFER_STALL;

	return curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
		   milliseconds(limits->connect)) == 0 &&
	    curl_easy_setopt(
		e, CURLOPT_TIMEOUT_MS, milliseconds(limits->total)) == 0 &&
	    curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, seconds(stall)) == 0;
}

/* A line break would be a header of somebody else's choice. */
static bool
add_line(struct curl_slist **lines, const char *line)
{
	struct curl_slist *longer;

	for (const char *p = line; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == '\x7f')
			return false;
	longer = curl_slist_append(*lines, line);
	if (longer == NULL)
		return false;
	*lines = longer;
	return true;
}

static bool
add_condition(struct curl_slist **lines, const char *name, const char *value)
{
	char line[32 + TRANSFER_ETAG_MAX];

	if (value[0] == '\0')
		return true;
	text_format(line, sizeof(line), "%s: %s", name, value);
	return add_line(lines, line);
}

static bool
set_lines(CURL *e, const struct transfer_request *request,
    struct curl_slist **lines)
{
	if (request->header_count > TRANSFER_HEADERS_MAX)
		return false;
	for (unsigned i = 0; i < request->header_count; i++)
		if (!add_line(lines, request->headers[i]))
			return false;
	return add_condition(lines, "If-None-Match", request->etag) &&
	    add_condition(lines, "If-Modified-Since", request->modified) &&
	    curl_easy_setopt(e, CURLOPT_HTTPHEADER, *lines) == 0;
}

bool
transfer_set_request(void *e, const struct transfer_request *request,
    const struct transfer_limits *limits, struct curl_slist **lines)
{
	/* Redirects take the header lines along: not with a key in them. */
	long follow = request->secret[0] == '\0';

	return request->url[0] != '\0' &&
	    curl_easy_setopt(e, CURLOPT_URL, request->url) == 0 &&
	    curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, follow) == 0 &&
	    set_lines(e, request, lines) && set_limits(e, limits);
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
