#include "source/mapping.h"

#include <string.h>

#include "base/code.h"

const struct mapping mapping_default = {
	.format = MAPPING_JSON,
	.shape = MAPPING_MAP,
	.rates = "/rates",
	.base = "/base",
	.date = "/date",
	.date_form = MAPPING_DAY,
	.errors = { "/error", "/error/info", "/error/type", "/error/message",
	    "/detail", "/message", "/description", "/error-type" },
	.error_count = 8,
};

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

/* What is wrong at the byte that p points to, or NULL. */
static const char *
byte_fault(const char *p, bool pointer)
{
	if (pointer && *p == '~' && p[1] != '0' && p[1] != '1')
		return "a '~' that is neither ~0 nor ~1";
	if (*p == '{' && placeholder_at(p) == NULL)
		return "a '{' that is neither {base} nor {base:lower}";
	if (*p == '}')
		return "a '}' with no '{'";
	if ((unsigned char)*p < ' ' || *p == '\x7f')
		return "a control character";
	return NULL;
}

static const char *
text_fault(const char *text, bool pointer)
{
	const char *fault = NULL;

	while (*text != '\0' && fault == NULL) {
		const struct placeholder *found = placeholder_at(text);

		if (found != NULL)
			text += strlen(found->text);
		else
			fault = byte_fault(text++, pointer);
	}
	return fault;
}

const char *
mapping_pointer_fault(const char *text)
{
	if (strlen(text) >= MAPPING_POINTER_MAX)
		return "too long";
	if (text[0] != '\0' && text[0] != '/')
		return "no '/' at its beginning";
	return text_fault(text, true);
}

const char *
mapping_prefix_fault(const char *text)
{
	if (strlen(text) >= MAPPING_TEXT_MAX)
		return "too long";
	return text_fault(text, false);
}

/* Adds the base to a text of length used: the new length. */
static size_t
put_base(char *buf, size_t used, const char *base, bool lower)
{
	for (; *base != '\0' && used < MAPPING_EXPANDED_MAX - 1; base++) {
		bool upper = *base >= 'A' && *base <= 'Z';

		buf[used++] =
		    lower && upper ? (char)(*base - 'A' + 'a') : *base;
	}
	return used;
}

const char *
mapping_expand(const char *text, uint64_t base, char buf[MAPPING_EXPANDED_MAX])
{
	char code[CODE_TEXT_MAX];
	size_t used = 0;

	code_unpack(base, code);
	while (*text != '\0' && used < MAPPING_EXPANDED_MAX - 1) {
		const struct placeholder *found = placeholder_at(text);

		if (found != NULL) {
			used = put_base(buf, used, code, found->lower);
			text += strlen(found->text);
		} else {
			buf[used++] = *text++;
		}
	}
	buf[used] = '\0';
	return buf;
}
