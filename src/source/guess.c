#include "source/guess.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <json-c/json.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/text.h"
#include "source/document.h"
#include "source/guess_parts.h"
#include "source/tree.h"

#define BLANKS " \t\r\n"
#define MARK "\xef\xbb\xbf" /* the byte order mark */
#define PAGE_MAX 512         /* bytes in which a page says that it is one */
#define LETTERS GUESS_LETTERS

/* The first bytes that say something. */
static const char *
beginning(const char *bytes, size_t *size)
{
	if (*size >= strlen(MARK) && memcmp(bytes, MARK, strlen(MARK)) == 0) {
		bytes += strlen(MARK);
		*size -= strlen(MARK);
	}
	for (; *size > 0 && memchr(BLANKS, *bytes, strlen(BLANKS)) != NULL;
	     --*size)
		bytes++;
	return bytes;
}

/* By the first byte that is no blank. */
static enum mapping_format
guess_format(const char *bytes, size_t size)
{
	bytes = beginning(bytes, &size);
	if (size > 0 && (*bytes == '{' || *bytes == '['))
		return MAPPING_JSON;
	return size > 0 && *bytes == '<' ? MAPPING_XML : MAPPING_CSV;
}

static bool
is_empty(const char *bytes, size_t size)
{
	beginning(bytes, &size);
	return size == 0;
}

/* A page for people, which HTML is. */
static bool
is_page(const char *bytes, size_t size)
{
	char text[PAGE_MAX + 1];

	bytes = beginning(bytes, &size);
	if (size == 0 || *bytes != '<')
		return false;
	text_clean(text, sizeof(text), bytes,
	    size < PAGE_MAX ? size : PAGE_MAX);
	return strcasestr(text, "<!doctype html") != NULL ||
	    strcasestr(text, "<html") != NULL;
}

void
guess_note(struct guess *guess, const char *format, ...)
{
	char text[GUESS_NOTE_MAX];
	va_list args;

	if (guess->note_count == GUESS_NOTES_MAX)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	text_clean(guess->notes[guess->note_count++], GUESS_NOTE_MAX, text,
	    strlen(text));
}

/*
 * A component of a pointer, or a prefix, that is a code: its placeholder takes
 * its place.  length: of the code's text at `at`.
 */
static bool
replace_code(char *text, size_t size, size_t at, size_t length)
{
	bool lower = text[at] >= 'a';
	char rest[MAPPING_POINTER_MAX];
	const char *put = lower ? "{base:lower}" : "{base}";

	if (strlen(text) - length + strlen(put) >= size)
		return false;
	text_format(rest, sizeof(rest), "%s", text + at + length);
	text[at] = '\0';
	text_append(text, size, "%s%s", put, rest);
	return true;
}

/* What the place of the rates says: their base, or a day that passes. */
static void
look_at_pointer(struct guess *guess)
{
	char *rates = guess->mapping.rates, day[16];
	int64_t days;

	for (size_t at = 0; rates[at] != '\0';) {
		size_t length = strcspn(rates + ++at, "/");
		uint64_t code = guess_code_at(rates + at, length);

		text_format(day, sizeof(day), "%.*s", (int)length, rates + at);
		if (clock_parse_day(day, &days) == 0)
			guess_note(guess, "rates has a day in it, %s: it won't "
			    "be there on another one", day);
		if (code != 0 && (guess->base == 0 || guess->base == code) &&
		    replace_code(
			rates, sizeof(guess->mapping.rates), at, length)) {
			guess->base = code;
			length = strcspn(rates + at, "/");
		}
		at += length;
	}
}

/* "USD" before each code is the base. */
static void
look_at_prefix(struct guess *guess, const struct guess_rates *rates)
{
	char *prefix = guess->mapping.key_prefix;
	uint64_t code;

	text_format(prefix, sizeof(guess->mapping.key_prefix), "%s",
	    rates->style.prefix);
	code = strlen(prefix) >= LETTERS ? guess_code_at(prefix, LETTERS) : 0;
	if (code == 0)
		return;
	guess->base = code;
	replace_code(prefix, sizeof(guess->mapping.key_prefix), 0, LETTERS);
}

static void
find_base(struct guess *guess, uint64_t asked, const char *url,
    const struct guess_sums *sums)
{
	char code[CODE_TEXT_MAX];

	if (guess->base != 0)
		return;
	guess->base = asked != 0 ? asked : guess_url_base(url);
	if (guess->base != 0)
		return;
	if (sums->ones == 1)
		guess->base = sums->one;
	if (guess->base != 0)
		guess_note(guess, "the base is %s because its number is 1",
		    code_unpack(guess->base, code));
}

static void
take_rates(struct guess *guess, const struct guess_rates *rates)
{
	struct mapping *mapping = &guess->mapping;

	mapping->shape = rates->shape;
	mapping->key_upper = rates->style.lower;
	mapping->base[0] = mapping->date[0] = '\0';
	text_format(mapping->rates, sizeof(mapping->rates), "%s",
	    rates->pointer);
	text_format(mapping->quote, sizeof(mapping->quote), "%s",
	    rates->quote);
	text_format(mapping->rate, sizeof(mapping->rate), "%s", rates->rate);
}

static const char *
guess_mapping(struct json_object *root, enum mapping_format format,
    uint64_t asked, const char *url, struct guess *guess)
{
	struct guess_sums sums = { .compared = 0 };
	struct guess_rates rates;
	bool barred;

	if (!guess_find_rates(root, format,
		asked != 0 ? asked : guess_url_base(url), &rates, &barred))
		return barred ? "its rates are named by their codes, which of "
				"JSON alone can be said"
			      : "there are no rates in it: nowhere have two "
				"currency codes a number each";
	take_rates(guess, &rates);
	guess_item_parts(guess, &rates);
	look_at_prefix(guess, &rates);
	guess_around(guess, root, &rates);
	look_at_pointer(guess);
	if (!guess_numbers(guess, &rates, &sums))
		return "no memory";
	guess_direction(guess, &sums);
	find_base(guess, asked, url, &sums);
	if (guess->base == 0) {
		guess_likely_bases(guess, &sums);
		return "it doesn't say of which base its rates are";
	}
	if (guess->mapping.date[0] == '\0' &&
	    guess->mapping.item_date[0] == '\0')
		guess_note(guess, "nothing says when the rates were published");
	return NULL;
}

/* The tree; NULL with why there is none. */
static struct json_object *
read_tree(enum mapping_format format, const char *bytes, size_t size,
    char *error, size_t error_size)
{
	static const struct {
		const char *name;
		struct json_object *(*read)(const char *bytes, size_t size,
		    struct tree_defect *defect);
	} formats[] = {
		[MAPPING_JSON] = { "JSON", tree_read_json },
		[MAPPING_CSV] = { "CSV, JSON or XML", tree_read_csv },
		[MAPPING_XML] = { "XML", tree_read_xml },
	};
	struct tree_defect defect;
	struct json_object *root;

	root = formats[format].read(bytes, size, &defect);
	if (root == NULL)
		text_format(error, error_size, "it is no %s: %s at byte %zu",
		    formats[format].name, defect.what, defect.at);
	return root;
}

/* Instead of "no rates", what the answer itself says is wrong. */
static void
quote_error(enum mapping_format format, const char *bytes, size_t size,
    char *error, size_t error_size)
{
	char said[DOCUMENT_ERROR_MAX] = "";

	if (format == MAPPING_JSON)
		document_error(
		    &mapping_default, bytes, size, said, sizeof(said));
	if (said[0] != '\0')
		text_format(error, error_size, "it is an error: %s", said);
}

int
guess_answer(const char *bytes, size_t size, uint64_t asked, const char *url,
    struct guess *guess, char *error, size_t error_size)
{
	enum mapping_format format = guess_format(bytes, size);
	struct json_object *root;
	const char *fault = NULL;
	char code[CODE_TEXT_MAX];

	*guess = (struct guess){ .mapping = mapping_default };
	guess->mapping.format = format;
	if (is_empty(bytes, size))
		fault = "it is empty";
	else if (is_page(bytes, size))
		fault = "it is a web page (HTML), not rates";
	if (fault != NULL) {
		text_format(error, error_size, "%s", fault);
		return -1;
	}
	root = read_tree(format, bytes, size, error, error_size);
	if (root == NULL)
		return -1;
	fault = guess_mapping(root, format, asked, url, guess);
	json_object_put(root);
	if (fault == NULL)
		return 0;
	text_format(error, error_size, "%s", fault);
	for (unsigned i = 0; i < GUESS_LIKELY_MAX && guess->likely[i] != 0; i++)
		text_append(error, error_size, "%s %s",
		    i == 0 ? "; by their size it may be" : " or",
		    code_unpack(guess->likely[i], code));
	if (guess->count == 0)
		quote_error(format, bytes, size, error, error_size);
	return -1;
}
