#include "tools/probe_fetch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/text.h"
#include "source/catalogue.h"
#include "source/document.h"

#define ACCEPT                                                                 \
	"Accept: application/json, application/xml;q=0.9, text/csv;q=0.9,"     \
	" */*;q=0.1"
#define SYMBOLS "EUR,USD,GBP,JPY,CHF" /* for a source that wants a list */
#define POLL (1 * CLOCK_SECOND)

/* The daemon's own, unless its configuration has others. */
static const struct transfer_limits limits = { .connect = 5 * CLOCK_SECOND,
	.total = 15 * CLOCK_SECOND };

static const char *
fill(const char *url, uint64_t base, struct transfer_request *request)
{
	struct source source = { .base = code_pack("EUR") };
	char code[CODE_TEXT_MAX], detail[8];
	const char *fault;

	if (strlen(url) >= sizeof(source.url))
		return "the URL is too long";
	text_format(source.url, sizeof(source.url), "%s", url);
	if (strstr(url, "{key}") != NULL)
		return "a key can't be filled in: save an answer, and use "
		       "--file";
	fault = source_template_fault(&source, url, detail, sizeof(detail));
	if (fault == NULL)
		fault = source_url(&source, 0,
		    code_unpack(base != 0 ? base : source.base, code), SYMBOLS,
		    request->url, sizeof(request->url));
	return fault != NULL ? fault : transfer_url_fault(request->url);
}

/* Until it has ended, which its limits see to. */
static int
wait_for(struct transfers *transfers, struct transfer_result *result)
{
	void *tag;

	while (transfers_next(transfers, &tag, result) == 0)
		if (transfers_poll(transfers, NULL, 0, POLL) == -1)
			return -1;
	return 0;
}

static int
take_answer(const struct transfer_result *result, struct probe_answer *answer,
    char *error, size_t size)
{
	char said[DOCUMENT_ERROR_MAX] = "";

	if (result->class != ATTEMPT_OK) {
		if (result->body != NULL)
			document_error(&mapping_default, result->body,
			    result->size, said, sizeof(said));
		text_format(error, size, "%s%s%s", result->text,
		    said[0] != '\0' ? ": " : "", said);
		return -1;
	}
	answer->bytes = malloc(result->size + 1);
	if (answer->bytes == NULL) {
		text_format(error, size, "no memory");
		return -1;
	}
	if (result->size > 0)
		memcpy(answer->bytes, result->body, result->size);
	answer->size = result->size;
	if (result->redirects > 0)
		text_format(answer->moved, sizeof(answer->moved), "%s",
		    result->effective);
	return 0;
}

int
probe_fetch(const char *url, uint64_t base, const char *secret,
    struct probe_answer *answer, char *error, size_t size)
{
	struct transfer_request request = { .header_count = 1 };
	struct transfer_result result;
	const char *fault = fill(url, base, &request);
	struct transfers *transfers;
	int done = -1;

	*answer = (struct probe_answer){ .bytes = NULL };
	text_format(error, size, "%s", fault != NULL ? fault : "can't ask it");
	if (fault != NULL)
		return -1;
	text_format(request.headers[0], TRANSFER_HEADER_MAX, ACCEPT);
	text_format(request.secret, sizeof(request.secret), "%s", secret);
	transfers = transfers_new(1);
	if (transfers == NULL)
		return -1;
	if (transfers_start(transfers, &request, &limits, answer) == 0 &&
	    wait_for(transfers, &result) == 0)
		done = take_answer(&result, answer, error, size);
	transfers_free(transfers);
	text_redact(error, size, secret);
	text_redact(answer->moved, sizeof(answer->moved), secret);
	return done;
}
