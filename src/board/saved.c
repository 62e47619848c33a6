#include "board/saved.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <bsd/string.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/hash.h"
#include "board/saved_sources.h"

#define SAVED_MAGIC UINT64_C(0x0a56415345544152) /* "RATESAV\n" */
#define SAVED_VERSION 2
#define FIELD_NAME_MAX 24
#define FIELDS_MAX 64
#define FIELD_WORDS_MAX 1024

/* All of it in words, each of 8 bytes. */
struct saved_header {
	uint64_t magic;
	uint32_t version;
	uint32_t byte_order;
	uint64_t check; /* over all words but this one */
	uint64_t size;  /* of the file, bytes */
	uint64_t generation;
	int64_t saved_wall;
	char boot_id[BOARD_NAME_MAX];
	uint32_t currencies;
	uint32_t fields;
	uint32_t sources;
	uint32_t source_words; /* of each of them */
};

struct saved_field {
	char name[FIELD_NAME_MAX];
	uint64_t words;
};

static const struct field {
	const char *name;
	size_t at, words;
} fields[] = {
#define X(name, words) { #name, ROW_AT_##name, words },
	ROW_WORDS(X)
#undef X
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))
_Static_assert(FIELDS <= FIELDS_MAX, "raise FIELDS_MAX");
_Static_assert(8 * (BOARD_CURRENCIES_MAX + ROW_META + 1) *
	    BOARD_CURRENCIES_MAX < SAVED_SIZE_MAX / 2, "raise SAVED_SIZE_MAX");
_Static_assert(sizeof(struct saved_header) % 8 == 0, "whole words");

/* --- writing ------------------------------------------------------------- */

static uint64_t
check_of(const uint64_t *words, size_t count)
{
	const size_t check_at = offsetof(struct saved_header, check) / 8;
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < count; i++)
		if (i != check_at)
			hash = hash_word(hash, words[i]);
	return hash;
}

static size_t
file_words(uint64_t currencies, uint64_t field_count, uint64_t row_words)
{
	return sizeof(struct saved_header) / 8 +
	    field_count * (sizeof(struct saved_field) / 8) + currencies +
	    currencies * (1 + row_words + currencies);
}

static uint64_t *
put_fields(uint64_t *to)
{
	for (size_t i = 0; i < FIELDS; i++) {
		struct saved_field field = { .words = fields[i].words };

		strlcpy(field.name, fields[i].name, sizeof(field.name));
		memcpy(to, &field, sizeof(field));
		to += sizeof(field) / 8;
	}
	return to;
}

/* One record: the sequence, the fields, the numbers.  0, or -1: damaged. */
static int
put_row(uint64_t *to, const struct attached *board, uint32_t i)
{
	size_t count = ROW_META + board->shape.currencies;

	if (attached_read(board, i, 0, count, to + 1, &to[0]) == 0 &&
	    attached_sound(board, to + 1))
		return 0;
	errno = EBADMSG;
	return -1;
}

static int
put_rows(uint64_t *to, const struct attached *board)
{
	uint32_t currencies = board->shape.currencies;

	for (uint32_t i = 0; i < currencies; i++) {
		if (put_row(to, board, i) == -1)
			return -1;
		to += 1 + ROW_META + currencies;
	}
	saved_sources_put(to, board->map, &board->shape);
	return 0;
}

void *
saved_compose(const struct attached *board, size_t *size)
{
	const struct board_header *map = board->map;
	uint32_t currencies = board->shape.currencies;
	size_t words = file_words(currencies, FIELDS, ROW_META) +
	    saved_sources_size(board->shape.sources, saved_source_words);
	uint64_t *file = calloc(words, 8), *to = file;
	struct saved_header header = { .magic = SAVED_MAGIC,
		.version = SAVED_VERSION,
		.byte_order = BOARD_BYTE_ORDER,
		.size = words * 8,
		.generation = map->generation,
		.saved_wall = clock_wall(),
		.currencies = currencies,
		.fields = FIELDS,
		.sources = board->shape.sources,
		.source_words = saved_source_words };

	if (file == NULL)
		return NULL;
	memcpy(header.boot_id, map->boot_id, sizeof(header.boot_id));
	memcpy(to, &header, sizeof(header));
	to = put_fields(to + sizeof(header) / 8);
	memcpy(to, board_codes(map, &board->shape), currencies * 8);
	if (put_rows(to + currencies, board) == -1) {
		free(file);
		errno = EBADMSG; /* free(3) may change it */
		return NULL;
	}
	header.check = check_of(file, words);
	memcpy(file, &header, sizeof(header));
	*size = words * 8;
	return file;
}

/* --- reading ------------------------------------------------------------- */

/* Where the parts of a file are that was found to be whole. */
struct file {
	struct saved_header header;
	const uint64_t *words;
	const struct field *map[FIELDS_MAX]; /* NULL: unknown here */
	uint64_t field_words[FIELDS_MAX];
	uint64_t row_words; /* all fields of a row */
	const uint64_t *codes, *rows, *sources;
};

static const struct field *
field_named(const char *name, uint64_t words)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (strcmp(fields[i].name, name) == 0 &&
		    fields[i].words == words)
			return &fields[i];
	return NULL;
}

static const char *
read_header(struct file *file, const void *bytes, size_t size)
{
	const struct saved_header *header = &file->header;

	if (size < sizeof(*header) || size % 8 != 0)
		return "it is too short";
	memcpy(&file->header, bytes, sizeof(*header));
	if (header->magic != SAVED_MAGIC)
		return "it is no saved board";
	if (header->version != SAVED_VERSION)
		return "its version is another one";
	if (header->byte_order != BOARD_BYTE_ORDER)
		return "its byte order is another one";
	if (header->size != size)
		return "its size is wrong";
	if (header->check != check_of(file->words, size / 8))
		return "its checksum is wrong";
	if (header->currencies < 1 ||
	    header->currencies > BOARD_CURRENCIES_MAX ||
	    header->fields > FIELDS_MAX || header->sources < 1 ||
	    header->sources > BOARD_SOURCES_MAX ||
	    header->source_words > SAVED_WORDS_MAX ||
	    size / 8 < file_words(header->currencies, header->fields, 0))
		return "its dimensions are out of bounds";
	return NULL;
}

static const char *
read_fields(struct file *file)
{
	const uint64_t *at = file->words + sizeof(struct saved_header) / 8;

	for (uint32_t i = 0; i < file->header.fields; i++) {
		struct saved_field field;

		memcpy(&field, at, sizeof(field));
		at += sizeof(field) / 8;
		if (memchr(field.name, '\0', sizeof(field.name)) == NULL ||
		    field.words > FIELD_WORDS_MAX)
			return "a field of it is out of bounds";
		file->map[i] = field_named(field.name, field.words);
		file->field_words[i] = field.words;
		file->row_words += field.words;
	}
	file->codes = at;
	file->rows = at + file->header.currencies;
	return NULL;
}

static bool
codes_are_good(const uint64_t *codes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!code_valid(codes[i]))
			return false;
		for (uint32_t k = 0; k < i; k++)
			if (codes[k] == codes[i])
				return false;
	}
	return true;
}

static const char *
read_file(struct file *file, const void *bytes, size_t size)
{
	const char *fault = read_header(file, bytes, size);
	size_t words;

	if (fault == NULL)
		fault = read_fields(file);
	if (fault != NULL)
		return fault;
	words = file_words(
	    file->header.currencies, file->header.fields, file->row_words);
	if (size / 8 !=
	    words +
		saved_sources_size(
		    file->header.sources, file->header.source_words))
		return "its size does not fit its dimensions";
	file->sources = file->words + words;
	if (!codes_are_good(file->codes, file->header.currencies))
		return "a currency of it is none, or there twice";
	return NULL;
}

static void
set(board_word *word, uint64_t value)
{
	atomic_store_explicit(word, value, memory_order_relaxed);
}

static const uint64_t *
take_row(const struct file *file, const uint64_t *from,
    const struct attached *image, uint32_t i)
{
	struct board_row *row = board_row(image->map, &image->shape, i);
	board_word *copy = board_row_copy(row, &image->shape, 0);

	/* Even, for it is the first copy that is filled. */
	set(&row->seq, (*from++ + 1) & ~UINT64_C(1));
	for (uint32_t f = 0; f < file->header.fields; f++) {
		for (uint64_t w = 0;
		     file->map[f] != NULL && w < file->field_words[f]; w++)
			set(copy + file->map[f]->at + w, from[w]);
		from += file->field_words[f];
	}
	for (uint32_t q = 0; q < image->shape.currencies; q++)
		set(copy + ROW_META + q, *from++);
	set(copy + ROW_AT_check, board_row_check(copy, &image->shape));
	return from;
}

static void
take_board(const struct file *file, void *map, struct attached *image)
{
	struct board_header *header = map;
	const uint64_t *from = file->rows;

	image->map = map;
	header->generation = file->header.generation;
	header->created_wall = file->header.saved_wall;
	memcpy(header->boot_id, file->header.boot_id, sizeof(header->boot_id));
	header->boot_id[sizeof(header->boot_id) - 1] = '\0';
	/* Where /proc hides it: a file, unlike a board, outlives its boot. */
	if (header->boot_id[0] == '\0')
		strlcpy(header->boot_id, "unknown", sizeof(header->boot_id));
	board_fill_codes(map, &image->shape, file->codes);
	for (uint32_t i = 0; i < image->shape.currencies; i++)
		from = take_row(file, from, image, i);
}

const char *
saved_parse(const void *bytes, size_t size, struct attached *image)
{
	struct file file = { .words = bytes };
	const char *fault = read_file(&file, bytes, size);
	void *map;

	*image = (struct attached){ 0 };
	if (fault != NULL)
		return fault;
	board_shape(
	    file.header.currencies, 1, file.header.sources, &image->shape);
	map = mmap(NULL, image->shape.total_size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return NULL;
	take_board(&file, map, image);
	fault = saved_sources_take(
	    file.sources, file.header.source_words, map, &image->shape);
	if (fault != NULL)
		detach(image);
	return fault;
}
