#include "source/catalogue.h"

#include <stdbool.h>
#include <string.h>

#include <bsd/string.h>

#include "base/text.h"

static const struct placeholder {
	const char *text;
	bool lower;
} placeholders[] = {
	{ "{base}", false },
	{ "{base:lower}", true },
};

/* The placeholder that text begins with, or NULL. */
static const struct placeholder *
placeholder_at(const char *text)
{
	size_t count = sizeof(placeholders) / sizeof(placeholders[0]);

	for (size_t i = 0; i < count; i++) {
		const struct placeholder *p = &placeholders[i];

		if (strncmp(text, p->text, strlen(p->text)) == 0)
			return p;
	}
	return NULL;
}

/* What is wrong with the brace that text begins with; *length: how far. */
static const char *
brace_fault(const char *text, size_t *length)
{
	const char *end = strchr(text, '}');

	*length = end != NULL ? (size_t)(end - text) + 1 : strlen(text);
	if (end == NULL)
		return "no '}' after";
	if (end == text)
		return "no '{' before";
	return placeholder_at(text) == NULL ? "unknown placeholder" : NULL;
}

const char *
source_template_fault(const char *template, char *detail, size_t size)
{
	const char *p = template;
	bool has_base = false;
	size_t length;

	strlcpy(detail, "", size);
	while ((p = strpbrk(p, "{}")) != NULL) {
		const char *fault = brace_fault(p, &length);

		if (fault != NULL) {
			text_format(detail, size, "%.*s", (int)length, p);
			return fault;
		}
		has_base = true; /* every placeholder there is means the base */
		p += length;
	}
	return has_base ? NULL : "no {base}";
}

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
put_base(struct output *out, const char *base, bool lower)
{
	for (; *base != '\0'; base++) {
		bool upper = *base >= 'A' && *base <= 'Z';

		put(out, lower && upper ? (char)(*base - 'A' + 'a') : *base);
	}
}

int
source_url(
    const struct source *source, const char *base, char *url, size_t size)
{
	struct output out = { .text = url, .size = size };

	for (const char *p = source->url; *p != '\0';) {
		const struct placeholder *found = placeholder_at(p);

		if (found != NULL) {
			put_base(&out, base, found->lower);
			p += strlen(found->text);
		} else {
			put(&out, *p++);
		}
	}
	if (size == 0 || out.full)
		return -1;
	url[out.used] = '\0';
	return 0;
}
