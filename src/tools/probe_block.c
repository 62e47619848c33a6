#include "tools/probe_block.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/code.h"
#include "base/text.h"
#include "daemon/conf_fit.h"
#include "daemon/conf_source.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define X(id, name) name,
static const char *const formats[] = { MAPPING_FORMATS(X) };
static const char *const shapes[] = { MAPPING_SHAPES(X) };
static const char *const dates[] = { MAPPING_DATES(X) };
static const char *const directions[] = { MAPPING_DIRECTIONS(X) };
#undef X

/* Where a section is made; after the first failure nothing is added. */
struct draft {
	struct conf_block *block;
	struct source scratch; /* what setters set */
	bool failed;
	char *error;
	size_t size;
};

static void
fail(struct draft *draft, const char *key, const char *why)
{
	if (!draft->failed)
		text_format(draft->error, draft->size, "%s: %s", key, why);
	draft->failed = true;
}

/* Adds a key, if it is one that takes the value. */
static void
put(struct draft *draft, const char *name, const char *value)
{
	const struct conf_key *key =
	    &conf_source_keys.key[conf_key_find(&conf_source_keys, name)];
	char why[256];

	if (draft->failed)
		return;
	if (key->set(key, &draft->scratch, value, why, sizeof(why)) == -1)
		fail(draft, name, why);
	else if (conf_block_add(draft->block, key, 1, 1, value) == -1)
		fail(draft, name, "no memory");
}

/* What is as it would be without the key goes without saying. */
static void
put_other(struct draft *draft, const char *name, const char *value,
    const char *usual)
{
	if (strcmp(value, usual) != 0)
		put(draft, name, value);
}

static void
put_mapping(struct draft *draft, const struct mapping *m)
{
	const struct mapping *usual = &mapping_default;
	char success[MAPPING_POINTER_MAX + MAPPING_TEXT_MAX];

	put_other(draft, "format", formats[m->format], formats[usual->format]);
	put_other(draft, "shape", shapes[m->shape], shapes[usual->shape]);
	put_other(draft, "rates", m->rates, usual->rates);
	put_other(draft, "quote", m->quote, usual->quote);
	put_other(draft, "rate", m->rate, usual->rate);
	put_other(draft, "unit", m->unit, usual->unit);
	put_other(draft, "key-prefix", m->key_prefix, usual->key_prefix);
	if (m->key_upper)
		put(draft, "keys", "upper");
	put_other(draft, "direction", directions[m->direction],
	    directions[usual->direction]);
	put_other(draft, "item-base", m->item_base, usual->item_base);
	put_other(draft, "item-date", m->item_date, usual->item_date);
	put_other(draft, "base-at", m->base, usual->base);
	put_other(draft, "date-at", m->date, usual->date);
	put_other(draft, "date-form", dates[m->date_form],
	    dates[usual->date_form]);
	put_other(draft, "next-update", m->next_update, usual->next_update);
	if (m->success[0] != '\0')
		put(draft, "success", text_format(success, sizeof(success),
		    "%s=%s", m->success, m->success_value));
}

/* The next parameter of a query after p, or NULL. */
static const char *
next_parameter(const char *p)
{
	p = strpbrk(p, "?&;#");
	return p != NULL && *p != '#' ? p + 1 : NULL;
}

void
probe_find_secret(const char *url, struct probe_secret *secret)
{
	static const char *const names[] = { "access_key", "apikey", "api_key",
		"api-key", "app_id", "appid", "key", "token", "access_token",
		"apitoken", "api_token", "subscription-key", "client_secret" };

	*secret = (struct probe_secret){ .name = "" };
	for (const char *p = next_parameter(url); p != NULL;
	     p = next_parameter(p)) {
		size_t length = strcspn(p, "=&;#");

		for (size_t i = 0; i < COUNT(names) && p[length] == '='; i++) {
			if (strlen(names[i]) != length ||
			    strncasecmp(names[i], p, length) != 0)
				continue;
			text_format(secret->name, sizeof(secret->name), "%.*s",
			    (int)length, p);
			text_format(secret->value, sizeof(secret->value),
			    "%.*s", (int)strcspn(p + length + 1, "&;#"),
			    p + length + 1);
			return;
		}
	}
}

/* Takes the key's parameter out of a URL. */
static void
drop_secret(char *url, const struct probe_secret *secret)
{
	size_t length = strlen(secret->name);

	for (char *p = strpbrk(url, "?&;"); p != NULL && length > 0;
	     p = strpbrk(p + 1, "&;")) {
		size_t whole = 1 + strcspn(p + 1, "&;#");
		bool first = *p == '?';

		if (strncmp(p + 1, secret->name, length) != 0 ||
		    p[1 + length] != '=')
			continue;
		if (first && p[whole] != '\0' && p[whole] != '#')
			p[whole] = '?';
		memmove(p, p + whole, strlen(p + whole) + 1);
		return;
	}
}

static void
put_url(struct draft *draft, const struct guess *guess, const char *url,
    const struct probe_secret *secret)
{
	char text[SOURCE_URL_MAX + 64], template[SOURCE_URL_MAX];
	char code[CODE_TEXT_MAX], auth[MAPPING_TEXT_MAX + 8];
	bool any;

	if (strlen(url) >= sizeof(text)) {
		fail(draft, "url", "too long");
		return;
	}
	text_format(
	    text, sizeof(text), "%s", url[0] != '\0' ? url : PROBE_NOWHERE);
	drop_secret(text, secret);
	any = strstr(text, "{base") != NULL;
	if (any)
		text_format(template, sizeof(template), "%s", text);
	else
		any = guess_template(
		    text, guess->base, template, sizeof(template));
	put(draft, "url", template);
	if (secret->name[0] != '\0')
		put(draft, "auth", text_format(
		    auth, sizeof(auth), "query %s", secret->name));
	if (!any)
		put(draft, "base", code_unpack(guess->base, code));
}

static void
report_misfit(void *context, const char *key, const char *why)
{
	fail(context, key, why);
}

int
probe_block(const struct guess *guess, const char *url,
    const struct probe_secret *secret, struct conf_block *block,
    struct source *source, char *error, size_t size)
{
	struct draft draft = { .block = block, .error = error, .size = size };

	conf_source_begin(&draft.scratch);
	put(&draft, "preset", ""); /* of none, whatever the name is */
	put_url(&draft, guess, url, secret);
	put_mapping(&draft, &guess->mapping);
	if (draft.failed)
		return -1;
	conf_block_source(NULL, block, source);
	conf_fit(source, report_misfit, &draft);
	return draft.failed ? -1 : 0;
}
