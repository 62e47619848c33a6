#include "base/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
packs_first_byte_lowest(void **state)
{
	(void)state;
	assert_true(code_pack("USD") == UINT64_C(0x445355));
	assert_true(code_pack("ABCDEFGH") == UINT64_C(0x4847464544434241));
	assert_true(code_pack("1INCH") == UINT64_C(0x48434e4931));
}

static void
packs_no_other_text(void **state)
{
	static const char *const texts[] = { "", "U", "US", "usd", "USd", "US ",
		"U-D", "ABCDEFGHI", "USD\n", "\xc3\x89UR", "[AB", "@AB", "/00",
		":00" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (code_pack(texts[i]) != 0)
			fail_msg("\"%s\" was packed", texts[i]);
	}
}

static void
packs_exactly_the_length_given(void **state)
{
	char *text = malloc(3); /* no NUL: a read beyond it is an error */

	(void)state;
	assert_non_null(text);
	memcpy(text, "USD", 3);
	assert_true(code_pack_n(text, 3) == code_pack("USD"));
	assert_true(code_pack_n(text, 2) == 0);
	free(text);
	assert_true(code_pack_n("USDX", 3) == code_pack("USD"));
	assert_true(code_pack_n("USD\0", 4) == 0);
}

static void
unpacks_what_was_packed(void **state)
{
	static const char *const codes[] = { "EUR", "USDT", "A0Z9", "ABCDEFGH",
		"000" };
	char buf[CODE_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_string_equal(code_unpack(code_pack(codes[i]), buf),
		    codes[i]);
}

static void
unpacks_a_foreign_word_printably(void **state)
{
	char buf[CODE_TEXT_MAX];

	(void)state;
	assert_string_equal(code_unpack(0, buf), "");
	assert_string_equal(code_unpack(UINT64_MAX, buf), "????????");
	assert_string_equal(code_unpack(UINT64_C(0x1b0041), buf), "A??");
}

static void
knows_valid_words(void **state)
{
	(void)state;
	assert_true(code_valid(code_pack("EUR")));
	assert_true(code_valid(code_pack("ABCDEFGH")));
	assert_false(code_valid(0));
	assert_false(code_valid(UINT64_C(0x4241)));       /* "AB" */
	assert_false(code_valid(UINT64_C(0x44005355)));   /* a hole */
	assert_false(code_valid(UINT64_C(0x44535500)));   /* at the start */
	assert_false(code_valid(UINT64_C(0x647375)));     /* lower case */
	assert_false(code_valid(UINT64_C(0xff44535500))); /* no code at all */
}

/* All codes of three letters into a table twice their number, as a board's. */
static void
spreads_codes_over_a_table(void **state)
{
	static unsigned char used[1 << 15];
	unsigned full = 0, worst = 0;
	char text[4] = "";

	(void)state;
	for (int i = 0; i < 26 * 26 * 26; i++) {
		unsigned char *cell;

		text[0] = (char)('A' + i / 676);
		text[1] = (char)('A' + i / 26 % 26);
		text[2] = (char)('A' + i % 26);
		cell = &used[code_hash(code_pack(text)) % sizeof(used)];
		full += *cell == 0;
		worst = ++*cell > worst ? *cell : worst;
	}
	/* A random spread fills 32768 * (1 - exp(-17576/32768)) = 13604. */
	assert_in_range(full, 13400, 13800);
	assert_in_range(worst, 1, 10);
}

static void
knows_instance_names(void **state)
{
	(void)state;
	assert_true(instance_valid("default"));
	assert_true(instance_valid("A-z_0"));
	assert_true(instance_valid("12345678901234567890123456789012"));
	assert_false(instance_valid("123456789012345678901234567890123"));
	assert_false(instance_valid(""));
	assert_false(instance_valid("a.b"));
	assert_false(instance_valid("../x"));
	assert_false(instance_valid("a b"));
	assert_false(instance_valid("a\n"));
	assert_false(instance_valid("\xc3\xa9"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packs_first_byte_lowest),
		cmocka_unit_test(packs_no_other_text),
		cmocka_unit_test(packs_exactly_the_length_given),
		cmocka_unit_test(unpacks_what_was_packed),
		cmocka_unit_test(unpacks_a_foreign_word_printably),
		cmocka_unit_test(knows_valid_words),
		cmocka_unit_test(spreads_codes_over_a_table),
		cmocka_unit_test(knows_instance_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
