/*
 * The parts of `ratesctl watch --top` that need neither board nor terminal:
 * sparklines, history, keys, lines cut to a width, and what fits where.
 */
#include "tools/top.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tools/keys.h"
#include "tools/spark.h"

/* --- sparklines ----------------------------------------------------------- */

static void
bars(const double *values, unsigned count, unsigned width, const char *wanted)
{
	char text[64];

	assert_string_equal(
	    spark(values, count, width, false, text, sizeof(text)), wanted);
}

static void
bars_go_from_the_lowest_to_the_highest(void **state)
{
	static const double values[] = { 1, 2, 3, 4, NAN, 4, 1 };

	(void)state;
	bars(values, 7, 10, "_.-^ ^_");
	bars(values, 7, 3, " ^_");
	bars(values, 0, 10, "");
	bars((const double[]){ NAN, NAN }, 2, 10, "  ");
}

static void
values_without_a_range_are_half_way_up(void **state)
{
	(void)state;
	bars((const double[]){ 5, 5, 5 }, 3, 10, "...");
	bars((const double[]){ 1e300, -1e300, 0 }, 3, 10, "^_-");
}

static void
blocks_are_utf8(void **state)
{
	static const double values[] = { 0, 6, 3 };
	char text[3 * SPARK_BYTES + 1];

	(void)state;
	assert_string_equal(spark(values, 3, 3, true, text, sizeof(text)),
	    "\342\226\201\342\226\207\342\226\204");
}

/* --- history -------------------------------------------------------------- */

static void
the_last_values_are_kept(void **state)
{
	struct history history = { 0 };
	const struct history_pair *pair;
	double values[HISTORY_VALUES];

	(void)state;
	assert_int_equal(history_begin(&history, 2, 3), 0);
	pair = history_of(&history, 1, 2);
	assert_true(isnan(history_before(pair)));
	for (int i = 0; i < HISTORY_VALUES + 5; i++)
		history_add(&history, 1, 2, i, 100 + i);
	assert_int_equal(history_values(pair, values), HISTORY_VALUES);
	assert_true(values[0] == 5);
	assert_true(values[HISTORY_VALUES - 1] == HISTORY_VALUES + 4);
	assert_true(history_before(pair) == HISTORY_VALUES + 3);
	assert_true(pair->first == 0);
	assert_int_equal(pair->moved, 100 + HISTORY_VALUES + 4);
	assert_int_equal(
	    history_values(history_of(&history, 0, 0), values), 0);
	assert_null(history_of(&history, 2, 0));
	history_end(&history);
}

static void
the_first_value_is_no_movement(void **state)
{
	struct history history = { 0 };

	(void)state;
	assert_int_equal(history_begin(&history, 1, 1), 0);
	history_add(&history, 0, 0, 1, 100);
	assert_int_equal(history_of(&history, 0, 0)->moved, 0);
	history_end(&history);
}

static void
too_many_pairs_have_no_history(void **state)
{
	struct history history = { 0 };

	(void)state;
	assert_int_equal(history_begin(&history, 1024, 1024), 0);
	history_add(&history, 0, 0, 1, 1);
	assert_null(history_of(&history, 0, 0));
	history_end(&history);
}

/* --- keys ----------------------------------------------------------------- */

static enum key
typed(const char *bytes)
{
	struct keys keys = { 0 };
	enum key key = KEY_NONE;

	for (; *bytes != '\0'; bytes++) {
		assert_int_equal(key, KEY_NONE);
		key = keys_next(&keys, *bytes);
	}
	return key;
}

static void
keys_come_as_letters_and_as_sequences(void **state)
{
	(void)state;
	assert_int_equal(typed("q"), KEY_QUIT);
	assert_int_equal(typed("\t"), KEY_VIEW);
	assert_int_equal(typed("\033[A"), KEY_UP);
	assert_int_equal(typed("\033OB"), KEY_DOWN);
	assert_int_equal(typed("\033[1;5C"), KEY_RIGHT);
	assert_int_equal(typed("\033[5~"), KEY_PAGE_UP);
	assert_int_equal(typed("\033[6~"), KEY_PAGE_DOWN);
	assert_int_equal(typed("\033[1~"), KEY_HOME);
	assert_int_equal(typed("\033OF"), KEY_END);
}

static void
a_sequence_of_nothing_is_swallowed(void **state)
{
	(void)state;
	assert_int_equal(typed("\033[15~q"), KEY_QUIT);
	assert_int_equal(typed("\033[999999999999~q"), KEY_QUIT);
	assert_int_equal(typed("\033[?1;2cq"), KEY_QUIT);
	assert_int_equal(typed("\033\033[A"), KEY_UP);
	assert_int_equal(typed("\033q"), KEY_QUIT);
	assert_int_equal(typed("\377\001x"), KEY_NONE);
}

/* --- lines ---------------------------------------------------------------- */

static void
expect_line(struct paint *paint, const char *wanted)
{
	char *text = paint_end(paint);

	assert_string_equal(text, wanted);
	free(text);
}

static void
a_line_is_cut_by_characters(void **state)
{
	struct paint p;

	(void)state;
	paint_begin(&p, 5, false);
	paint_text(&p, STYLE_PLAIN, "a\342\226\262b");
	paint_text(&p, STYLE_PLAIN, "\342\226\262\342\226\274c");
	assert_int_equal(paint_left(&p), 0);
	expect_line(&p, "a\342\226\262b\342\226\262\342\226\274");
}

static void
a_line_has_no_limit_with_width_0(void **state)
{
	struct paint p;

	(void)state;
	paint_begin(&p, 0, false);
	paint_text(&p, STYLE_PLAIN, "%200s", "x");
	paint_to(&p, 210);
	paint_text(&p, STYLE_PLAIN, "y");
	assert_int_equal(p.used, 211);
	free(paint_end(&p));
}

static void
styles_are_closed_and_blanks_dropped(void **state)
{
	struct paint p;

	(void)state;
	paint_begin(&p, 3, true);
	paint_text(&p, STYLE_FAILED, "abcdef");
	paint_text(&p, STYLE_FAILED, "g");
	expect_line(&p, "\033[31mabc\033[0m");
	paint_begin(&p, 9, true);
	paint_text(&p, STYLE_PLAIN, "a  ");
	expect_line(&p, "a");
	paint_begin(&p, 9, true);
	expect_line(&p, "");
}

/* --- what fits ------------------------------------------------------------ */

#define COUNT 4

static char codes[COUNT][RATES_CODE_MAX] = { "EUR", "USD", "IDR", "VND" };
static unsigned list[COUNT] = { 0, 1, 2, 3 };
static double numbers[COUNT * COUNT];
static struct seen rows[COUNT];
static unsigned widths[COUNT] = { 10, 10, 10, 10 };
static char *lines[64];

static struct top
made(unsigned columns, unsigned room)
{
	static const double of_usd[COUNT] = { 0.855, 1, 17188, 28000 };
	struct top top = { .widths = widths,
		.screen = { .rows = room,
		    .columns = columns,
		    .lines = lines } };

	for (unsigned b = 0; b < COUNT; b++) {
		rows[b] = (struct seen){ .row = { .version = 1,
						 .attempt = "ok",
						 .source = "ecb" },
			/* "now", however long the test takes */
			.boot = clock_boot() + 60 * CLOCK_SECOND,
			.state = FRESHNESS_FRESH };
		for (unsigned q = 0; q < COUNT; q++)
			numbers[b * COUNT + q] = of_usd[q] / of_usd[b];
	}
	top.follow = (struct follow){ .count = COUNT,
		.codes = codes,
		.rows = rows,
		.numbers = numbers,
		.bases = { .list = list, .count = COUNT },
		.quotes = { .list = list, .count = COUNT } };
	return top;
}

static void
forget(struct top *top)
{
	for (unsigned i = 0; i < top->screen.line_count; i++)
		free(lines[i]);
	top->screen.line_count = 0;
}

static void
a_matrix_is_as_wide_as_it_fits(void **state)
{
	struct top top = made(80, 10);

	(void)state;
	top_matrix(&top, 10);
	assert_int_equal(top.screen.line_count, 1 + COUNT);
	assert_int_equal(top.columns_shown, COUNT);
	assert_string_equal(lines[2],
	    "1 USD    0.85500           1    17188.00    28000.00 "
	    "          now  ecb");
	assert_string_equal(lines[4],
	    "1 VND 0.000030536  0.000035714     0.61386           1 "
	    "          now  ecb");
	forget(&top);
}

static void
a_narrow_matrix_leaves_out_columns(void **state)
{
	struct top top = made(40, 10);

	(void)state;
	top_matrix(&top, 10);
	assert_int_equal(top.columns_shown, 1);
	assert_string_equal(lines[0], "             EUR           AGE");
	forget(&top);
	top.column = 3;
	top_matrix(&top, 3);
	assert_int_equal(top.rows_shown, 2);
	assert_string_equal(lines[0], "             VND           AGE");
	forget(&top);
}

static void
no_line_is_wider_than_the_terminal(void **state)
{
	(void)state;
	for (unsigned columns = 1; columns < 220; columns++)
		for (int pairs = 0; pairs < 2; pairs++) {
			struct top top = made(columns, 12);

			top.pairs = pairs;
			if (pairs)
				top_pairs(&top, 12);
			else
				top_matrix(&top, 12);
			assert_in_range(top.screen.line_count, 1, 12);
			for (unsigned i = 0; i < top.screen.line_count; i++)
				assert_in_range(
				    strlen(lines[i]), 0, columns);
			forget(&top);
		}
}

static void
pairs_are_of_two_currencies(void **state)
{
	struct top top = made(80, 40);

	(void)state;
	top.pairs = true;
	assert_int_equal(top_lines(&top), COUNT * (COUNT - 1));
	top_pairs(&top, 40);
	assert_int_equal(top.rows_shown, COUNT * (COUNT - 1));
	assert_memory_equal(lines[1], "EUR/USD", 7);
	assert_memory_equal(lines[4], "USD/EUR", 7);
	forget(&top);
	top.row = 11;
	top_pairs(&top, 40);
	assert_int_equal(top.rows_shown, 1);
	assert_memory_equal(lines[1], "VND/IDR", 7);
	forget(&top);
}

static void
marks_need_no_colour(void **state)
{
	struct top top = made(80, 10);

	(void)state;
	assert_int_equal(history_begin(&top.history, COUNT, COUNT), 0);
	top.mono = clock_mono();
	history_add(&top.history, 0, 1, 1.16, top.mono);
	history_add(&top.history, 0, 1, 1.1695, top.mono);
	history_add(&top.history, 0, 2, 30000, top.mono);
	history_add(&top.history, 0, 2, 20103, top.mono - TOP_NEWS);
	rows[0].state = FRESHNESS_STALE;
	rows[0].row.attempt = "http";
	top_matrix(&top, 10);
	assert_non_null(strstr(lines[1], "1.16959^"));
	assert_non_null(strstr(lines[1], "20102.92 "));
	assert_non_null(strstr(lines[1], "  S!  "));
	assert_null(strchr(lines[1], '\033'));
	history_end(&top.history);
	forget(&top);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bars_go_from_the_lowest_to_the_highest),
		cmocka_unit_test(values_without_a_range_are_half_way_up),
		cmocka_unit_test(blocks_are_utf8),
		cmocka_unit_test(the_last_values_are_kept),
		cmocka_unit_test(the_first_value_is_no_movement),
		cmocka_unit_test(too_many_pairs_have_no_history),
		cmocka_unit_test(keys_come_as_letters_and_as_sequences),
		cmocka_unit_test(a_sequence_of_nothing_is_swallowed),
		cmocka_unit_test(a_line_is_cut_by_characters),
		cmocka_unit_test(a_line_has_no_limit_with_width_0),
		cmocka_unit_test(styles_are_closed_and_blanks_dropped),
		cmocka_unit_test(a_matrix_is_as_wide_as_it_fits),
		cmocka_unit_test(a_narrow_matrix_leaves_out_columns),
		cmocka_unit_test(no_line_is_wider_than_the_terminal),
		cmocka_unit_test(pairs_are_of_two_currencies),
		cmocka_unit_test(marks_need_no_colour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
