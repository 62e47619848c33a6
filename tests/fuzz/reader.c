#include "reader.h"

#include <limits.h>
#include <math.h>

#include "board/inspect.h"
#include "fuzz.h"

static bool
possible(double number)
{
	return isfinite(number) && number > 0;
}

/* One of the names that a value of the board can have. */
static void
require_name(const char *name)
{
	REQUIRE(name != NULL && name[0] != '\0');
	require_printable(name, 16);
}

static void
require_row(const struct rates_row *row, unsigned count)
{
	REQUIRE(row->age >= 0 && row->attempt_age >= 0);
	REQUIRE(row->present <= count);
	REQUIRE(row->published_form == RATES_PUBLISHED_NONE ||
	    row->published_form == RATES_PUBLISHED_DAY ||
	    row->published_form == RATES_PUBLISHED_TIME);
	REQUIRE(strnlen(row->source, RATES_SOURCE_MAX) < RATES_SOURCE_MAX);
	REQUIRE(strnlen(row->attempt_source, RATES_SOURCE_MAX) <
	    RATES_SOURCE_MAX);
	REQUIRE(strnlen(row->error, RATES_ERROR_MAX) < RATES_ERROR_MAX);
	require_name(row->attempt);
}

/* --- currencies ----------------------------------------------------------- */

static void
read_codes(struct rates *r, unsigned count)
{
	char code[RATES_CODE_MAX];
	unsigned index;

	REQUIRE(count >= 1 && count <= BOARD_CURRENCIES_MAX);
	for (unsigned i = 0; i < count; i++) {
		REQUIRE(rates_code(r, i, code) == RATES_OK);
		require_printable(code, sizeof(code));
		if (rates_index(r, code, &index) == RATES_OK)
			REQUIRE(index < count);
	}
	REQUIRE(rates_code(r, count, code) == RATES_NO_CURRENCY);
	REQUIRE(rates_code(r, UINT_MAX, code) == RATES_NO_CURRENCY);
}

static void
find_codes(struct rates *r, unsigned count)
{
	static const char *const codes[] = { "EUR", "USD", "PLN", "AAA",
		"AAAAAAAA", "00000000", "ZZZZZZZZ" };
	char code[RATES_CODE_MAX];
	unsigned index;
	double rate;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (rates_index(r, codes[i], &index) == RATES_OK) {
			REQUIRE(index < count);
			REQUIRE(rates_code(r, index, code) == RATES_OK);
			REQUIRE(strcmp(code, codes[i]) == 0);
		}
		if (rates_get_code(r, codes[i], codes[0], &rate) == RATES_OK)
			REQUIRE(possible(rate));
	}
	REQUIRE(rates_index(r, "", &index) == RATES_NO_CURRENCY);
	REQUIRE(rates_index(r, "eur", &index) == RATES_NO_CURRENCY);
}

/* --- numbers -------------------------------------------------------------- */

/* The same number, or none, from every call. */
static void
compare_number(struct rates *r, unsigned base, unsigned quote, double in_row,
    double in_snapshot)
{
	enum rates_result result;
	double rate = 0, again = 0;

	result = rates_get(r, base, quote, &rate);
	REQUIRE(result == RATES_OK || result == RATES_NO_NUMBER);
	REQUIRE((result == RATES_OK) == possible(in_row));
	REQUIRE((result == RATES_OK) == possible(in_snapshot));
	if (result == RATES_OK)
		REQUIRE(rate == in_row && rate == in_snapshot);
	else
		REQUIRE(isnan(in_row));
	result = rates_get_fresh(r, base, quote, INT64_MAX, &again);
	REQUIRE(result == (rate > 0 ? RATES_OK : RATES_NO_NUMBER));
	REQUIRE(rate == again);
	result = rates_get_fresh(r, base, quote, -1, &again);
	REQUIRE(result == (rate > 0 ? RATES_TOO_OLD : RATES_NO_NUMBER));
}

static void
read_row(struct rates *r, unsigned base, unsigned count,
    const struct rates_row *snapped, const double *in_snapshot)
{
	double *numbers = calloc(count, sizeof(*numbers));
	struct rates_row row;

	REQUIRE(numbers != NULL);
	REQUIRE(rates_row(r, base, &row, numbers) == RATES_OK);
	require_row(&row, count);
	REQUIRE(row.seq == snapped->seq && row.version == snapped->version);
	REQUIRE(strcmp(row.error, snapped->error) == 0);
	for (unsigned quote = 0; quote < count; quote++)
		compare_number(
		    r, base, quote, numbers[quote], in_snapshot[quote]);
	REQUIRE(rates_row(r, base, &row, NULL) == RATES_OK);
	REQUIRE(rates_row(r, base, NULL, numbers) == RATES_OK);
	REQUIRE(rates_wait(r, base, row.seq, 0) == RATES_TIMEOUT);
	REQUIRE(rates_wait(r, base, row.seq + 1, 0) == RATES_OK);
	free(numbers);
}

static void
read_rows(struct rates *r, unsigned count)
{
	double *numbers = calloc((size_t)count * count, sizeof(*numbers));
	struct rates_row *rows = calloc(count, sizeof(*rows));

	REQUIRE(numbers != NULL && rows != NULL);
	REQUIRE(rates_snapshot(r, count, rows, NULL) == RATES_OK);
	REQUIRE(rates_snapshot(r, count, NULL, numbers) == RATES_OK);
	REQUIRE(rates_snapshot(r, count, rows, numbers) == RATES_OK);
	REQUIRE(rates_snapshot(r, count + 1, rows, numbers) == RATES_CHANGED);
	for (unsigned i = 0; i < count; i++) {
		require_row(&rows[i], count);
		read_row(r, i, count, &rows[i], numbers + (size_t)i * count);
	}
	free(numbers);
	free(rows);
}

static void
read_beyond(struct rates *r, unsigned count)
{
	struct rates_row row;
	double rate;

	REQUIRE(rates_get(r, count, 0, &rate) == RATES_NO_CURRENCY);
	REQUIRE(rates_get(r, 0, count, &rate) == RATES_NO_CURRENCY);
	REQUIRE(rates_get(r, UINT_MAX, 0, &rate) == RATES_NO_CURRENCY);
	REQUIRE(rates_row(r, count, &row, NULL) == RATES_NO_CURRENCY);
	REQUIRE(rates_wait(r, count, 0, 0) == RATES_NO_CURRENCY);
}

/* --- the rest ------------------------------------------------------------- */

static void
read_feed(struct rates *r)
{
	struct rates_feed feed;
	enum rates_result result = rates_feed(r, &feed);

	REQUIRE(result == (feed.fed ? RATES_OK : RATES_NOT_FED));
	REQUIRE(feed.heartbeat_age >= -1);
	require_name(feed.state);
}

static void
read_workers(const struct rates *r, unsigned count)
{
	unsigned slots = inspect_slots(r);
	struct inspect_slot slot;

	REQUIRE(inspect_supervisor_age(r) >= 0);

	REQUIRE(slots >= 1 && slots <= BOARD_SLOTS_MAX);
	for (unsigned i = 0; i < slots; i++) {
		inspect_slot(r, i, &slot);
		REQUIRE(slot.age >= 0);
		require_name(slot.state);
	}
	for (unsigned i = 0; i <= count; i++) {
		int job = inspect_job(r, i), lock = inspect_lock(r, i);

		REQUIRE(job >= -1 && job < (int)slots);
		REQUIRE(lock >= -1 && lock < (int)slots);
		REQUIRE(i < count || (job == -1 && lock == -1));
		REQUIRE(inspect_aside(r, i) >= 0);
	}
	for (int i = 0; i < COUNTER_COUNT; i++)
		inspect_counter(r, (enum board_counter)i);
}

static void
read_more(const struct rates *r, unsigned count)
{
	struct inspect_row row;
	double held;

	for (unsigned i = 0; i < count; i++) {
		REQUIRE(inspect_row(r, i, &row) == RATES_OK);
		REQUIRE(row.changed_age >= 0);
		REQUIRE(row.refused_at >= 0 && row.held_since >= 0);
		REQUIRE(row.held_form <= RATES_PUBLISHED_TIME);
		require_name(row.refused_class);
		require_printable(row.hub, sizeof(row.hub));
		require_printable(row.refused_text, sizeof(row.refused_text));
		require_printable(row.held_text, sizeof(row.held_text));
		held = inspect_held(r, i, i);
		REQUIRE(isnan(held) || (row.held && possible(held)));
	}
	REQUIRE(inspect_row(r, count, &row) == RATES_NO_CURRENCY);
}

static void
read_sources(const struct rates *r)
{
	unsigned count = inspect_source_count(r);
	struct inspect_source source;
	struct expected words;

	REQUIRE(count >= 1 && count <= BOARD_SOURCES_MAX);
	for (unsigned i = 0; i < count; i++) {
		inspect_source(r, i, &source);
		require_printable(source.name, sizeof(source.name));
		require_printable(source.terms, sizeof(source.terms));
		require_printable(source.publishes, sizeof(source.publishes));
		require_printable(source.base, sizeof(source.base));
		REQUIRE(source.good >= 0 && source.bad >= 0);
		REQUIRE(source.until >= 0 && source.interval >= 0);
		require_name(source.bad_class);
		require_name(source.state);
		inspect_expected(r, source.name, &words);
	}
}

void
reader_read(struct rates *r)
{
	unsigned count;

	rates_resync(r); /* it may have to follow a board that is retired */
	count = rates_count(r);
	read_codes(r, count);
	find_codes(r, count);
	read_rows(r, count);
	read_beyond(r, count);
	read_feed(r);
	read_workers(r, count);
	read_more(r, count);
	read_sources(r);
}
