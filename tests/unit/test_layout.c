#include "board/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct board_shape
shape_of(uint32_t currencies, uint32_t slots, uint32_t sources)
{
	struct board_shape shape;

	assert_int_equal(board_shape(currencies, slots, sources, &shape), 0);
	return shape;
}

static struct board_header
good_header(const struct board_shape *shape)
{
	return (struct board_header){ .magic = BOARD_MAGIC,
		.layout_version = BOARD_LAYOUT_VERSION,
		.byte_order = BOARD_BYTE_ORDER,
		.header_size = sizeof(struct board_header),
		.total_size = shape->total_size,
		.layout_hash = board_layout_hash(),
		.currencies = shape->currencies,
		.slots = shape->slots,
		.sources = shape->sources,
		.index_size = shape->index_size,
		.generation = 1,
		.created_wall = 1,
		.instance = "default",
		.boot_id = "6a3c0e0e-6e0d-4a38-b6ad-0d3c57b6a2a9" };
}

/*
 * Sizes as they are in layout version 3: a change of one is a change of the
 * layout, whose version must then be raised.
 */
static void
sizes_belong_to_the_layout_version(void **state)
{
	static const struct {
		uint32_t currencies, slots, sources, index_size;
		size_t total;
	} known[] = {
		{ 1, 1, 1, 2, 3456 },
		{ 33, 4, 2, 128, 92032 },
		{ 1024, 64, 32, 2048, 27117888 },
	};

	(void)state;
	assert_int_equal(BOARD_LAYOUT_VERSION, 4);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct board_shape shape = shape_of(known[i].currencies,
		    known[i].slots, known[i].sources);

		assert_int_equal(shape.currencies, known[i].currencies);
		assert_int_equal(shape.slots, known[i].slots);
		assert_int_equal(shape.sources, known[i].sources);
		assert_int_equal(shape.index_size, known[i].index_size);
		assert_int_equal(shape.total_size, known[i].total);
	}
}

static void
the_index_is_at_most_half_full(void **state)
{
	(void)state;
	for (uint32_t n = 1; n <= BOARD_CURRENCIES_MAX; n++) {
		uint32_t size = shape_of(n, 1, 1).index_size;

		assert_true(size >= 2 * n && size < 4 * n);
		assert_int_equal(size & (size - 1), 0);
	}
}

static void
refuses_dimensions_out_of_bounds(void **state)
{
	static const uint32_t bad[][3] = { { 0, 1, 1 }, { 1, 0, 1 },
		{ 1, 1, 0 }, { 1025, 1, 1 }, { 1, 65, 1 }, { 1, 1, 33 },
		{ UINT32_MAX, 1, 1 }, { 1, UINT32_MAX, 1 },
		{ 1, 1, UINT32_MAX }, { 1u << 31, 1, 1 } };
	struct board_shape shape;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(
		    board_shape(bad[i][0], bad[i][1], bad[i][2], &shape), -1);
	assert_int_equal(board_shape(1024, 64, 32, &shape), 0);
}

/* From one part to the next: on its boundary, and after the one before. */
static void
follows(const void *map, size_t *end, const void *part, size_t size)
{
	size_t at = (size_t)((const char *)part - (const char *)map);

	assert_int_equal(at % BOARD_ALIGN, 0);
	assert_true(at >= *end && at - *end < BOARD_ALIGN);
	*end = at + size;
}

static void
check_parts(const void *map, const struct board_shape *s)
{
	size_t end = sizeof(struct board_header), part = end;

	follows(map, &end, board_codes(map, s),
	    s->currencies * sizeof(uint64_t));
	follows(map, &end, board_index(map, s),
	    s->index_size * sizeof(uint16_t));
	for (uint32_t i = 0; i < s->sources; i++)
		follows(map, &end, board_source(map, s, i),
		    sizeof(struct board_source));
	for (uint32_t i = 0; i < s->slots; i++)
		follows(map, &end, board_slot(map, s, i),
		    sizeof(struct board_slot));
	for (uint32_t i = 0; i < s->currencies; i++)
		follows(map, &end, board_lock_of(map, s, i),
		    sizeof(struct board_lock));
	part = (ROW_META + s->currencies) * sizeof(board_word);
	for (uint32_t i = 0; i < s->currencies; i++) {
		struct board_row *row = board_row(map, s, i);

		follows(map, &end, row, sizeof(*row));
		follows(map, &end, board_row_copy(row, s, 0), part);
		follows(map, &end, board_row_copy(row, s, 1), part);
		assert_ptr_equal(
		    board_row_copy(row, s, 0), board_row_copy(row, s, 2));
		follows(map, &end, board_row_held(row, s),
		    s->currencies * sizeof(board_word));
	}
	assert_true(end <= s->total_size && s->total_size - end < BOARD_ALIGN);
}

static void
parts_are_aligned_and_never_overlap(void **state)
{
	static const uint32_t currencies[] = { 1, 2, 7, 8, 9, 33, 170, 1024 };

	(void)state;
	for (size_t i = 0; i < sizeof(currencies) / sizeof(currencies[0]);
	     i++) {
		struct board_shape shape = shape_of(currencies[i],
		    1 + (uint32_t)i * 9, 1 + (uint32_t)i * 4);
		void *map = aligned_alloc(BOARD_ALIGN, shape.total_size);

		assert_non_null(map);
		check_parts(map, &shape);
		free(map);
	}
}

static void
words_of_a_row_copy_follow_each_other(void **state)
{
	size_t next = 0;

	(void)state;
#define X(name, words)                                                         \
	assert_int_equal(ROW_AT_##name, next);                                 \
	next += (words);
	ROW_WORDS(X)
#undef X
	assert_int_equal(ROW_META, next);
}

static void
accepts_a_header_in_order(void **state)
{
	static const uint32_t currencies[] = { 1, 33, 1024 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct board_shape shape = shape_of(currencies[i], 4, 2), got;
		struct board_header header = good_header(&shape);

		assert_null(
		    board_header_fault(&header, shape.total_size, &got));
		assert_memory_equal(&got, &shape, sizeof(got));
	}
}

#define FIELD(name) #name, offsetof(struct board_header, name), \
	sizeof(((struct board_header *)NULL)->name)

static const struct {
	const char *name;
	size_t at, size;
	uint64_t value;
	const char *fault;
} faults[] = {
	{ FIELD(magic), 0, "it has no board's magic number" },
	{ FIELD(magic), BOARD_MAGIC + (UINT64_C(1) << 56),
	    "it has no board's magic number" },
	{ FIELD(layout_version), 0, "its layout version is another one" },
	{ FIELD(layout_version), 1, "its layout version is another one" },
	{ FIELD(byte_order), 0x04030201, "its byte order is another one" },
	{ FIELD(header_size), 8, "its size is wrong" },
	{ FIELD(total_size), 0, "its size is wrong" },
	{ FIELD(total_size), UINT64_MAX, "its size is wrong" },
	{ FIELD(layout_hash), 0, "its layout hash is another one" },
	{ FIELD(currencies), 0, "its dimensions are out of bounds" },
	{ FIELD(currencies), 32, "its size is wrong" },
	{ FIELD(currencies), 34, "its size is wrong" },
	{ FIELD(currencies), 1025, "its dimensions are out of bounds" },
	{ FIELD(slots), 0, "its dimensions are out of bounds" },
	{ FIELD(slots), 5, "its size is wrong" },
	{ FIELD(slots), 65, "its dimensions are out of bounds" },
	{ FIELD(sources), 0, "its dimensions are out of bounds" },
	{ FIELD(sources), 3, "its size is wrong" },
	{ FIELD(sources), UINT32_MAX, "its dimensions are out of bounds" },
	{ FIELD(index_size), 0, "its size is wrong" },
	{ FIELD(index_size), 256, "its size is wrong" },
};

static void
says_which_field_of_a_header_is_wrong(void **state)
{
	struct board_shape shape = shape_of(33, 4, 2), got;

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct board_header header = good_header(&shape);
		const char *fault;

		memcpy((char *)&header + faults[i].at, &faults[i].value,
		    faults[i].size); /* little-endian, as the board is */
		fault = board_header_fault(&header, shape.total_size, &got);
		if (fault == NULL || strcmp(fault, faults[i].fault) != 0)
			fail_msg("%s %#llx: %s", faults[i].name,
			    (unsigned long long)faults[i].value,
			    fault != NULL ? fault : "accepted");
	}
}

static void
no_flipped_bit_of_the_fixed_fields_passes(void **state)
{
	struct board_shape shape = shape_of(33, 4, 2), got;
	struct board_header header = good_header(&shape);
	unsigned char *bytes = (unsigned char *)&header;

	(void)state;
	for (size_t bit = 0;
	     bit < 8 * offsetof(struct board_header, generation); bit++) {
		unsigned char mask = (unsigned char)(1u << bit % 8);

		bytes[bit / 8] ^= mask;
		if (board_header_fault(&header, shape.total_size, &got) == NULL)
			fail_msg("bit %zu", bit);
		bytes[bit / 8] ^= mask;
	}
	assert_null(board_header_fault(&header, shape.total_size, &got));
}

static void
refuses_names_without_an_end(void **state)
{
	struct board_shape shape = shape_of(33, 4, 2), got;
	struct board_header header = good_header(&shape);

	(void)state;
	memset(header.instance, 'x', sizeof(header.instance));
	assert_string_equal(
	    board_header_fault(&header, shape.total_size, &got),
	    "its name has no end");
	header.instance[BOARD_NAME_MAX - 1] = '\0';
	assert_null(board_header_fault(&header, shape.total_size, &got));
	memset(header.boot_id, 'x', sizeof(header.boot_id));
	assert_string_equal(
	    board_header_fault(&header, shape.total_size, &got),
	    "its name has no end");
}

static void
the_object_must_be_of_the_size_that_it_says(void **state)
{
	struct board_shape shape = shape_of(33, 4, 2), got;
	struct board_header header = good_header(&shape);

	(void)state;
	assert_string_equal(
	    board_header_fault(&header, shape.total_size - 1, &got),
	    "its size is wrong");
	assert_string_equal(
	    board_header_fault(&header, shape.total_size + 4096, &got),
	    "its size is wrong");
}

/* One byte of memory: to look at a field of it is an error. */
static void
an_object_smaller_than_a_header_is_not_looked_at(void **state)
{
	struct board_header *header = malloc(1);
	struct board_shape shape;

	(void)state;
	assert_non_null(header);
	assert_string_equal(board_header_fault(header, 1, &shape),
	    "it is too small for a board");
	assert_string_equal(
	    board_header_fault(header, sizeof(*header) - 1, &shape),
	    "it is too small for a board");
	free(header);
}

static void
the_layout_hash_is_one_number(void **state)
{
	uint64_t hash = board_layout_hash();

	(void)state;
	assert_true(hash != 0);
	assert_true(board_layout_hash() == hash);
}

static void
names_its_states(void **state)
{
	(void)state;
	assert_string_equal(board_state_name(BOARD_STARTING), "starting");
	assert_string_equal(board_state_name(BOARD_RETIRED), "retired");
	assert_string_equal(board_state_name(BOARD_RETIRED + 1), "?");
	assert_string_equal(board_state_name(UINT64_MAX), "?");
	assert_string_equal(slot_state_name(SLOT_EMPTY), "empty");
	assert_string_equal(slot_state_name(SLOT_WAITING), "waiting");
	assert_string_equal(slot_state_name(SLOT_WAITING + 1), "?");
	assert_string_equal(sandbox_state_name(SANDBOX_UNKNOWN), "unknown");
	assert_string_equal(sandbox_state_name(SANDBOX_FAILED), "failed");
	assert_string_equal(sandbox_state_name(SANDBOX_FAILED + 1), "?");
}

static void
worker_ids_are_never_zero_nor_alike(void **state)
{
	uint64_t last = (UINT64_C(1) << 48) - 1;

	(void)state;
	assert_true(worker_id(0, 1) != 0);
	assert_true(worker_id(0, last) != worker_id(1, 1));
	assert_true(worker_id(0, 1) != worker_id(1, 1));
	assert_true(worker_id(63, last) >> 48 == 63);
}

static void
objects_are_named_after_their_instance(void **state)
{
	char name[BOARD_OBJECT_MAX];

	(void)state;
	board_object_name("default", name, sizeof(name));
	assert_string_equal(name, "/ratesd.default");
	board_object_name(
	    "12345678901234567890123456789012", name, sizeof(name));
	assert_string_equal(
	    name, "/ratesd.12345678901234567890123456789012");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_belong_to_the_layout_version),
		cmocka_unit_test(the_index_is_at_most_half_full),
		cmocka_unit_test(refuses_dimensions_out_of_bounds),
		cmocka_unit_test(parts_are_aligned_and_never_overlap),
		cmocka_unit_test(words_of_a_row_copy_follow_each_other),
		cmocka_unit_test(accepts_a_header_in_order),
		cmocka_unit_test(says_which_field_of_a_header_is_wrong),
		cmocka_unit_test(no_flipped_bit_of_the_fixed_fields_passes),
		cmocka_unit_test(refuses_names_without_an_end),
		cmocka_unit_test(the_object_must_be_of_the_size_that_it_says),
		cmocka_unit_test(
		    an_object_smaller_than_a_header_is_not_looked_at),
		cmocka_unit_test(the_layout_hash_is_one_number),
		cmocka_unit_test(names_its_states),
		cmocka_unit_test(worker_ids_are_never_zero_nor_alike),
		cmocka_unit_test(objects_are_named_after_their_instance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
