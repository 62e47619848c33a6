/*
 * Whatever bytes a source sends: either an answer whose numbers can all be
 * rates, or a refusal with a printable reason and no number at all.  And what
 * our reader of JSON takes json-c's own takes too, for the same.
 */
#include "source/document.h"

#include <math.h>

#include <json-c/json.h>

#include "base/code.h"
#include "fuzz.h"
#include "source/sheet.h"
#include "source/tree.h"

static const char *const board[] = { "EUR", "USD", "PLN", "NOK", "CZK",
	"USDT" };

#define COUNT (sizeof(board) / sizeof(board[0]))
#define USD 1

static int
find(const void *context, uint64_t code)
{
	(void)context;
	for (size_t i = 0; i < COUNT; i++) {
		if (code_pack(board[i]) == code)
			return (int)i;
	}
	return -1;
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
	REQUIRE(present > 0 && present == document->present);
	REQUIRE(document->numbers[USD] == 1);
	REQUIRE(document->published_form == PUBLISHED_DAY ||
	    (document->published_form == PUBLISHED_NONE &&
	    document->published == 0));
}

static void
require_nothing(const struct document *document)
{
	for (size_t i = 0; i < COUNT; i++)
		REQUIRE(isnan(document->numbers[i]));
	REQUIRE(document->present == 0 && document->published == 0);
	REQUIRE(document->published_form == PUBLISHED_NONE);
}

static void require_same(json_object *ours, json_object *theirs);

static void
require_same_object(json_object *ours, json_object *theirs)
{
	json_object *value;

	REQUIRE(json_object_object_length(ours) ==
	    json_object_object_length(theirs));
	json_object_object_foreach(ours, key, mine) {
		REQUIRE(json_object_object_get_ex(theirs, key, &value));
		require_same(mine, value);
	}
}

static void
require_same_list(json_object *ours, json_object *theirs)
{
	size_t count = json_object_array_length(ours);

	REQUIRE(count == json_object_array_length(theirs));
	for (size_t i = 0; i < count; i++)
		require_same(json_object_array_get_idx(ours, i),
		    json_object_array_get_idx(theirs, i));
}

/* An integer of theirs may be the nearest that they can hold. */
static void
require_same(json_object *ours, json_object *theirs)
{
	json_type type = json_object_get_type(ours);

	if (type == json_type_double &&
	    json_object_is_type(theirs, json_type_int)) {
		REQUIRE(json_object_get_double(ours) ==
		    json_object_get_double(theirs) ||
		    fabs(json_object_get_double(ours)) >= 0x1p63);
		return;
	}
	REQUIRE(json_object_is_type(theirs, type));
	if (type == json_type_object)
		require_same_object(ours, theirs);
	else if (type == json_type_array)
		require_same_list(ours, theirs);
	else if (type == json_type_double)
		REQUIRE(json_object_get_double(ours) ==
		    json_object_get_double(theirs));
	else
		REQUIRE(json_object_equal(ours, theirs));
}

/* What is on the sheet goes into the tree: then it is as it would have been. */
static void
require_beside(
    json_object *whole, const char *what, const char *bytes, size_t size)
{
	struct sheet *sheet = sheet_new();
	struct tree_defect defect;
	json_object *root, *rates = NULL;

	REQUIRE(sheet != NULL);
	root = tree_read_json_beside(bytes, size, "/rates", sheet, &defect);
	REQUIRE((defect.what == NULL) == (what == NULL));
	if (defect.what != NULL)
		REQUIRE(strcmp(defect.what, what) == 0);
	if (sheet->count > 0 && defect.what == NULL)
		REQUIRE(json_object_object_get_ex(root, "rates", &rates));
	for (unsigned i = 0; i < sheet->count && rates != NULL; i++)
		json_object_object_add(rates, sheet->numbers[i].key,
		    json_object_new_double(sheet->numbers[i].value));
	if (defect.what == NULL)
		require_same(whole, root);
	json_object_put(root);
	free(sheet);
}

static void
require_json(const char *bytes, size_t size)
{
	struct tree_defect defect;
	json_object *ours = tree_read_json(bytes, size, &defect), *theirs;
	json_tokener *tokener = json_tokener_new();
	char *text = strndup(bytes, size);

	REQUIRE(tokener != NULL && text != NULL && defect.at <= size);
	if (defect.what == NULL) {
		json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
		    JSON_TOKENER_VALIDATE_UTF8);
		theirs = json_tokener_parse_ex(tokener, text, (int)size + 1);
		REQUIRE(json_tokener_get_error(tokener) ==
		    json_tokener_success);
		require_same(ours, theirs);
		json_object_put(theirs);
	}
	require_beside(ours, defect.what, bytes, size);
	json_object_put(ours);
	json_tokener_free(tokener);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[DOCUMENT_ERROR_MAX];
	double numbers[COUNT] = { 0 };
	struct document document = {
		.mapping = &mapping_default,
		.base = code_pack(board[USD]),
		.find = find,
		.numbers = numbers,
		.count = COUNT,
	};
	enum attempt_class class = document_read(&document,
	    (const char *)data, size, error, sizeof(error));

	require_printable(error, sizeof(error));
	REQUIRE((class == ATTEMPT_OK) == (error[0] == '\0'));
	REQUIRE(class == ATTEMPT_OK || class == ATTEMPT_DOCUMENT ||
	    class == ATTEMPT_BASE || class == ATTEMPT_VALUE ||
	    class == ATTEMPT_REFUSED);
	if (class == ATTEMPT_OK)
		require_rates(&document);
	else
		require_nothing(&document);
	class = document_error(&mapping_default, (const char *)data, size,
	    error, sizeof(error));
	REQUIRE(class == ATTEMPT_NONE);
	require_json((const char *)data, size);
	require_printable(error, sizeof(error));
	return 0;
}
