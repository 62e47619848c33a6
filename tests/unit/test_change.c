/*
 * What `ratesctl watch` calls a change of a row.
 */
#include "tools/change.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct seen before = {
	.row = { .version = 5,
	    .attempts = 7,
	    .published_form = RATES_PUBLISHED_DAY,
	    .published = 1000,
	    .changed = 2000,
	    .source = "ecb",
	    .attempt = "ok",
	    .attempt_source = "ecb" },
	.state = FRESHNESS_FRESH,
};

static struct seen
answered(void)
{
	struct seen now = before;

	now.row.version++;
	now.row.attempts++;
	return now;
}

static struct seen
failed(const struct seen *from, const char *class)
{
	struct seen now = *from;

	now.row.attempts++;
	now.row.failures++;
	now.row.attempt = class;
	return now;
}

static void
the_same_row_is_no_change(void **state)
{
	(void)state;
	assert_int_equal(change_of(&before, &before, false), 0);
}

static void
numbers_are_told_before_all_else_of_them(void **state)
{
	struct seen now = answered();

	(void)state;
	now.row.published = 3000;
	assert_int_equal(change_of(&before, &now, true), CHANGE_BIT(NUMBERS));
}

static void
the_same_numbers_are_published_or_only_fetched(void **state)
{
	struct seen now = answered();

	(void)state;
	assert_int_equal(change_of(&before, &now, false), CHANGE_BIT(FETCHED));
	now.row.published = 3000;
	assert_int_equal(
	    change_of(&before, &now, false), CHANGE_BIT(PUBLISHED));
	now = answered();
	strcpy(now.row.source, "other");
	assert_int_equal(
	    change_of(&before, &now, false), CHANGE_BIT(PUBLISHED));
}

static void
a_change_there_and_back_is_one(void **state)
{
	struct seen now = answered();

	(void)state;
	now.row.changed = 4000;
	assert_int_equal(change_of(&before, &now, false), CHANGE_BIT(FETCHED));
	now.row.version++;
	assert_int_equal(change_of(&before, &now, false), CHANGE_BIT(NUMBERS));
	now.row.changed = before.row.changed;
	assert_int_equal(change_of(&before, &now, false), CHANGE_BIT(FETCHED));
}

static void
answers_between_are_counted(void **state)
{
	struct seen now = before;

	(void)state;
	assert_int_equal(change_skipped(&before, &now), 0);
	now.row.version = 6;
	assert_int_equal(change_skipped(&before, &now), 0);
	now.row.version = 9;
	assert_int_equal(change_skipped(&before, &now), 3);
	now.row.version = 1; /* a board that began anew */
	assert_int_equal(change_skipped(&before, &now), 0);
}

static void
a_failure_is_told_once(void **state)
{
	struct seen one = failed(&before, "http"), two, ok;

	(void)state;
	assert_int_equal(change_of(&before, &one, false), CHANGE_BIT(FAILED));
	two = failed(&one, "http");
	assert_int_equal(change_of(&one, &two, false), CHANGE_BIT(AGAIN));
	two = failed(&one, "timeout");
	assert_int_equal(change_of(&one, &two, false), CHANGE_BIT(FAILED));
	ok = answered();
	ok.row.attempts = two.row.attempts + 1;
	assert_int_equal(change_of(&two, &ok, false),
	    CHANGE_BIT(FETCHED) | CHANGE_BIT(RECOVERED));
}

static void
a_held_answer_is_no_failure(void **state)
{
	struct seen held = failed(&before, "held"), accepted, ok;

	(void)state;
	held.held = true;
	held.held_mark = 1;
	assert_int_equal(change_of(&before, &held, false), CHANGE_BIT(HELD));
	ok = before; /* what is held came to the board before the attempt */
	ok.held = true;
	ok.held_mark = 1;
	assert_int_equal(change_of(&before, &ok, false), CHANGE_BIT(HELD));
	assert_int_equal(change_of(&ok, &held, false), 0);
	accepted = held;
	accepted.accepted = true;
	assert_int_equal(
	    change_of(&held, &accepted, false), CHANGE_BIT(ACCEPTED));
	ok = answered();
	ok.row.attempts = held.row.attempts + 1;
	assert_int_equal(change_of(&accepted, &ok, true),
	    CHANGE_BIT(NUMBERS) | CHANGE_BIT(RELEASED));
	ok = held;
	ok.held_mark = 2;
	assert_int_equal(change_of(&held, &ok, false), CHANGE_BIT(HELD));
}

static void
a_state_is_told_but_for_a_first_answer(void **state)
{
	struct seen now = before, empty = { .row.attempt = "none",
		.state = FRESHNESS_EMPTY };

	(void)state;
	now.state = FRESHNESS_STALE;
	assert_int_equal(change_of(&before, &now, false), CHANGE_BIT(STATE));
	assert_int_equal(
	    change_of(&empty, &before, true), CHANGE_BIT(NUMBERS));
}

static void
none_and_a_number_differ(void **state)
{
	(void)state;
	assert_false(change_differs(NAN, NAN));
	assert_true(change_differs(NAN, 1));
	assert_true(change_differs(1, NAN));
	assert_true(change_differs(1, nextafter(1, 2)));
}

static void
percent(double old, double new, const char *wanted)
{
	char text[CHANGE_TEXT_MAX];

	assert_string_equal(
	    change_percent(old, new, text, sizeof(text)), wanted);
}

static void
a_movement_is_never_told_as_none(void **state)
{
	(void)state;
	percent(1, 1, "0%");
	percent(NAN, NAN, "0%");
	percent(NAN, 1, "new");
	percent(1, NAN, "gone");
	percent(4, 4.1, "+2.50%");
	percent(4, 3.9, "-2.50%");
	percent(1, 1.0004, "+0.040%");
	percent(1, 1.000003, "+0.00030%");
	percent(1, 1.00000006, "+0.000006%");
	percent(1, 1.0000000001, "+1e-08%");
	percent(1, 82, "+8100%");
	percent(1, 1e6, "+1e+08%");
}

static void
numbers_that_would_look_the_same_get_all_digits(void **state)
{
	char old[64], new[64];

	(void)state;
	change_numbers(1.16, 1.17, old, new, sizeof(old));
	assert_string_equal(old, "1.16000");
	assert_string_equal(new, "1.17000");
	change_numbers(1.1600001, 1.1600002, old, new, sizeof(old));
	assert_string_equal(old, "1.1600001");
	assert_string_equal(new, "1.1600002");
	change_numbers(NAN, 28000, old, new, sizeof(old));
	assert_string_equal(old, "-");
	assert_string_equal(new, "28000.00");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_row_is_no_change),
		cmocka_unit_test(numbers_are_told_before_all_else_of_them),
		cmocka_unit_test(
		    the_same_numbers_are_published_or_only_fetched),
		cmocka_unit_test(a_change_there_and_back_is_one),
		cmocka_unit_test(answers_between_are_counted),
		cmocka_unit_test(a_failure_is_told_once),
		cmocka_unit_test(a_held_answer_is_no_failure),
		cmocka_unit_test(a_state_is_told_but_for_a_first_answer),
		cmocka_unit_test(none_and_a_number_differ),
		cmocka_unit_test(a_movement_is_never_told_as_none),
		cmocka_unit_test(
		    numbers_that_would_look_the_same_get_all_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
