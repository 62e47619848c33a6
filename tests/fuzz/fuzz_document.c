/*
 * Whatever bytes a source sends: either an answer whose numbers can all be
 * rates, or a refusal with a printable reason and no number at all.
 */
#include "source/document.h"

#include <math.h>

#include "base/code.h"
#include "fuzz.h"

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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char error[DOCUMENT_ERROR_MAX];
	double numbers[COUNT] = { 0 };
	struct document document = {
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
	    class == ATTEMPT_BASE || class == ATTEMPT_VALUE);
	if (class == ATTEMPT_OK)
		require_rates(&document);
	else
		require_nothing(&document);
	document_error((const char *)data, size, error, sizeof(error));
	require_printable(error, sizeof(error));
	return 0;
}
