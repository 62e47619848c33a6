#include "base/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/days.h"
#include "base/text.h"
#include "base/zone_rule.h"

#define HEADER_SIZE 44
#define TYPE_SIZE 6
#define FIRST INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define LAST INT64_C(253402300799)  /* 9999-12-31T23:59:59Z */

struct change {
	int64_t at;     /* strictly ascending */
	int64_t offset; /* from then on */
};

struct zone {
	int64_t before; /* the offset before all changes */
	bool has_rule;  /* after all changes; else that of the last one */
	struct zone_rule rule;
	size_t count;
	struct change changes[];
};

static struct zone utc; /* all zero: no change ever */

/* --- bytes --------------------------------------------------------------- */

struct bytes {
	const unsigned char *at;
	size_t left;
};

/* The next so many bytes, or NULL if there are fewer. */
static const unsigned char *
take(struct bytes *bytes, uint64_t size)
{
	const unsigned char *at = bytes->at;

	if (size > bytes->left)
		return NULL;
	bytes->at += size;
	bytes->left -= (size_t)size;
	return at;
}

/* A big-endian number in two's complement of 4 or 8 bytes. */
static int64_t
number(const unsigned char *at, unsigned size)
{
	uint64_t value = (at[0] & 0x80) != 0 ? UINT64_MAX : 0;

	for (unsigned i = 0; i < size; i++)
		value = value << 8 | at[i];
	return (int64_t)value;
}

/* --- reading (RFC 9636, section 3) --------------------------------------- */

struct header {
	unsigned version;
	unsigned time_size; /* of the block that follows */
	uint32_t utc_count, standard_count, leap_count, time_count, type_count,
	    char_count;
};

/* Where the parts of a block begin. */
struct block {
	const unsigned char *times, *indices, *types;
};

static int
read_header(struct bytes *bytes, unsigned time_size, struct header *header)
{
	const unsigned char *at = take(bytes, HEADER_SIZE);
	uint32_t counts[6];

	if (at == NULL || memcmp(at, "TZif", 4) != 0)
		return -1;
	for (unsigned i = 0; i < 6; i++)
		counts[i] = (uint32_t)number(at + 20 + 4 * i, 4);
	*header = (struct header){
		.version = at[4] == '\0' ? 1 : at[4] - (unsigned)'0',
		.time_size = time_size,
		.utc_count = counts[0],
		.standard_count = counts[1],
		.leap_count = counts[2],
		.time_count = counts[3],
		.type_count = counts[4],
		.char_count = counts[5],
	};
	return header->version >= 1 && header->version <= 4 ? 0 : -1;
}

static int
read_block(
    struct bytes *bytes, const struct header *header, struct block *block)
{
	uint64_t times = (uint64_t)header->time_count * header->time_size;
	uint64_t types = (uint64_t)header->type_count * TYPE_SIZE;
	uint64_t leaps =
	    (uint64_t)header->leap_count * (header->time_size + 4);

	block->times = take(bytes, times);
	block->indices = take(bytes, header->time_count);
	block->types = take(bytes, types);
	if (block->times == NULL || block->indices == NULL ||
	    block->types == NULL || take(bytes, header->char_count) == NULL ||
	    take(bytes, leaps) == NULL ||
	    take(bytes, header->standard_count) == NULL ||
	    take(bytes, header->utc_count) == NULL)
		return -1;
	return 0;
}

/* The header and block that count: the second ones, if there are any. */
static const char *
read_blocks(struct bytes *bytes, struct header *header, struct block *block)
{
	if (read_header(bytes, 4, header) == -1)
		return "not a TZif file of version 1 to 4";
	if (read_block(bytes, header, block) == -1)
		return "cut short";
	if (header->version >= 2) {
		if (read_header(bytes, 8, header) == -1 ||
		    header->version < 2)
			return "no second header";
		if (read_block(bytes, header, block) == -1)
			return "cut short";
	}
	if (header->leap_count != 0)
		return "counts leap seconds";
	if (header->type_count == 0)
		return "no type of local time";
	return NULL;
}

/* The offset of a type: 0, or -1 if it can't be one. */
static int
read_type(const struct header *header, const struct block *block,
    unsigned type, int64_t *offset)
{
	if (type >= header->type_count)
		return -1;
	*offset = number(block->types + type * (size_t)TYPE_SIZE, 4);
	return *offset > -ZONE_OFFSET_WEST && *offset < ZONE_OFFSET_EAST ? 0
									 : -1;
}

static const char *
read_changes(const struct header *header, const struct block *block,
    struct zone *zone)
{
	if (read_type(header, block, 0, &zone->before) == -1)
		return "an offset is out of range";
	for (size_t i = 0; i < header->time_count; i++) {
		struct change *change = &zone->changes[i];

		change->at = number(block->times + i * header->time_size,
		    header->time_size);
		if (i > 0 && change->at <= change[-1].at)
			return "its times don't ascend";
		if (read_type(header, block, block->indices[i],
			&change->offset) == -1)
			return "a type or its offset is out of range";
	}
	zone->count = header->time_count;
	return NULL;
}

/* "\nCET-1CEST,M3.5.0,M10.5.0/3\n"; nothing between them: no rule. */
static const char *
read_footer(struct bytes *bytes, struct zone *zone)
{
	const unsigned char *begin = take(bytes, 1), *end;

	if (begin == NULL || *begin != '\n')
		return "no footer";
	begin = bytes->at;
	end = memchr(begin, '\n', bytes->left);
	if (end == NULL)
		return "its footer has no end";
	zone->has_rule = end != begin;
	if (zone->has_rule &&
	    zone_rule_parse((const char *)begin, (size_t)(end - begin),
		&zone->rule) == -1)
		return "its footer is not a rule";
	return NULL;
}

struct zone *
zone_parse(const void *data, size_t size, char *why, size_t why_size)
{
	struct bytes bytes = { data, size };
	struct header header;
	struct block block;
	struct zone *zone = NULL;
	const char *fault = read_blocks(&bytes, &header, &block);

	if (fault == NULL) {
		/* No more than the bytes that are there, times four. */
		zone = calloc(1, sizeof(*zone) +
			header.time_count * sizeof(zone->changes[0]));
		if (zone == NULL)
			fault = "no memory";
	}
	if (fault == NULL)
		fault = read_changes(&header, &block, zone);
	if (fault == NULL && header.version >= 2)
		fault = read_footer(&bytes, zone);
	if (fault == NULL)
		return zone;
	free(zone);
	text_format(why, why_size, "%s", fault);
	return NULL;
}

void
zone_free(struct zone *zone)
{
	if (zone != &utc)
		free(zone);
}

struct zone *
zone_utc(void)
{
	return &utc;
}

/* --- use ----------------------------------------------------------------- */

static int64_t
within_years(int64_t seconds)
{
	if (seconds < FIRST)
		return FIRST;
	return seconds > LAST ? LAST : seconds;
}

/* How many changes are at or before a time. */
static size_t
changes_until(const struct zone *zone, int64_t seconds)
{
	size_t low = 0, high = zone->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->changes[middle].at <= seconds)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int64_t
zone_offset(const struct zone *zone, int64_t seconds)
{
	size_t done;

	seconds = within_years(seconds);
	done = changes_until(zone, seconds);
	if (done == zone->count && zone->has_rule)
		return zone_rule_offset(&zone->rule, seconds);
	return done == 0 ? zone->before : zone->changes[done - 1].offset;
}

/* The first change after a time, or INT64_MAX. */
static int64_t
next_change(const struct zone *zone, int64_t seconds)
{
	size_t done = changes_until(zone, seconds);

	if (done < zone->count)
		return zone->changes[done].at;
	return zone->has_rule ? zone_rule_next(&zone->rule, seconds)
			      : INT64_MAX;
}

/*
 * From where the clocks can't show it yet on, change by change; few fit into
 * the two days in which they must.
 */
int64_t
zone_to_utc(const struct zone *zone, int64_t local)
{
	int64_t from, next, offset;

	local = within_years(local);
	from = local - ZONE_OFFSET_EAST;
	for (;;) {
		offset = zone_offset(zone, from);
		if (from + offset >= local)
			return from;
		next = next_change(zone, from);
		if (local - offset < next)
			return local - offset;
		from = next;
	}
}

bool
zone_name_valid(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789_+-/";
	size_t length = strnlen(name, ZONE_NAME_MAX);

	return length > 0 && length < ZONE_NAME_MAX && name[0] != '/' &&
	    strspn(name, allowed) == length;
}
