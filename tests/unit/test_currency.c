#include "base/currency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/code.h"

static int
places(const char *code)
{
	const struct currency *currency = currency_at(currency_find(code));

	if (currency == NULL)
		fail_msg("%s is not in the list", code);
	return currency->places;
}

/* A binary search finds only in what is sorted. */
static void
every_code_is_found_where_it_is(void **state)
{
	(void)state;
	for (int i = 0; i < CURRENCY_COUNT; i++) {
		const char *code = currency_at(i)->code;

		assert_int_equal(strlen(code), 3);
		assert_true(code_pack(code) != 0);
		assert_int_equal(currency_find(code), i);
	}
}

/* ISO 4217, list one: all whose minor unit is not 2. */
static void
minor_units_are_those_of_the_standard(void **state)
{
	static const struct {
		int places;
		const char *codes;
	} others[] = {
		{ 0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV "
		     "XAF XOF XPF" },
		{ 3, "BHD IQD JOD KWD LYD OMR TND" },
		{ 4, "CLF UYW" },
		{ -1, "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX" },
	};
	int counted = 0, count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		for (const char *p = others[i].codes;; p += 4) {
			char code[4] = { p[0], p[1], p[2], '\0' };

			if (places(code) != others[i].places)
				fail_msg("%s: %d", code, places(code));
			counted++;
			if (p[3] == '\0')
				break;
		}
	for (int i = 0; i < CURRENCY_COUNT; i++)
		count += currency_at(i)->places != 2;
	assert_int_equal(count, counted);
	assert_int_equal(CURRENCY_COUNT, 178 + 4); /* of list one; BESIDES */
	assert_int_equal(places("EUR"), 2);
	assert_int_equal(places("XCG"), 2);
}

static void
what_has_no_minor_unit_is_no_money(void **state)
{
	(void)state;
	for (int i = 0; i < CURRENCY_COUNT; i++) {
		const struct currency *currency = currency_at(i);

		assert_int_equal(currency->places == -1,
		    currency->kind == CURRENCY_NONE);
	}
	assert_int_equal(currency_at(CURRENCY_HRK)->kind, CURRENCY_BESIDES);
	assert_int_equal(currency_at(CURRENCY_CLF)->kind, CURRENCY_UNIT);
	assert_int_equal(currency_at(CURRENCY_ZWG)->kind, CURRENCY_MONEY);
}

static void
finds_nothing_else(void **state)
{
	static const char *const texts[] = { "", "E", "EU", "EURO", "eur",
		"AAA", "BTC", "USDT", "ZZZ", "DEM", "\xff" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(currency_find(texts[i]), -1);
	assert_null(currency_at(-1));
	assert_null(currency_at(CURRENCY_COUNT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_is_found_where_it_is),
		cmocka_unit_test(minor_units_are_those_of_the_standard),
		cmocka_unit_test(what_has_no_minor_unit_is_no_money),
		cmocka_unit_test(finds_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
