#include "base/text.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *
clean(const char *text)
{
	static char buf[64];

	return text_clean(buf, sizeof(buf), text, strlen(text));
}

static void
clean_keeps_printable_ascii(void **state)
{
	(void)state;
	assert_string_equal(clean("a!~Z 9"), "a!~Z 9");
	assert_string_equal(clean(""), "");
}

static void
clean_shows_no_control_and_no_high_byte(void **state)
{
	char buf[300], all[255];

	(void)state;
	assert_string_equal(clean("\033[2J\007\177"), "?[2J??");
	assert_string_equal(clean("\xc3\xa9"), "??");
	assert_string_equal(text_clean(buf, sizeof(buf), "a\0b", 3), "a?b");
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)(i + 1);
	text_clean(buf, sizeof(buf), all, sizeof(all));
	for (const char *p = buf; *p != '\0'; p++)
		assert_in_range(*p, ' ', '~');
}

static void
clean_makes_blanks_one(void **state)
{
	(void)state;
	assert_string_equal(clean("a \t\r\n b"), "a b");
	assert_string_equal(clean("\n\na\n"), " a ");
}

static void
clean_cuts_to_fit(void **state)
{
	char buf[4] = "xxx";

	(void)state;
	assert_string_equal(text_clean(buf, sizeof(buf), "abcdef", 6), "abc");
	assert_string_equal(text_clean(buf, sizeof(buf), "abcdef", 2), "ab");
	assert_string_equal(text_clean(buf, 1, "abcdef", 6), "");
	buf[0] = 'k';
	text_clean(buf, 0, "abcdef", 6);
	assert_int_equal(buf[0], 'k');
}

static void
format_cuts_to_fit(void **state)
{
	char buf[5];

	(void)state;
	assert_string_equal(text_format(buf, sizeof(buf), "%d", 1234), "1234");
	assert_string_equal(text_format(buf, sizeof(buf), "%d", 12345), "1234");
	assert_string_equal(text_format(buf, sizeof(buf), "%s", ""), "");
}

static void
append_goes_on_and_cuts_to_fit(void **state)
{
	char buf[8] = "";

	(void)state;
	assert_string_equal(text_append(buf, sizeof(buf), "%s", "ab"), "ab");
	assert_string_equal(text_append(buf, sizeof(buf), "%d", 34), "ab34");
	assert_string_equal(text_append(buf, sizeof(buf), "56789"), "ab34567");
	assert_string_equal(text_append(buf, sizeof(buf), "x"), "ab34567");
}

static void
distance_counts_edits(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned distance;
	} rows[] = { { "", "", 0 }, { "", "abc", 3 }, { "show", "show", 0 },
		{ "show", "shwo", 1 }, { "show", "how", 1 },
		{ "show", "shows", 1 }, { "show", "shot", 1 },
		{ "kitten", "sitting", 3 }, { "ca", "abc", 3 },
		{ "abcd", "badc", 2 }, { "status", "sources", 5 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(text_distance(rows[i].a, rows[i].b),
		    rows[i].distance);
		assert_int_equal(text_distance(rows[i].b, rows[i].a),
		    rows[i].distance);
	}
}

static void
distance_of_a_long_text_is_far(void **state)
{
	char at_bound[33], over[34];

	(void)state;
	memset(at_bound, 'a', sizeof(at_bound));
	at_bound[32] = '\0';
	memset(over, 'a', sizeof(over));
	over[33] = '\0';
	assert_int_equal(text_distance(at_bound, ""), 32);
	assert_true(text_distance(over, over) == UINT_MAX);
	assert_true(text_distance("a", over) == UINT_MAX);
	assert_true(text_distance(over, "a") == UINT_MAX);
}

static void
what_is_near_may_be_hinted_at(void **state)
{
	static const struct {
		const char *word, *candidate;
		bool near;
	} rows[] = { { "shwo", "show", true }, { "foo", "show", false },
		{ "USX", "USD", true }, { "XXX", "EUR", false },
		{ "UXX", "USD", false }, { "json", "top", false },
		{ "reload", "refresh", false }, { "staus", "status", true },
		{ "even", "half-even", true }, { "ev", "half-even", false },
		{ "statsu", "status", true }, { "sratsu", "status", true },
		{ "", "show", false }, { "", "", true }, { "x", "y", false } };
	unsigned edits;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(text_near(rows[i].word, rows[i].candidate,
				&edits) == rows[i].near);
		assert_int_equal(
		    edits, text_distance(rows[i].word, rows[i].candidate));
	}
}

static void
redact_masks_a_secret_in_each_form(void **state)
{
	static const struct {
		const char *secret, *text, *redacted;
	} rows[] = {
		{ "", "abc", "abc" },
		{ "key1", "", "" },
		{ "key1", "key1", "***" },
		{ "key1", "a key1 and key1key1", "a *** and ******" },
		{ "key1", "key2 KEY1 ke y1", "key2 KEY1 ke y1" },
		{ "key1", "%6Bey1 %6b%65%79%31", "*** ***" },
		{ "a b&c", "x=a+b%26c&y=a%20b&c a b&c", "x=***&y=*** ***" },
		{ "50%", "50% 50%25", "*** ***" },
		{ "%41b", "A%41b %2541b", "A*** ***" },
		{ "aab", "aaab", "a***" },
		{ "e", "get", "g***t" },
		/* Cut: 4 bytes or more at the end, also amid an encoding. */
		{ "secret-key", "is secret-k", "is ***" },
		{ "secret-key", "is secr", "is ***" },
		{ "secret-key", "is sec", "is sec" },
		{ "secret-key", "secret and", "secret and" },
		{ "secr&t", "is secr%2", "is ***" },
		{ "0123456789abcdef", "\"0123456789abc is no rate",
		    "\"*** is no rate" },
		{ "0123456789abcdef", "0123456789a is no rate",
		    "0123456789a is no rate" },
		{ "secr&t", "is secr%", "is ***" },
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text_format(buf, sizeof(buf), "%s", rows[i].text);
		assert_string_equal(
		    text_redact(buf, sizeof(buf), rows[i].secret),
		    rows[i].redacted);
	}
}

static void
redact_cuts_to_fit(void **state)
{
	char buf[9];

	(void)state;
	for (size_t size = 1; size <= 8; size++) {
		memset(buf, '+', sizeof(buf));
		text_format(buf, size, "%s", "eeeeeeee");
		text_redact(buf, size, "e");
		assert_int_equal(strlen(buf), size - 1);
		assert_int_equal(strspn(buf, "*"), size - 1);
		assert_int_equal(buf[size], '+');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean_keeps_printable_ascii),
		cmocka_unit_test(clean_shows_no_control_and_no_high_byte),
		cmocka_unit_test(clean_makes_blanks_one),
		cmocka_unit_test(clean_cuts_to_fit),
		cmocka_unit_test(format_cuts_to_fit),
		cmocka_unit_test(append_goes_on_and_cuts_to_fit),
		cmocka_unit_test(redact_masks_a_secret_in_each_form),
		cmocka_unit_test(redact_cuts_to_fit),
		cmocka_unit_test(distance_counts_edits),
		cmocka_unit_test(distance_of_a_long_text_is_far),
		cmocka_unit_test(what_is_near_may_be_hinted_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
