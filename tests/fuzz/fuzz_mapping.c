/*
 * Whatever an operator maps and whatever a source then sends: numbers that can
 * all be rates, or a refusal with a printable reason and no number at all.
 * An input has lines of a key and its value, an empty line, and the answer.
 */
#include "source/document.h"

#include <math.h>

#include "base/code.h"
#include "base/text.h"
#include "fuzz.h"

#define COUNT (sizeof(board) / sizeof(board[0]))
#define LINE_MAX_BYTES 200

/* The base asked for is the first; the board may lack it. */
static const char *const board[] = { "USD", "EUR", "PLN", "NOK", "USDT" };

static const char *const formats[] = {
#define X(id, name) name,
	MAPPING_FORMATS(X)
};
static const char *const shapes[] = { MAPPING_SHAPES(X) };
static const char *const dates[] = { MAPPING_DATES(X) };
static const char *const directions[] = { MAPPING_DIRECTIONS(X)
#undef X
};

#define WORDS(list) list, sizeof(list) / sizeof((list)[0])
#define POINTER(name)                                                          \
	{ #name, offsetof(struct mapping, name), MAPPING_POINTER_MAX }
#define TEXT(name)                                                             \
	{ #name, offsetof(struct mapping, name), MAPPING_TEXT_MAX }

static const struct {
	const char *name;
	size_t offset, size;
} texts[] = { POINTER(rates), POINTER(quote), POINTER(rate),
	POINTER(item_base), POINTER(item_date), POINTER(base), POINTER(date),
	POINTER(next_update), POINTER(unit), POINTER(success),
	TEXT(key_prefix), TEXT(success_value) };

static bool off_board;

static int
find(const void *context, uint64_t code)
{
	(void)context;
	for (size_t i = off_board; i < COUNT; i++) {
		if (code_pack(board[i]) == code)
			return (int)i;
	}
	return -1;
}

static int
word(const char *value, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i], value) == 0)
			return (int)i;
	}
	return 0;
}

static void
set_text(struct mapping *m, const char *name, const char *value)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(texts[i].name, name) == 0)
			text_format((char *)m + texts[i].offset,
			    texts[i].size, "%s", value);
	}
}

static void
set(struct mapping *m, const char *name, const char *value)
{
	if (strcmp(name, "format") == 0)
		m->format = word(value, WORDS(formats));
	else if (strcmp(name, "shape") == 0)
		m->shape = word(value, WORDS(shapes));
	else if (strcmp(name, "form") == 0)
		m->date_form = word(value, WORDS(dates));
	else if (strcmp(name, "direction") == 0)
		m->direction = word(value, WORDS(directions));
	else if (strcmp(name, "upper") == 0)
		m->key_upper = true;
	else if (strcmp(name, "off-board") == 0)
		off_board = true;
	else if (strcmp(name, "error") == 0 &&
	    m->error_count < MAPPING_ERRORS_MAX)
		text_format(m->errors[m->error_count++], MAPPING_POINTER_MAX,
		    "%s", value);
	else if (strcmp(name, "quota") == 0 &&
	    m->class_count < MAPPING_CLASSES_MAX) {
		m->classes[m->class_count].class = ATTEMPT_QUOTA;
		text_format(m->classes[m->class_count++].value,
		    MAPPING_TEXT_MAX, "%s", value);
	} else
		set_text(m, name, value);
}

/* The lines of a mapping; where the answer begins. */
static const char *
read_mapping(struct mapping *m, const char *p, const char *end)
{
	char line[LINE_MAX_BYTES], *value;

	*m = (struct mapping){ .format = MAPPING_JSON };
	off_board = false;
	while (p < end) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		size_t length = (size_t)((stop != NULL ? stop : end) - p);

		text_format(line, sizeof(line), "%.*s", (int)length, p);
		p = stop != NULL ? stop + 1 : end;
		if (length == 0)
			break;
		value = strchr(line, ' ');
		if (value != NULL)
			*value++ = '\0';
		set(m, line, value != NULL ? value : "");
	}
	return p;
}

static void
require_rates(const struct document *document)
{
	unsigned present = 0;

	for (size_t i = 0; i < COUNT; i++) {
		double rate = document->numbers[i];

		REQUIRE(isnan(rate) || (isfinite(rate) && rate > 0));
		present += !isnan(rate);
	}
	REQUIRE(present > !off_board && present == document->present);
	REQUIRE(off_board ? isnan(document->numbers[0])
			  : document->numbers[0] == 1);
	REQUIRE(document->published_form != PUBLISHED_NONE ||
	    document->published == 0);
}

static void
require_nothing(const struct document *document)
{
	for (size_t i = 0; i < COUNT; i++)
		REQUIRE(isnan(document->numbers[i]));
	REQUIRE(document->present == 0 && document->published == 0);
	REQUIRE(document->published_form == PUBLISHED_NONE);
	REQUIRE(document->next_update == 0);
}

static void
require_expansion(const char *pointer)
{
	char text[MAPPING_EXPANDED_MAX];

	mapping_expand(pointer, code_pack("ABCDEFGH"), text);
	REQUIRE(strlen(text) < sizeof(text));
	REQUIRE(mapping_pointer_fault(pointer) != NULL ||
	    strpbrk(text, "{}") == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[DOCUMENT_ERROR_MAX];
	double numbers[COUNT] = { 0 };
	struct mapping mapping;
	const char *bytes = (const char *)data, *end = bytes + size;
	const char *answer = read_mapping(&mapping, bytes, end);
	struct document document = { .mapping = &mapping,
		.base = code_pack(board[0]),
		.find = find,
		.numbers = numbers,
		.count = COUNT };
	enum attempt_class class = document_read(&document, answer,
	    (size_t)(end - answer), error, sizeof(error));

	require_printable(error, sizeof(error));
	REQUIRE((class == ATTEMPT_OK) == (error[0] == '\0'));
	if (class == ATTEMPT_OK)
		require_rates(&document);
	else
		require_nothing(&document);
	class = document_error(&mapping, answer, (size_t)(end - answer), error,
	    sizeof(error));
	require_printable(error, sizeof(error));
	REQUIRE(class == ATTEMPT_NONE || class == ATTEMPT_QUOTA);
	require_expansion(mapping.rates);
	require_expansion(mapping.quote);
	return 0;
}
