/*
 * The base in a URL.
 */
#include "source/guess_parts.h"

#include <string.h>
#include <strings.h>

#include "base/code.h"
#include "base/text.h"

#define LETTERS GUESS_LETTERS

uint64_t
guess_code_at(const char *text, size_t length)
{
	char code[LETTERS + 1];

	if (length != LETTERS)
		return 0;
	text_format(code, sizeof(code), "%.*s", LETTERS, text);
	if (guess_known(code) == -1)
		return 0;
	for (char *p = code; *p != '\0'; p++)
		if (*p >= 'a')
			*p = (char)(*p - 'a' + 'A');
	return code_pack(code);
}

/* A word of a URL, which no letter or digit touches. */
static bool
is_word(const char *url, size_t at, size_t length)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	if (at > 0 && strchr(word, url[at - 1]) != NULL)
		return false;
	return url[at + length] == '\0' ||
	    strchr(word, url[at + length]) == NULL;
}

/* Neither in "symbols=USD,EUR" nor in the name of a host. */
static bool
is_base_word(const char *url, size_t at, size_t length)
{
	size_t host = strcspn(url, ":") + strlen("://");

	if (at < host || at < host + strcspn(url + host, "/?") ||
	    !is_word(url, at, length))
		return false;
	return url[at - 1] != ',' && url[at + length] != ',' &&
	    strncasecmp(url + at + length, "%2c", 3) != 0 &&
	    (at < 3 || strncasecmp(url + at - 3, "%2c", 3) != 0);
}

bool
guess_template(const char *url, uint64_t base, char *buf, size_t size)
{
	char code[CODE_TEXT_MAX];
	size_t length = strlen(code_unpack(base, code)), used = 0;
	bool found = false;

	for (size_t at = 0; base != 0 && url[at] != '\0';) {
		const char *put = NULL;

		if (strncasecmp(url + at, code, length) == 0 &&
		    is_base_word(url, at, length))
			put = strncmp(url + at, code, length) == 0
			    ? "{base}" : "{base:lower}";
		if (used + (put != NULL ? strlen(put) : 1) >= size)
			goto too_long;
		if (put == NULL) {
			buf[used++] = url[at++];
			continue;
		}
		memcpy(buf + used, put, strlen(put));
		used += strlen(put);
		at += length;
		found = true;
	}
	buf[used] = '\0';
	if (base == 0 && strlen(url) < size)
		text_format(buf, size, "%s", url);
	return found;
too_long:
	buf[0] = '\0';
	return false;
}

uint64_t
guess_url_base(const char *url)
{
	uint64_t base = 0;

	if (strstr(url, "://") == NULL)
		return 0;
	for (size_t at = 0; strlen(url + at) >= LETTERS; at++) {
		uint64_t code = guess_code_at(url + at, LETTERS);

		if (code == 0 || !is_base_word(url, at, LETTERS))
			continue;
		if (base != 0 && base != code)
			return 0;
		base = code;
	}
	return base;
}
