#include "daemon/conf_url.h"

#include <stdbool.h>
#include <string.h>

#include <bsd/string.h>

#include "base/code.h"
#include "base/text.h"
#include "daemon/conf_set.h"
#include "fetch/transfer.h"

/*
 * The URL with the longest code there can be, so that every other one fits as
 * well; of a key and a list of codes only a sample, as their length is known
 * to nobody yet.  0, or -1 if it doesn't fit.
 */
static int
sample_url(const char *template, char *url, size_t size)
{
	static const char sample_base[] = "ZZZZZZZZ";
	size_t used = 0;

	_Static_assert(sizeof(sample_base) == CODE_TEXT_MAX, "CODE_MAX");
	for (const char *p = template; *p != '\0';) {
		size_t length = *p == '{' ? strcspn(p, "}") + 1 : 1;
		bool base = strncmp(p, "{base", 5) == 0;
		const char *put = *p != '{' ? p : base ? sample_base : "K";
		size_t room = base ? CODE_MAX : 1;

		if (used + room >= size)
			return -1;
		memcpy(url + used, put, room);
		used += room;
		p += length;
	}
	url[used] = '\0';
	return 0;
}

/*
 * Faults of the text alone.  Which base and auth the source has may be said
 * further down: conf_fit looks again.
 */
static const char *
template_fault(const char *value, char *detail, size_t size)
{
	const bool key = strstr(value, "{key}") != NULL;
	const struct source any = { .base = code_pack("EUR"),
		.auth = key ? SOURCE_AUTH_PATH : SOURCE_AUTH_NONE };

	return source_template_fault(&any, value, detail, size);
}

int
conf_copy_url(
    char to[SOURCE_URL_MAX], const char *value, char *why, size_t size)
{
	char detail[80], url[SOURCE_URL_MAX];
	const char *fault = template_fault(value, detail, sizeof(detail));

	if (value[0] == '\0') {
		text_format(why, size, "empty");
		return -1;
	}
	if (fault != NULL) {
		text_format(why, size,
		    detail[0] != '\0' ? "%s " CONF_SHOWN : "%s", fault,
		    detail);
		return -1;
	}
	if (strlcpy(to, value, SOURCE_URL_MAX) >= SOURCE_URL_MAX ||
	    sample_url(value, url, sizeof(url)) == -1) {
		text_format(
		    why, size, "longer than %d bytes", SOURCE_URL_MAX - 1);
		return -1;
	}
	fault = transfer_url_fault(url);
	if (fault != NULL)
		text_format(why, size, CONF_SHOWN ": %s", value, fault);
	return fault == NULL ? 0 : -1;
}
