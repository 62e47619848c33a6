#include "source/header.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <bsd/string.h>

#include "base/text.h"

/* RFC 9110 5.6.2 */
#define TOKEN                                                                  \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"       \
	"!#$%&'*+-.^_`|~"

/* Those that libcurl or the transfer writes, and must not be there twice. */
static const char *const own_headers[] = { "Host", "Connection",
	"Content-Length", "Transfer-Encoding", "Accept-Encoding", "Expect",
	"If-None-Match", "If-Modified-Since" };

static const char *const accepts[] = {
	[MAPPING_JSON] = "application/json",
	[MAPPING_CSV] = "text/csv",
	[MAPPING_XML] = "application/xml",
};

static bool
printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

const char *
source_key_fault(const char *key)
{
	if (key[0] == '\0')
		return "no key";
	if (!printable(key))
		return "the key has a byte that is no printable ASCII";
	if (key[0] == ' ' || key[strlen(key) - 1] == ' ')
		return "the key has a blank at an end";
	return NULL;
}

/* True if line is a header of that name. */
static bool
is_header(const char *line, const char *name)
{
	size_t length = strlen(name);

	return strncasecmp(line, name, length) == 0 && line[length] == ':';
}

const char *
source_header_fault(const char *line)
{
	size_t name = strspn(line, TOKEN);

	if (name == 0 || line[name] != ':')
		return "a header is not \"Name: value\"";
	if (!printable(line))
		return "a header has a byte that is no printable ASCII";
	if (line[name + 1 + strspn(line + name + 1, " ")] == '\0')
		return "a header has no value";
	for (size_t i = 0; i < sizeof(own_headers) / sizeof(own_headers[0]); i++)
		if (is_header(line, own_headers[i]))
			return "a header is one that ratesd sets itself";
	return NULL;
}

static const char *
add_line(char lines[SOURCE_LINES_MAX][SOURCE_LINE_MAX], unsigned *count,
    const char *name, const char *value)
{
	char *line = lines[*count];

	if (strlcpy(line, name, SOURCE_LINE_MAX) >= SOURCE_LINE_MAX ||
	    strlcat(line, value, SOURCE_LINE_MAX) >= SOURCE_LINE_MAX)
		return "a header is too long";
	++*count;
	return source_header_fault(line);
}

static const char *
add_accept(const struct source *source,
    char lines[SOURCE_LINES_MAX][SOURCE_LINE_MAX], unsigned *count)
{
	for (unsigned i = 0; i < source->header_count; i++)
		if (is_header(source->headers[i], "Accept"))
			return NULL;
	return add_line(
	    lines, count, "Accept: ", accepts[source->mapping.format]);
}

static const char *
add_key(const struct source *source,
    char lines[SOURCE_LINES_MAX][SOURCE_LINE_MAX], unsigned *count)
{
	char name[MAPPING_TEXT_MAX + 2];
	const char *fault = NULL;

	switch (source->auth) {
	case SOURCE_AUTH_HEADER:
		text_format(name, sizeof(name), "%s: ", source->auth_name);
		break;
	case SOURCE_AUTH_BEARER:
		strlcpy(name, "Authorization: Bearer ", sizeof(name));
		break;
	case SOURCE_AUTH_TOKEN:
		strlcpy(name, "Authorization: Token ", sizeof(name));
		break;
	default:
		return NULL;
	}
	fault = source_key_fault(source->key);
	return fault != NULL ? fault
			     : add_line(lines, count, name, source->key);
}

const char *
source_headers(const struct source *source,
    char lines[SOURCE_LINES_MAX][SOURCE_LINE_MAX], unsigned *count)
{
	const char *fault;

	*count = 0;
	fault = add_accept(source, lines, count);
	for (unsigned i = 0; fault == NULL && i < source->header_count; i++)
		fault = add_line(lines, count, source->headers[i], "");
	if (fault == NULL)
		fault = add_key(source, lines, count);
	if (fault != NULL)
		*count = 0;
	return fault;
}
