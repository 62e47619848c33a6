/*
 * What goes to a terminal: whether in colour, how wide, numbers, alignment.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/table.h"
#include "tools/terminal.h"

static void
color_needs_a_terminal_that_can(void **state)
{
	(void)state;
	assert_true(
	    terminal_color_rule(COLOR_AUTO, true, "xterm", NULL, false));
	assert_false(
	    terminal_color_rule(COLOR_AUTO, false, "xterm", NULL, false));
	assert_false(
	    terminal_color_rule(COLOR_AUTO, true, "dumb", NULL, false));
	assert_false(terminal_color_rule(COLOR_AUTO, true, NULL, NULL, false));
}

static void
no_color_counts_unless_empty(void **state)
{
	(void)state;
	assert_false(
	    terminal_color_rule(COLOR_AUTO, true, "xterm", "1", false));
	assert_false(
	    terminal_color_rule(COLOR_AUTO, true, "xterm", "0", false));
	assert_true(terminal_color_rule(COLOR_AUTO, true, "xterm", "", false));
}

static void
force_needs_no_terminal(void **state)
{
	(void)state;
	assert_true(terminal_color_rule(COLOR_AUTO, false, NULL, NULL, true));
	assert_false(terminal_color_rule(COLOR_AUTO, true, "xterm", "1", true));
	assert_false(
	    terminal_color_rule(COLOR_NEVER, true, "xterm", NULL, true));
	assert_true(terminal_forced_rule("1"));
	assert_false(terminal_forced_rule("0"));
	assert_false(terminal_forced_rule(""));
	assert_false(terminal_forced_rule(NULL));
}

static void
the_option_beats_the_environment(void **state)
{
	(void)state;
	assert_true(
	    terminal_color_rule(COLOR_ALWAYS, false, "dumb", "1", false));
	assert_false(
	    terminal_color_rule(COLOR_NEVER, true, "xterm", NULL, false));
}

static void
width_is_the_terminals_first(void **state)
{
	(void)state;
	assert_int_equal(terminal_width_rule(80, "60"), 80);
	assert_int_equal(terminal_width_rule(0, "60"), 60);
	assert_int_equal(terminal_width_rule(0, NULL), 0);
}

static void
width_ignores_a_columns_that_is_no_number(void **state)
{
	static const char *const bad[] = { "", "0", "-80", "80x", " 80",
		"99999999999999999999", "1e3" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(terminal_width_rule(0, bad[i]), 0);
}

static void
expect_number(double value, const char *expected)
{
	char buf[TERMINAL_NUMBER_MAX];

	assert_string_equal(
	    terminal_number(value, buf, sizeof(buf)), expected);
}

static void
numbers_have_six_digits_from_one_up(void **state)
{
	(void)state;
	expect_number(1.1684, "1.16840");
	expect_number(11.1231, "11.1231");
	expect_number(826.08186, "826.082");
	expect_number(4719.303, "4719.30");
	expect_number(20082.05, "20082.05");
	expect_number(3138183673.4, "3138183673");
}

static void
numbers_have_five_digits_below_one(void **state)
{
	(void)state;
	expect_number(0.855871277, "0.85587");
	expect_number(0.041135335, "0.041135");
	expect_number(0.0000512, "0.0000512");
	expect_number(0.00005123456, "0.000051235");
}

static void
extreme_numbers_stay_narrow(void **state)
{
	(void)state;
	expect_number(4.88e-10, "4.8800e-10");
	expect_number(1.5e15, "1.5000e+15");
	expect_number(5e-324, "4.9407e-324");
	expect_number(1.7976931348623157e308, "1.7977e+308");
}

static void
one_and_none_are_short(void **state)
{
	(void)state;
	expect_number(1, "1");
	expect_number(0, "0");
	expect_number(NAN, "-");
	expect_number(-INFINITY, "-");
}

/* Prints the table and compares. */
static void
expect_table(struct table *table, bool color, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(table_print(table, out, color), 0);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, expected);
	free(text);
	table_free(table);
}

static void
fill(struct table *table, size_t columns, const char *const *cells,
    size_t count)
{
	table_begin(table, columns);
	for (size_t i = 0; i < count; i++)
		table_cell(table, STYLE_PLAIN, cells[i]);
}

static void
columns_are_aligned(void **state)
{
	static const char *const cells[] = { "", "EUR", "SOURCE", "1 USD",
		"0.85587", "ecb" };
	struct table table;

	(void)state;
	fill(&table, 3, cells, 6);
	table_align(&table, 0, ALIGN_LEFT);
	table_align(&table, 2, ALIGN_LEFT);
	assert_int_equal(table_width(&table), 5 + 2 + 7 + 2 + 6);
	expect_table(&table, false,
	    "           EUR  SOURCE\n"
	    "1 USD  0.85587  ecb\n");
}

static void
rows_end_without_blanks(void **state)
{
	static const char *const cells[] = { "a", "b", "", "c", "", "" };
	struct table table;

	(void)state;
	fill(&table, 3, cells, 6);
	expect_table(&table, false, "a  b\nc\n");
}

static void
empty_and_hidden_columns_take_no_room(void **state)
{
	static const char *const cells[] = { "a", "", "hidden", "b" };
	struct table table;

	(void)state;
	fill(&table, 4, cells, 4);
	assert_int_equal(table_column_width(&table, 1), 0);
	assert_int_equal(table_column_width(&table, 2), 6 + TABLE_GAP);
	table_hide(&table, 2);
	assert_int_equal(table_width(&table), 4);
	expect_table(&table, false, "a  b\n");
}

static void
color_adds_no_width(void **state)
{
	struct table table;

	(void)state;
	table_begin(&table, 2);
	table_cell(&table, STYLE_HEAD, "A");
	table_cell(&table, STYLE_PLAIN, "B");
	table_cell(&table, STYLE_STALE, "1");
	table_cell(&table, STYLE_FAILED, "22");
	expect_table(&table, true,
	    "\033[1mA\033[0m   B\n\033[33m1\033[0m  \033[31m22\033[0m\n");
}

static void
a_big_table_grows(void **state)
{
	const unsigned columns = 300;
	struct table table;
	char text[16];

	(void)state;
	table_begin(&table, columns);
	for (unsigned i = 0; i < columns * columns; i++) {
		snprintf(text, sizeof(text), "%u", i);
		table_cell(&table, STYLE_PLAIN, text);
	}
	assert_false(table.failed);
	assert_int_equal(table.cell_count, columns * columns);
	assert_memory_equal(
	    table.text + table.cells[columns * columns - 1].at, "89999", 5);
	table_free(&table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(color_needs_a_terminal_that_can),
		cmocka_unit_test(no_color_counts_unless_empty),
		cmocka_unit_test(force_needs_no_terminal),
		cmocka_unit_test(the_option_beats_the_environment),
		cmocka_unit_test(width_is_the_terminals_first),
		cmocka_unit_test(width_ignores_a_columns_that_is_no_number),
		cmocka_unit_test(numbers_have_six_digits_from_one_up),
		cmocka_unit_test(numbers_have_five_digits_below_one),
		cmocka_unit_test(extreme_numbers_stay_narrow),
		cmocka_unit_test(one_and_none_are_short),
		cmocka_unit_test(columns_are_aligned),
		cmocka_unit_test(rows_end_without_blanks),
		cmocka_unit_test(empty_and_hidden_columns_take_no_room),
		cmocka_unit_test(color_adds_no_width),
		cmocka_unit_test(a_big_table_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
