#include "source/catalogue.h"

#include <stdbool.h>
#include <string.h>

#include <bsd/string.h>

#include "base/text.h"
#include "source/header.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* RFC 3986 2.3 */
#define UNRESERVED                                                             \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

enum place { PLACE_BASE, PLACE_BASE_LOWER, PLACE_SYMBOLS, PLACE_KEY };

static const struct placeholder {
	const char *text;
	enum place place;
} placeholders[] = {
	{ "{base}", PLACE_BASE },
	{ "{base:lower}", PLACE_BASE_LOWER },
	{ "{symbols}", PLACE_SYMBOLS },
	{ "{key}", PLACE_KEY },
};

/* --- faults --------------------------------------------------------------- */

/* The placeholder that text begins with, or NULL. */
static const struct placeholder *
placeholder_at(const char *text)
{
	for (size_t i = 0; i < COUNT(placeholders); i++) {
		const struct placeholder *p = &placeholders[i];

		if (strncmp(text, p->text, strlen(p->text)) == 0)
			return p;
	}
	return NULL;
}

/* True if the place is behind scheme and host. */
static bool
in_path(const char *template, const char *place)
{
	const char *host = strstr(template, "://");
	const char *end = host != NULL ? strpbrk(host + 3, "/?") : NULL;

	return end != NULL && *end == '/' && end < place;
}

/* What is wrong with the brace that p is at; *length: how far. */
static const char *
brace_fault(const struct source *source, const char *template, const char *p,
    size_t *length)
{
	const char *end = strchr(p, '}');
	const struct placeholder *found = placeholder_at(p);

	*length = end != NULL ? (size_t)(end - p) + 1 : strlen(p);
	if (end == NULL)
		return "no '}' after";
	if (end == p)
		return "no '{' before";
	if (found == NULL)
		return "unknown placeholder";
	if (found->place != PLACE_KEY)
		return NULL;
	if (source->auth != SOURCE_AUTH_PATH)
		return "only auth \"path\" has";
	return in_path(template, p) ? NULL : "before the path:";
}

static const char *
missing_fault(const struct source *source, bool has_base, bool has_key)
{
	if (!has_base && source->base == 0)
		return "no {base}";
	if (!has_key && source->auth == SOURCE_AUTH_PATH)
		return "no {key}";
	return NULL;
}

const char *
source_template_fault(const struct source *source, const char *template,
    char *detail, size_t size)
{
	const char *p = template;
	bool has_base = false, has_key = false;
	size_t length;

	strlcpy(detail, "", size);
	while ((p = strpbrk(p, "{}")) != NULL) {
		const char *fault = brace_fault(source, template, p, &length);
		enum place place;

		if (fault != NULL) {
			text_format(detail, size, "%.*s", (int)length, p);
			return fault;
		}
		place = placeholder_at(p)->place;
		has_base |= place == PLACE_BASE || place == PLACE_BASE_LOWER;
		has_key |= place == PLACE_KEY;
		p += length;
	}
	return missing_fault(source, has_base, has_key);
}

/* --- requests ------------------------------------------------------------- */

/* Text under construction; full: something did not fit. */
struct output {
	char *text;
	size_t size, used;
	bool full;
};

static void
put(struct output *out, char c)
{
	if (out->used + 1 < out->size)
		out->text[out->used++] = c;
	else
		out->full = true;
}

static void
put_text(struct output *out, const char *text)
{
	for (; *text != '\0'; text++)
		put(out, *text);
}

static void
put_lower(struct output *out, const char *text)
{
	for (; *text != '\0'; text++) {
		bool upper = *text >= 'A' && *text <= 'Z';

		put(out, upper ? (char)(*text - 'A' + 'a') : *text);
	}
}

static void
put_encoded(struct output *out, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (strchr(UNRESERVED, *text) != NULL) {
			put(out, *text);
			continue;
		}
		put(out, '%');
		put(out, digits[c >> 4]);
		put(out, digits[c & 15]);
	}
}

/* What all the placeholders stand for. */
struct values {
	const char *base, *symbols, *key;
};

static void
put_place(struct output *out, enum place place, const struct values *values)
{
	switch (place) {
	case PLACE_BASE:
		put_text(out, values->base);
		break;
	case PLACE_BASE_LOWER:
		put_lower(out, values->base);
		break;
	case PLACE_SYMBOLS:
		put_text(out, values->symbols);
		break;
	case PLACE_KEY:
		put_encoded(out, values->key);
		break;
	}
}

/* All but a fragment, which is never sent, and would hide what comes after. */
static void
put_template(
    struct output *out, const char *template, const struct values *values)
{
	for (const char *p = template; *p != '\0' && *p != '#';) {
		const struct placeholder *found = placeholder_at(p);

		if (found == NULL) {
			put(out, *p++);
			continue;
		}
		put_place(out, found->place, values);
		p += strlen(found->text);
	}
}

static void
put_query(struct output *out, const struct source *source)
{
	char last = out->used > 0 ? out->text[out->used - 1] : '\0';

	if (memchr(out->text, '?', out->used) == NULL)
		put(out, '?');
	else if (last != '?' && last != '&')
		put(out, '&');
	put_encoded(out, source->auth_name);
	put(out, '=');
	put_encoded(out, source->key);
}

const char *
source_url(const struct source *source, unsigned mirror, const char *base,
    const char *symbols, char *url, size_t size)
{
	struct output out = { .text = url, .size = size };
	struct values values = { .base = base,
		.symbols = symbols != NULL ? symbols : "",
		.key = source->key };
	const char *fault = NULL;

	url[0] = '\0';
	if (mirror > source->mirror_count || mirror > SOURCE_MIRRORS_MAX)
		return "no such mirror";
	if (source->auth != SOURCE_AUTH_NONE)
		fault = source_key_fault(source->key);
	if (fault != NULL)
		return fault;
	put_template(&out,
	    mirror == 0 ? source->url : source->mirrors[mirror - 1], &values);
	if (source->auth == SOURCE_AUTH_QUERY)
		put_query(&out, source);
	url[out.full ? 0 : out.used] = '\0';
	return out.full ? "the URL is too long" : NULL;
}
