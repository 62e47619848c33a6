#include "fetch/transfer_result.h"

#include <string.h>

#include <bsd/string.h>
#include <curl/curl.h>

#include "base/hash.h"
#include "base/text.h"

#define RETRY_AFTER_MAX 3600
#define LONG_TEXT_MAX (TRANSFER_URL_MAX + 256)

/* --- header fields -------------------------------------------------------- */

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

/* RFC 9110 8.8.3: [W/]"...", of which only the ASCII half is kept. */
static bool
is_etag(const char *text)
{
	size_t length;

	if (strncmp(text, "W/", 2) == 0)
		text += 2;
	length = strlen(text);
	if (length < 2 || text[0] != '"' || text[length - 1] != '"')
		return false;
	for (size_t i = 1; i < length - 1; i++)
		if (text[i] < '!' || text[i] > '~' || text[i] == '"')
			return false;
	return true;
}

/* It goes back as it came, so it only has to be harmless there. */
static bool
is_date(const char *text)
{
	for (const char *p = text; *p != '\0'; p++)
		if (*p < ' ' || *p > '~' || *p == '"')
			return false;
	return text[0] != '\0';
}

/*
 * Copies a field that stands there once, fits and is of the form; else what
 * was asked with (usual).
 */
static void
keep(CURL *easy, const char *name, bool (*is_form)(const char *),
    const char *usual, char *buf, size_t size)
{
	struct curl_header *header;

	strlcpy(buf, usual, size);
	if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) !=
		CURLHE_OK ||
	    header->amount != 1 || !is_form(header->value) ||
	    strlen(header->value) >= size)
		return;
	strlcpy(buf, header->value, size);
}

static void
keep_validators(const struct transfer_end *end, struct transfer_result *r)
{
	bool old = r->not_modified;

	keep(end->easy, "ETag", is_etag, old ? end->asked->etag : "", r->etag,
	    sizeof(r->etag));
	keep(end->easy, "Last-Modified", is_date,
	    old ? end->asked->modified : "", r->modified, sizeof(r->modified));
}

/* --- redirects ------------------------------------------------------------ */

/* A URL to be shown: what its user and password are is nobody's business. */
static const char *
show_url(char *buf, size_t size, const char *url)
{
	CURLU *parts = curl_url();
	char *shown = NULL;

	if (parts != NULL &&
	    curl_url_set(parts, CURLUPART_URL, url,
		CURLU_NON_SUPPORT_SCHEME | CURLU_ALLOW_SPACE) == 0 &&
	    curl_url_set(parts, CURLUPART_USER, NULL, 0) == 0 &&
	    curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0) == 0)
		curl_url_get(parts, CURLUPART_URL, &shown, 0);
	if (shown != NULL)
		text_clean(buf, size, shown, strlen(shown));
	else
		strlcpy(buf, "what is no URL", size);
	curl_free(shown);
	curl_url_cleanup(parts);
	return buf;
}

/* Where a redirect points that was not followed; "" if none was there. */
static const char *
pointed_to(const struct transfer_end *end, char *buf, size_t size)
{
	const char *url = NULL;

	/* One that libcurl began to follow is the URL of the transfer. */
	if (end->code == CURLE_UNSUPPORTED_PROTOCOL)
		curl_easy_getinfo(end->easy, CURLINFO_EFFECTIVE_URL, &url);
	else
		curl_easy_getinfo(end->easy, CURLINFO_REDIRECT_URL, &url);
	if (url != NULL)
		return show_url(buf, size, url);
	strlcpy(buf, end->code == CURLE_OK ? "" : "what is no URL", size);
	return buf;
}

/* True if the transfer failed for where a redirect points, or how often. */
static bool
is_redirect_fault(const struct transfer_end *end)
{
	return end->redirect_status != 0 &&
	    (end->code == CURLE_UNSUPPORTED_PROTOCOL ||
		end->code == CURLE_TOO_MANY_REDIRECTS ||
		end->code == CURLE_URL_MALFORMAT);
}

static void
note_redirects(const struct transfer_end *end, struct transfer_result *r)
{
	char url[LONG_TEXT_MAX];
	const char *effective = NULL;
	long count = 0;

	curl_easy_getinfo(end->easy, CURLINFO_REDIRECT_COUNT, &count);
	if (count <= 0)
		return;
	r->redirects = (unsigned)count;
	r->redirect_status = end->redirect_status;
	curl_easy_getinfo(end->easy, CURLINFO_EFFECTIVE_URL, &effective);
	if (effective == NULL)
		return;
	show_url(url, sizeof(url), effective);
	text_redact(url, sizeof(url), end->asked->secret);
	strlcpy(r->effective, url, sizeof(r->effective));
}

/* --- judgement ------------------------------------------------------------ */

static enum attempt_class
class_of_end(const struct transfer_end *end)
{
	switch (end->code) {
	case CURLE_OK:
		return ATTEMPT_OK;
	case CURLE_OPERATION_TIMEDOUT:
		return ATTEMPT_TIMEOUT;
	case CURLE_WRITE_ERROR:
	case CURLE_ABORTED_BY_CALLBACK:
		return end->too_big ? ATTEMPT_SIZE : ATTEMPT_TRANSFER;
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

/* What is wrong first: a long URL is cut. */
static const char *
describe_redirect(
    const struct transfer_end *end, long status, char *buf, size_t size)
{
	char url[LONG_TEXT_MAX];

	text_format(buf, size, "status %ld", status);
	pointed_to(end, url, sizeof(url));
	if (url[0] == '\0')
		return buf;
	if (end->code == CURLE_TOO_MANY_REDIRECTS)
		return text_append(buf, size, ": more than %d redirects, to %s",
		    TRANSFER_REDIRECTS_MAX, url);
	return text_append(buf, size, ": redirect%s refused, to %s",
	    end->asked->secret[0] != '\0' ? " of a request with a key" : "",
	    url);
}

/*
 * In libcurl's words.  It keeps the first ones of a request, and asks once more
 * on a new connection if an old one is reset: what took too long is said, too.
 */
static void
describe_failure(const struct transfer_end *end, char *buf, size_t size)
{
	const char *usual = curl_easy_strerror((CURLcode)end->code);

	if (end->reason[0] == '\0')
		text_format(buf, size, "%s", usual);
	else if (end->code == CURLE_OPERATION_TIMEDOUT &&
	    strcasestr(end->reason, "time") == NULL)
		text_format(buf, size, "%s, after: %s", usual, end->reason);
	else
		text_format(buf, size, "%s", end->reason);
}

static bool
is_success(const struct transfer_end *end, long status)
{
	return (status >= 200 && status < 300) ||
	    (status == 304 &&
		(end->asked->etag[0] != '\0' ||
		    end->asked->modified[0] != '\0'));
}

/* Fills class and status; why it failed, with the secret still in it. */
static void
classify(const struct transfer_end *end, struct transfer_result *r, char *why,
    size_t size)
{
	char reason[LONG_TEXT_MAX];
	long status = 0;

	why[0] = '\0';
	curl_easy_getinfo(end->easy, CURLINFO_RESPONSE_CODE, &status);
	r->class = class_of_end(end);
	r->http_status = (unsigned)status;
	r->retry_after = retry_after(end->easy);
	if (r->class == ATTEMPT_SIZE) {
		text_format(
		    why, size, "more than %d KiB", TRANSFER_BODY_MAX / 1024);
	} else if (r->class != ATTEMPT_OK && !is_redirect_fault(end)) {
		describe_failure(end, reason, sizeof(reason));
		text_clean(why, size, reason, strlen(reason));
	} else if (r->class != ATTEMPT_OK || !is_success(end, status)) {
		r->class = status == 429 ||
			(status == 503 && r->retry_after >= 0)
		    ? ATTEMPT_THROTTLED
		    : ATTEMPT_HTTP;
		describe_redirect(end, status, why, size);
	}
}

/* By words, of which there are many; the last bytes one by one. */
static uint64_t
hash_body(const char *body, size_t size)
{
	uint64_t hash = HASH_START, word;
	size_t at = 0;

	if (size == 0)
		return 0;
	for (; size - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, body + at, sizeof(word));
		hash = hash_word(hash, word);
	}
	hash = hash_bytes(hash, body + at, size - at);
	return hash != 0 ? hash : 1;
}

static int64_t
took(CURL *easy)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &us);
	return us > 0 ? (int64_t)us * 1000 : 0;
}

void
transfer_judge(const struct transfer_end *end, struct transfer_result *r)
{
	char why[LONG_TEXT_MAX + TRANSFER_TEXT_MAX];

	*r = (struct transfer_result){ .body = end->body,
		.size = end->size,
		.took = took(end->easy) };
	classify(end, r, why, sizeof(why));
	/* Before it is cut: half a key is half known. */
	text_redact(why, sizeof(why), end->asked->secret);
	strlcpy(r->text, why, sizeof(r->text));
	if (r->class != ATTEMPT_OK)
		return;
	r->not_modified = r->http_status == 304;
	if (r->not_modified)
		r->size = 0;
	keep_validators(end, r);
	note_redirects(end, r);
	r->hash = hash_body(r->body, r->size);
}
