#include "daemon/request.h"

#include <string.h>

#include <bsd/string.h>

#include "base/code.h"
#include "source/header.h"

_Static_assert((int)SOURCE_LINES_MAX == TRANSFER_HEADERS_MAX,
    "every line of a source has a place in a request");
_Static_assert((int)SOURCE_LINE_MAX == TRANSFER_HEADER_MAX, "and fits");
_Static_assert((int)SOURCE_KEY_MAX == TRANSFER_SECRET_MAX, "as does its key");

const char *
request_make(struct transfer_request *request, const struct source *source,
    unsigned mirror, const char *base, const char *symbols)
{
	const char *fault;

	*request = (struct transfer_request){ .header_count = 0 };
	fault = source_headers(
	    source, request->headers, &request->header_count);
	if (fault != NULL)
		return fault;
	if (source->auth != SOURCE_AUTH_NONE)
		strlcpy(
		    request->secret, source->key, sizeof(request->secret));
	return source_url(source, mirror, base, symbols, request->url,
	    sizeof(request->url));
}

const char *
request_symbols(const uint64_t *codes, unsigned count, char *buf, size_t size)
{
	char code[CODE_TEXT_MAX];

	buf[0] = '\0';
	for (unsigned i = 0; i < count; i++) {
		if (i > 0)
			strlcat(buf, ",", size);
		if (strlcat(buf, code_unpack(codes[i], code), size) < size)
			continue;
		buf[0] = '\0';
		break;
	}
	return buf;
}
