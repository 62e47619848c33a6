#include "board/saved.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/hash.h"
#include "board/adopt.h"
#include "board/attach.h"
#include "board/saved_sources.h"

#include "boards.h"

#define HOUR (3600 * CLOCK_SECOND)
#define LIST "EUR USD PLN"
#define ROW_MAX (ROW_META + BOARD_CURRENCIES_MAX)

/* The file as it is documented: word numbers. */
#define AT_MAGIC 0
#define AT_VERSION 1 /* and the byte order, 32 bits each */
#define AT_CHECK 2
#define AT_SIZE 3
#define AT_BOOT_ID 6
#define AT_DIMENSIONS 11 /* currencies and fields, 32 bits each */
#define AT_SOURCES 12    /* and the words of each, 32 bits each */
#define HEADER 13
#define FIELD 4 /* three words of name, one of words */

/* What a test has, so that its end can free it all. */
static struct attached image;
static uint64_t *file;
static size_t size;

static int
begin(void **state)
{
	(void)state;
	return boards_begin("saved", 120);
}

static int
end(void **state)
{
	(void)state;
	detach(&image);
	free(file);
	file = NULL;
	return boards_end();
}

/* --- boards -------------------------------------------------------------- */

/* The board to save: it has the name, so that another one can be made. */
static void
open_board(const char *list)
{
	board = create(list);
	publish_board(board);
}

static void
open_next(const char *list)
{
	next = create(list);
}

static struct attached
view_of(const struct board *of)
{
	return (struct attached){ .map = of->map, .shape = of->shape };
}

static void
put_good(uint32_t row, const double *numbers, int64_t wall, int64_t boot)
{
	put(board, good_answer(row, numbers, wall, boot));
}

static void
put_failure(uint32_t row, const char *text)
{
	put(board, failure(row, text, 1000, 2000));
}

/* Rows of each kind: an odd sequence, an even one with a failure, none. */
static void
open_filled_board(void)
{
	static const double fewer[] = { 0.8559, 1, NAN };

	open_board(LIST);
	put_good(0, three, 5000, 6000);
	put_good(1, fewer, 7000, 8000);
	put_failure(1, "HTTP 500 and a text of some length");
}

static struct board_row *
row_at(const struct attached *of, uint32_t i)
{
	return board_row(of->map, &of->shape, i);
}

static uint64_t
read_row(const struct attached *of, uint32_t i, uint64_t words[ROW_MAX])
{
	uint64_t seq = 0;

	assert_int_equal(attached_read(of, i, 0,
			     ROW_META + of->shape.currencies, words, &seq),
	    0);
	return seq;
}

static uint64_t
word_of(const struct board *of, uint32_t row, size_t at)
{
	struct attached view = view_of(of);
	uint64_t words[ROW_MAX];

	read_row(&view, row, words);
	return words[at];
}

static int64_t
age_of(const struct board *of, uint32_t row)
{
	return clock_boot() - (int64_t)word_of(of, row, ROW_AT_fetched_boot);
}

/* --- files --------------------------------------------------------------- */

static void
compose(void)
{
	struct attached view = view_of(board);

	free(file);
	file = saved_compose(&view, &size);
	assert_non_null(file);
	assert_int_equal(size % 8, 0);
}

static void
set_check(void)
{
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < size / 8; i++)
		if (i != AT_CHECK)
			hash = hash_word(hash, file[i]);
	file[AT_CHECK] = hash;
}

static void
set_size(void)
{
	file[AT_SIZE] = size;
	set_check();
}

static void
set_half(size_t at, bool high, uint32_t value)
{
	memcpy((uint32_t *)(file + at) + (high ? 1 : 0), &value, sizeof(value));
}

static uint32_t
currencies(void)
{
	return (uint32_t)file[AT_DIMENSIONS];
}

static uint32_t
field_count(void)
{
	return (uint32_t)(file[AT_DIMENSIONS] >> 32);
}

/* What follows the rows, in words. */
static size_t
sources_size(void)
{
	return saved_sources_size((uint32_t)file[AT_SOURCES],
	    (uint32_t)(file[AT_SOURCES] >> 32));
}

static size_t
codes_at(void)
{
	return HEADER + (size_t)field_count() * FIELD;
}

static void
parses(void)
{
	const char *fault;

	detach(&image);
	fault = saved_parse(file, size, &image);
	if (fault != NULL)
		fail_msg("%s", fault);
	assert_non_null(image.map);
}

static void
refused(const char *why)
{
	const char *fault;

	memset(&image, 0xff, sizeof(image));
	fault = saved_parse(file, size, &image);
	assert_null(image.map);
	assert_non_null(fault);
	if (why != NULL)
		assert_string_equal(fault, why);
}

/* The file into a new board of these currencies. */
static void
restore(const char *list)
{
	parses();
	open_next(list);
	adopt(next, &image);
}

/* --- files of other fields ----------------------------------------------- */

struct column {
	const char *name;
	uint64_t words;
};

#define COLUMNS_MAX 70

static struct column columns[COLUMNS_MAX];
static uint32_t column_count;

static void
add_column(const char *name, uint64_t words)
{
	assert_true(column_count < COLUMNS_MAX);
	columns[column_count++] = (struct column){ name, words };
}

static const struct column own[] = {
#define X(name, words) { #name, words },
	ROW_WORDS(X)
#undef X
};
#define OWN (sizeof(own) / sizeof(own[0]))

/* All fields but one; NULL: all. */
static void
add_own_columns(const char *but)
{
	for (size_t i = 0; i < OWN; i++)
		if (but == NULL || strcmp(own[i].name, but) != 0)
			add_column(own[i].name, own[i].words);
}

static void
add_own_columns_backwards(void)
{
	for (size_t i = OWN; i-- > 0;)
		add_column(own[i].name, own[i].words);
}

/* The words of a field in a row of the file that this version writes. */
static const uint64_t *
own_words(const uint64_t *row, const struct column *column)
{
	for (size_t i = 0; i < OWN; row += own[i++].words)
		if (strcmp(own[i].name, column->name) == 0 &&
		    own[i].words == column->words)
			return row;
	return NULL;
}

static size_t
column_words(void)
{
	size_t words = 0;

	for (uint32_t i = 0; i < column_count; i++)
		words += columns[i].words;
	return words;
}

static uint64_t *
put_columns(uint64_t *to)
{
	for (uint32_t i = 0; i < column_count; i++, to += FIELD) {
		strlcpy((char *)to, columns[i].name, 24);
		to[3] = columns[i].words;
	}
	return to;
}

static uint64_t *
put_row(uint64_t *to, const uint64_t *from, uint32_t count)
{
	*to++ = *from++;
	for (uint32_t i = 0; i < column_count; i++) {
		const uint64_t *words = own_words(from, &columns[i]);

		for (uint64_t w = 0; w < columns[i].words; w++)
			*to++ = words != NULL ? words[w] : 0xdeadbeef;
	}
	memcpy(to, from + ROW_META, count * 8);
	return to + count;
}

/* The file anew with those columns; what they lack is some number. */
static void
rewrite(void)
{
	uint32_t n = currencies();
	size_t words = HEADER + FIELD * column_count + n +
	    n * (1 + column_words() + n) + sources_size();
	uint64_t *anew = calloc(words, 8), *to = anew + HEADER;
	const uint64_t *from = file + codes_at();

	assert_non_null(anew);
	memcpy(anew, file, HEADER * 8);
	to = put_columns(to);
	memcpy(to, from, n * 8);
	to += n;
	from += n;
	for (uint32_t i = 0; i < n; i++, from += 1 + ROW_META + n)
		to = put_row(to, from, n);
	memcpy(to, from, sources_size() * 8);
	to += sources_size();
	assert_ptr_equal(to, anew + words);
	free(file);
	file = anew;
	size = words * 8;
	set_half(AT_DIMENSIONS, true, column_count);
	set_size();
	column_count = 0;
}

/* A file of so many currencies, C0000 and on, no field and one source. */
static void
write_plain_file(uint32_t count)
{
	char code[CODE_TEXT_MAX];
	uint64_t header[HEADER];

	open_board("EUR");
	compose();
	memcpy(header, file, sizeof(header));
	free(file);
	size = 8 *
	    (HEADER + (size_t)count * (2 + (size_t)count) +
		saved_sources_size(1, 0));
	file = calloc(1, size);
	assert_non_null(file);
	memcpy(file, header, sizeof(header));
	set_half(AT_DIMENSIONS, false, count);
	set_half(AT_DIMENSIONS, true, 0);
	set_half(AT_SOURCES, false, 1);
	set_half(AT_SOURCES, true, 0);
	for (uint32_t i = 0; i < count; i++) {
		snprintf(code, sizeof(code), "C%04u", i % 10000);
		file[HEADER + i] = code_pack(code);
	}
	set_size();
}

/* --- what comes back ----------------------------------------------------- */

/* The row of each board, word for word; its sequence never goes back. */
static void
same_row(uint32_t from, uint32_t to)
{
	struct attached old = view_of(board), new = view_of(next);
	uint64_t a[ROW_MAX], b[ROW_MAX];
	uint64_t before = read_row(&old, from, a), after;

	after = read_row(&new, to, b);
	assert_memory_equal(a, b, (ROW_META + old.shape.currencies) * 8);
	assert_in_range(after, before, before + 1);
	assert_int_equal(after % 2, 0);
	assert_true(attached_sound(&new, b));
}

static void
is_empty(uint32_t row)
{
	struct attached view = view_of(next);
	uint64_t words[ROW_MAX];

	assert_int_equal(read_row(&view, row, words), 0);
	for (size_t w = 0; w < ROW_META; w++)
		assert_true(w == ROW_AT_check || words[w] == 0);
	for (uint32_t q = 0; q < next->shape.currencies; q++)
		assert_true(words[ROW_META + q] == BOARD_ABSENT);
	assert_true(attached_sound(&view, words));
}

static void
a_board_comes_back_word_for_word(void **state)
{
	(void)state;
	open_filled_board();
	compose();
	restore(LIST);
	same_row(0, 0);
	same_row(1, 1);
	is_empty(2);
	assert_int_equal(word_of(next, 0, ROW_AT_present), 3);
	assert_int_equal(word_of(next, 1, ROW_AT_present), 2);
	assert_int_equal(word_of(next, 1, ROW_AT_failures), 1);
	assert_int_equal(next->map->generation, board->map->generation + 1);
	assert_int_equal(board_filled(next), 2);
}

/* A row that was only ever failed has its attempts and its text. */
static void
a_failure_alone_comes_back(void **state)
{
	char text[2 * BOARD_ERROR_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	open_board(LIST);
	put_failure(2, text);
	compose();
	restore(LIST);
	same_row(2, 2);
	assert_int_equal(word_of(next, 2, ROW_AT_attempts), 1);
	assert_int_equal(word_of(next, 2, ROW_AT_version), 0);
	is_empty(0);
}

static void
each_sequence_goes_on(void **state)
{
	(void)state;
	open_board(LIST);
	for (int i = 0; i < 6; i++) {
		put_good(0, three, 5000 + i, 6000 + i);
		compose();
		restore(LIST);
		same_row(0, 0);
		board_close(next);
		next = NULL;
	}
}

static void
an_empty_board_comes_back_empty(void **state)
{
	(void)state;
	open_board(LIST);
	compose();
	restore(LIST);
	for (uint32_t i = 0; i < 3; i++)
		is_empty(i);
	assert_int_equal(board_filled(next), 0);
}

static void
other_currencies_take_what_is_theirs(void **state)
{
	struct attached view;
	uint64_t words[ROW_MAX];

	(void)state;
	open_filled_board();
	compose();
	restore("NOK USD EUR CZK");
	view = view_of(next);
	read_row(&view, 2, words);
	assert_true(attached_sound(&view, words));
	assert_true(words[ROW_META] == BOARD_ABSENT);
	assert_memory_equal(&words[ROW_META + 1], &three[1], 8);
	assert_memory_equal(&words[ROW_META + 2], &three[0], 8);
	assert_true(words[ROW_META + 3] == BOARD_ABSENT);
	assert_int_equal(words[ROW_AT_present], 2);
	assert_int_equal(words[ROW_AT_fetched_boot], 6000);
	assert_int_equal(word_of(next, 1, ROW_AT_fetched_boot), 8000);
	assert_int_equal(word_of(next, 1, ROW_AT_present), 2);
	is_empty(0);
	is_empty(3);
}

static void
currencies_in_another_order_are_the_same(void **state)
{
	uint64_t bits;

	(void)state;
	open_filled_board();
	compose();
	restore("PLN EUR USD");
	is_empty(0);
	bits = word_of(next, 1, ROW_META);
	assert_memory_equal(&bits, &three[2], 8);
	bits = word_of(next, 1, ROW_META + 1);
	assert_memory_equal(&bits, &three[0], 8);
	assert_true(word_of(next, 2, ROW_META) == BOARD_ABSENT);
}

static void
a_row_of_another_list_is_nobodys(void **state)
{
	(void)state;
	open_filled_board();
	compose();
	restore("NOK CZK");
	is_empty(0);
	is_empty(1);
}

static void
an_impossible_number_is_absent(void **state)
{
	static const double wild[] = { -1, 0, INFINITY };

	(void)state;
	open_board(LIST);
	put_good(0, wild, 1, 1);
	compose();
	restore(LIST);
	for (int i = 0; i < 3; i++)
		assert_true(word_of(next, 0, ROW_META + i) == BOARD_ABSENT);
	assert_int_equal(word_of(next, 0, ROW_AT_present), 0);
}

/* The largest board: one that no bound of the file refuses. */
static void
a_board_of_1024_currencies_comes_back(void **state)
{
	static double numbers[BOARD_CURRENCIES_MAX];
	uint64_t codes[BOARD_CURRENCIES_MAX];
	char text[CODE_TEXT_MAX];

	(void)state;
	for (unsigned i = 0; i < BOARD_CURRENCIES_MAX; i++) {
		snprintf(text, sizeof(text), "C%04u", i % 10000);
		codes[i] = code_pack(text);
		numbers[i] = i + 0.5;
	}
	board = create_of(codes, BOARD_CURRENCIES_MAX, 2);
	assert_non_null(board);
	publish_board(board);
	for (uint32_t i = 0; i < BOARD_CURRENCIES_MAX; i++)
		put_good(i, numbers, 5000 + i, 6000 + i);
	compose();
	assert_in_range(size, 8 << 20, SAVED_SIZE_MAX);
	parses();
	next = create_of(codes, BOARD_CURRENCIES_MAX, 2);
	assert_non_null(next);
	adopt(next, &image);
	assert_int_equal(board_filled(next), BOARD_CURRENCIES_MAX);
	for (uint32_t i = 0; i < BOARD_CURRENCIES_MAX; i++)
		same_row(i, i);
}

/* --- damage on the board ------------------------------------------------- */

static board_word *
live_copy(uint32_t row)
{
	struct attached view = view_of(board);
	struct board_row *at = row_at(&view, row);

	return board_row_copy(at, &view.shape, atomic_load(&at->seq));
}

static void
a_row_is_sound_until_one_word_is_wrong(void **state)
{
	struct attached view;
	uint64_t words[ROW_MAX];

	(void)state;
	open_filled_board();
	view = view_of(board);
	for (size_t w = 0; w < ROW_META + 3; w++) {
		board_word *word = live_copy(0) + w;

		for (unsigned bit = 0; bit < 64; bit++) {
			atomic_fetch_xor(word, UINT64_C(1) << bit);
			read_row(&view, 0, words);
			assert_false(attached_sound(&view, words));
			assert_true(board_row_check(live_copy(0),
					&view.shape) != words[ROW_AT_check]);
			atomic_fetch_xor(word, UINT64_C(1) << bit);
		}
	}
	read_row(&view, 0, words);
	assert_true(attached_sound(&view, words));
	assert_true(board_row_check(live_copy(0), &view.shape) ==
	    words[ROW_AT_check]);
}

static void
a_damaged_row_is_not_saved(void **state)
{
	struct attached view;

	(void)state;
	open_filled_board();
	view = view_of(board);
	for (size_t w = 0; w < ROW_META + 3; w++) {
		uint64_t bit = UINT64_C(1) << (w * 7 % 64);

		atomic_fetch_xor(live_copy(0) + w, bit);
		assert_null(saved_compose(&view, &size));
		assert_int_equal(errno, EBADMSG);
		atomic_fetch_xor(live_copy(0) + w, bit);
	}
	compose();
}

/* As memory is that was cut off and came back. */
static void
a_row_of_zeros_is_not_saved(void **state)
{
	struct attached view;

	(void)state;
	open_filled_board();
	view = view_of(board);
	memset(board_row(board->map, &board->shape, 1), 0,
	    board->shape.row_size);
	assert_null(saved_compose(&view, &size));
}

/* Only the failure of a row is on the board: its saved numbers are better. */
static void
a_failure_does_not_replace_saved_numbers(void **state)
{
	struct attached view;

	(void)state;
	open_filled_board();
	compose();
	board_close(board);
	board = NULL;
	open_board(LIST);
	put_failure(0, "HTTP 500");
	view = view_of(board);
	parses();
	open_next(LIST);
	adopt(next, &image);
	adopt(next, &view);
	assert_int_not_equal(word_of(next, 0, ROW_AT_version), 0);
}

static void
a_damaged_row_is_not_taken_over(void **state)
{
	struct attached view;

	(void)state;
	open_filled_board();
	view = view_of(board);
	atomic_fetch_xor(live_copy(0) + ROW_META + 1, 1);
	open_next(LIST);
	adopt(next, &view);
	is_empty(0);
	same_row(1, 1);
}

/* --- damage in the file -------------------------------------------------- */

static void
each_bit_that_is_wrong_is_found(void **state)
{
	(void)state;
	open_filled_board();
	compose();
	for (size_t w = 0; w < size / 8; w++)
		for (unsigned bit = 0; bit < 64; bit++) {
			file[w] ^= UINT64_C(1) << bit;
			refused(NULL);
			file[w] ^= UINT64_C(1) << bit;
		}
	parses();
}

/* Each in memory of exactly its size, for a sanitizer to guard. */
static void
each_cut_is_found(void **state)
{
	uint64_t *whole;
	size_t whole_size, least;

	(void)state;
	open_filled_board();
	compose();
	least = codes_at() + 3 + 3 * (1 + 3); /* rows without a field */
	whole = file;
	whole_size = size;
	for (size = 0; size < whole_size; size++) {
		file = malloc(size > 0 ? size : 1);
		assert_non_null(file);
		memcpy(file, whole, size);
		refused(NULL);
		if (size % 8 == 0 && size >= HEADER * 8) {
			refused("its size is wrong");
			set_size();
			refused(size / 8 < least
				? "its dimensions are out of bounds"
				: "its size does not fit its dimensions");
		}
		free(file);
	}
	file = whole;
	parses();
}

static void
each_byte_too_many_is_found(void **state)
{
	size_t whole;

	(void)state;
	open_filled_board();
	compose();
	whole = size;
	file = realloc(file, whole + 64);
	assert_non_null(file);
	memset((char *)file + whole, 0, 64);
	for (size = whole + 1; size <= whole + 64; size++) {
		set_check();
		refused(size % 8 == 0 ? "its size is wrong" : NULL);
		set_size();
		refused(size % 8 == 0
			? "its size does not fit its dimensions"
			: "it is too short");
		file[AT_SIZE] = whole;
	}
	size = whole;
	set_size();
	parses();
}

static void
a_size_that_is_not_the_files_is_found(void **state)
{
	(void)state;
	open_filled_board();
	compose();
	file[AT_SIZE] = size - 8;
	set_check();
	refused("its size is wrong");
	file[AT_SIZE] = size;
	refused("its checksum is wrong");
}

static void
other_files_are_refused_by_name(void **state)
{
	static const struct {
		size_t at;
		bool high;
		uint32_t value;
		const char *why;
	} rows[] = {
		{ AT_MAGIC, false, 0, "it is no saved board" },
		{ AT_MAGIC, true, 0, "it is no saved board" },
		{ AT_VERSION, false, 0, "its version is another one" },
		{ AT_VERSION, false, 1, "its version is another one" },
		{ AT_VERSION, false, 3, "its version is another one" },
		{ AT_VERSION, true, 0x04030201,
		    "its byte order is another one" },
		{ AT_VERSION, true, 0, "its byte order is another one" },
	};

	(void)state;
	open_filled_board();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		compose();
		set_half(rows[i].at, rows[i].high, rows[i].value);
		set_check();
		refused(rows[i].why);
	}
	size = 0;
	refused("it is too short");
}

/* --- dimensions, with a right checksum ----------------------------------- */

static void
currencies_have_bounds(void **state)
{
	(void)state;
	write_plain_file(BOARD_CURRENCIES_MAX);
	parses();
	assert_int_equal(image.shape.currencies, BOARD_CURRENCIES_MAX);
	detach(&image);
	board_close(board);
	write_plain_file(BOARD_CURRENCIES_MAX + 1);
	refused("its dimensions are out of bounds");
	board_close(board);
	write_plain_file(0);
	refused("its dimensions are out of bounds");
}

static void
dimensions_that_lie_are_refused(void **state)
{
	static const uint32_t lies[] = { 0, 1, 2, 4, 17, 63, 64, 65, 255, 1024,
		1025, 65536, INT32_MAX, UINT32_MAX - 1, UINT32_MAX };

	(void)state;
	open_filled_board();
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		compose();
		set_half(AT_DIMENSIONS, false, lies[i]);
		set_check();
		refused(NULL);
		compose();
		set_half(AT_DIMENSIONS, true, lies[i]);
		set_check();
		refused(NULL);
		set_half(AT_DIMENSIONS, false, lies[i]);
		set_check();
		refused(NULL);
	}
}

static void
fields_have_bounds(void **state)
{
	(void)state;
	open_filled_board();
	compose();
	for (int i = 0; i < 64; i++)
		add_column("unknown", 1);
	rewrite();
	parses();
	compose();
	for (int i = 0; i < 65; i++)
		add_column("unknown", 1);
	rewrite();
	refused("its dimensions are out of bounds");
}

static void
words_of_a_field_have_bounds(void **state)
{
	static const uint64_t lies[] = { 0, 2, 1024, 1025, UINT32_MAX,
		UINT64_C(1) << 32, UINT64_C(1) << 61, UINT64_MAX - 1,
		UINT64_MAX };

	(void)state;
	open_filled_board();
	compose();
	add_own_columns(NULL);
	add_column("unknown", 1024);
	rewrite();
	parses();
	compose();
	add_own_columns(NULL);
	add_column("unknown", 1025);
	rewrite();
	refused("a field of it is out of bounds");
	compose();
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		file[HEADER + 3] = lies[i];
		set_check();
		refused(lies[i] > 1024
			? "a field of it is out of bounds"
			: "its size does not fit its dimensions");
	}
}

static void
a_name_of_a_field_has_an_end(void **state)
{
	(void)state;
	open_filled_board();
	compose();
	memset(file + HEADER, 'n', 24);
	set_check();
	refused("a field of it is out of bounds");
}

static void
a_currency_twice_is_refused(void **state)
{
	(void)state;
	open_filled_board();
	for (uint32_t i = 0; i < 3; i++)
		for (uint32_t k = 0; k < 3; k++) {
			compose();
			file[codes_at() + i] = file[codes_at() + k];
			set_check();
			if (i == k)
				parses();
			else
				refused("a currency of it is none, or there "
					"twice");
		}
}

static void
a_code_that_is_none_is_refused(void **state)
{
	static const char codes[][8] = { "", "EU", "eur", "EU R", "EU\0R",
		"\0EUR", "EUR\n", "EUR\x80", "........" };

	(void)state;
	open_filled_board();
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		for (uint32_t k = 0; k < 3; k++) {
			compose();
			memcpy(file + codes_at() + k, codes[i], 8);
			set_check();
			refused("a currency of it is none, or there twice");
		}
}

/* --- fields of another version ------------------------------------------- */

static void
all_come_back(void)
{
	rewrite();
	restore(LIST);
	same_row(0, 0);
	same_row(1, 1);
	is_empty(2);
	board_close(next);
	next = NULL;
}

static void
an_unknown_field_is_passed_over(void **state)
{
	(void)state;
	open_filled_board();
	compose();
	add_own_columns(NULL);
	add_column("colour", 5);
	all_come_back();
	compose();
	add_column("colour", 5);
	add_own_columns(NULL);
	all_come_back();
	compose();
	add_column("", 0);
	add_own_columns("");
	add_column("version", 2); /* of other words: another field */
	all_come_back();
}

static void
the_order_of_the_fields_is_free(void **state)
{
	(void)state;
	open_filled_board();
	compose();
	add_own_columns_backwards();
	all_come_back();
}

/* The row but for these words, which are zero; and it is sound. */
static void
lacks(size_t at, size_t words)
{
	struct attached old = view_of(board), new;
	uint64_t a[ROW_MAX], b[ROW_MAX];

	rewrite();
	restore(LIST);
	new = view_of(next);
	read_row(&old, 1, a);
	read_row(&new, 1, b);
	assert_true(attached_sound(&new, b));
	assert_true(a[at] != 0);
	memset(a + at, 0, words * 8);
	a[ROW_AT_check] = b[ROW_AT_check];
	assert_memory_equal(a, b, (ROW_META + 3) * 8);
	board_close(next);
	next = NULL;
}

static void
a_field_that_is_missing_is_empty(void **state)
{
	(void)state;
	open_filled_board();
	compose();
	add_own_columns("attempt_text");
	lacks(ROW_AT_attempt_text, BOARD_ERROR_MAX / 8);
	compose();
	add_own_columns("version");
	lacks(ROW_AT_version, 1);
	compose();
	add_own_columns("source");
	lacks(ROW_AT_source, BOARD_SOURCE_MAX / 8);
	compose();
	add_own_columns("check"); /* it is of the row, and not of the file */
	all_come_back();
}

static void
a_field_of_other_words_is_not_taken(void **state)
{
	(void)state;
	open_filled_board();
	compose();
	add_own_columns("source");
	add_column("source", 5);
	lacks(ROW_AT_source, BOARD_SOURCE_MAX / 8);
	compose();
	add_column("published", 1024);
	add_own_columns("published");
	lacks(ROW_AT_published, 1);
	compose();
	add_own_columns("fetched_wall");
	add_column("fetched_wall", 0);
	lacks(ROW_AT_fetched_wall, 1);
}

/* Without attempts nothing was ever tried, so nothing is taken over. */
static void
a_file_without_known_fields_gives_no_row(void **state)
{
	(void)state;
	open_filled_board();
	compose();
	rewrite();
	restore(LIST);
	is_empty(0);
	is_empty(1);
}

/* --- boots --------------------------------------------------------------- */

static int64_t old_age;

static void
set_boot_id(const char *id)
{
	char padded[BOARD_NAME_MAX] = { 0 };

	strlcpy(padded, id, sizeof(padded));
	memcpy(file + AT_BOOT_ID, padded, sizeof(padded));
	set_check();
}

/*
 * A board whose rows are of an hour before this boot, of a time to come,
 * failed, and empty.
 */
static void
compose_old_board(void)
{
	int64_t wall = clock_wall();

	open_board(LIST);
	old_age = clock_boot() + HOUR;
	put_good(0, three, wall - old_age, 12345);
	put_good(1, three, wall + 9000 * HOUR, 23456); /* a clock set wrong */
	put_failure(2, "HTTP 500");
	compose();
}

static void
ages_are_by_the_wall_clock(void)
{
	int64_t age;

	assert_in_range(age_of(next, 0), old_age, old_age + PATIENCE);
	age = clock_boot() -
	    (int64_t)word_of(next, 0, ROW_AT_attempt_boot);
	assert_in_range(age, old_age, old_age + PATIENCE);
	age = clock_boot() -
	    (int64_t)word_of(next, 0, ROW_AT_changed_boot);
	assert_in_range(age, old_age, old_age + PATIENCE);
	/* Nobody knows its age: it is as old as can be, not new. */
	assert_true(age_of(next, 1) > 50 * 365 * 24 * HOUR);
	assert_int_equal(word_of(next, 2, ROW_AT_fetched_boot), 0);
	assert_int_equal(word_of(next, 2, ROW_AT_changed_boot), 0);
	assert_int_not_equal(word_of(next, 2, ROW_AT_attempt_boot), 2000);
}

static void
another_boot_keeps_the_ages(void **state)
{
	struct attached view;
	uint64_t words[ROW_MAX];

	(void)state;
	compose_old_board();
	set_boot_id("another");
	restore(LIST);
	ages_are_by_the_wall_clock();
	view = view_of(next);
	for (uint32_t i = 0; i < 3; i++) {
		read_row(&view, i, words);
		assert_true(attached_sound(&view, words));
	}
	assert_int_equal(word_of(next, 0, ROW_AT_fetched_wall),
	    word_of(board, 0, ROW_AT_fetched_wall));
}

static void
the_same_boot_keeps_the_times(void **state)
{
	(void)state;
	compose_old_board();
	restore(LIST);
	assert_int_equal(word_of(next, 0, ROW_AT_fetched_boot), 12345);
	assert_int_equal(word_of(next, 1, ROW_AT_fetched_boot), 23456);
	assert_int_equal(word_of(next, 2, ROW_AT_attempt_boot), 2000);
	for (uint32_t i = 0; i < 3; i++)
		same_row(i, i);
}

/* Where /proc hides the boot's id, a file may be of any boot. */
static void
an_unknown_boot_is_another_one(void **state)
{
	(void)state;
	compose_old_board();
	set_boot_id("");
	parses();
	open_next(LIST);
	memset(next->map->boot_id, 0, BOARD_NAME_MAX);
	adopt(next, &image);
	ages_are_by_the_wall_clock();
}

/* A boot's id without an end is cut, and read no further. */
static void
a_boot_id_without_an_end_is_cut(void **state)
{
	(void)state;
	compose_old_board();
	memset(file + AT_BOOT_ID, 'b', BOARD_NAME_MAX);
	set_check();
	restore(LIST);
	assert_int_equal(strlen(image.map->boot_id), BOARD_NAME_MAX - 1);
	ages_are_by_the_wall_clock();
}

#define test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_board_comes_back_word_for_word),
		test(a_failure_alone_comes_back),
		test(each_sequence_goes_on),
		test(an_empty_board_comes_back_empty),
		test(other_currencies_take_what_is_theirs),
		test(currencies_in_another_order_are_the_same),
		test(a_row_of_another_list_is_nobodys),
		test(an_impossible_number_is_absent),
		test(a_board_of_1024_currencies_comes_back),
		test(a_row_is_sound_until_one_word_is_wrong),
		test(a_damaged_row_is_not_saved),
		test(a_row_of_zeros_is_not_saved),
		test(a_failure_does_not_replace_saved_numbers),
		test(a_damaged_row_is_not_taken_over),
		test(each_bit_that_is_wrong_is_found),
		test(each_cut_is_found),
		test(each_byte_too_many_is_found),
		test(a_size_that_is_not_the_files_is_found),
		test(other_files_are_refused_by_name),
		test(currencies_have_bounds),
		test(dimensions_that_lie_are_refused),
		test(fields_have_bounds),
		test(words_of_a_field_have_bounds),
		test(a_name_of_a_field_has_an_end),
		test(a_currency_twice_is_refused),
		test(a_code_that_is_none_is_refused),
		test(an_unknown_field_is_passed_over),
		test(the_order_of_the_fields_is_free),
		test(a_field_that_is_missing_is_empty),
		test(a_field_of_other_words_is_not_taken),
		test(a_file_without_known_fields_gives_no_row),
		test(another_boot_keeps_the_ages),
		test(the_same_boot_keeps_the_times),
		test(an_unknown_boot_is_another_one),
		test(a_boot_id_without_an_end_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
