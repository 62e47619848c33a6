/*
 * Guessing: what its parts share.
 */
#ifndef RATESD_SOURCE_GUESS_PARTS_H
#define RATESD_SOURCE_GUESS_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/currency.h"
#include "source/guess.h"
#include "source/mapping.h"

#define GUESS_LEAVES_MAX 128
#define GUESS_NAME_MAX 32

struct json_object;

/* A value that is no container, and where it is below some other value. */
struct guess_leaf {
	char pointer[MAPPING_POINTER_MAX];
	char name[GUESS_NAME_MAX]; /* the nearest member's, as guess_plain */
	struct json_object *value;
};

struct guess_leaves {
	struct guess_leaf list[GUESS_LEAVES_MAX];
	unsigned count;
};

/* What stands for one currency: a code with more or less around it. */
struct guess_item {
	const char *name;
	struct json_object *value;
};

/* How codes are written. */
struct guess_style {
	char prefix[MAPPING_TEXT_MAX]; /* "" or the same before each code */
	bool lower;
	unsigned known; /* different codes of ISO 4217 */
};

/* One place in the tree, taken for the rates. */
struct guess_rates {
	struct json_object *at;
	char pointer[MAPPING_POINTER_MAX];
	enum mapping_shape shape;
	char quote[MAPPING_POINTER_MAX]; /* rows */
	char rate[MAPPING_POINTER_MAX];  /* rows, objects */
	struct guess_style style;
	unsigned score; /* 0: none */
};

/*
 * The number of a code of money, 3 letters in upper or lower case, from 0 to
 * GUESS_KNOWN_MAX - 1: that of base/currency.h; -1: it is none.
 */
#define GUESS_KNOWN_MAX CURRENCY_COUNT
int guess_known(const char *text);

#define GUESS_LETTERS 3 /* of a code that is known */

/* The known code that a text of that length at a place is, packed, or 0. */
uint64_t guess_code_at(const char *text, size_t length);

/* The only known code that stands as a word in a URL, packed, or 0. */
uint64_t guess_url_base(const char *url);

/* About how many of it a US dollar is; 0: not known. */
double guess_per_dollar(int known);

/* Its code, packed; 0: there is none of that number. */
uint64_t guess_known_code(int known);

/* A name in lower case, without what is no letter or digit; cut to fit. */
const char *guess_plain(const char *name, char buf[GUESS_NAME_MAX]);

/*
 * A pointer one member further.  False if it is too long, or can't be written
 * in a configuration.
 */
bool guess_step(
    const char *pointer, const char *key, char to[MAPPING_POINTER_MAX]);

/* All leaves but those in except; of a list only its first elements. */
void guess_leaves(struct json_object *root, const struct json_object *except,
    struct guess_leaves *leaves);

/* A number above zero, or a string that is one. */
bool guess_number(struct json_object *value, double *number);

/* The form of a date, if value, in a member of that name, is one. */
bool guess_date(const struct guess_leaf *leaf, struct json_object *value,
    enum mapping_date *form);

/* How well the name of a number says that it is a rate; 0: it is none. */
unsigned guess_rate_rank(const char *plain);

/* True for the name of a count of units. */
bool guess_unit_name(const char *plain);

/*
 * The items of rates, as an array of *count to free(); quote is that of rows.
 * NULL with a *count of 0: there is no memory, or none of them.
 */
struct guess_item *guess_items(struct json_object *rates,
    enum mapping_shape shape, const char *quote, unsigned *count);

/* How the names of items are written, as far as they have codes. */
void guess_style(const struct guess_item *items, unsigned count,
    struct guess_style *style);

/* The number of an item of rates, as it stands there. */
bool guess_item_number(const struct guess_rates *rates,
    const struct guess_item *item, double *number);

/* The code of an item of rates, packed, in capitals, or 0. */
uint64_t guess_item_code(
    const struct guess_rates *rates, const struct guess_item *item);

/*
 * The best place of rates in the tree that the format allows.  False if there
 * is none; *barred then says whether there is one in a shape that it does not.
 */
bool guess_find_rates(struct json_object *root, enum mapping_format format,
    uint64_t asked, struct guess_rates *rates, bool *barred);

/* What items have besides: item-base, item-date, unit. */
void guess_item_parts(
    struct guess *guess, const struct guess_rates *rates);

/* What the answer says of itself: base, date, next update, success. */
void guess_around(struct guess *guess, struct json_object *root,
    const struct guess_rates *rates);

/* What the numbers say together. */
struct guess_sums {
	unsigned compared; /* of currencies whose worth is about known */
	double sum[2], squares[2]; /* of their logarithms, less what they
	                            * should be in each direction */
	uint64_t one;      /* the known code whose number is 1 */
	unsigned ones;
};

/* Fills the guess's codes, and adds to sums.  False: no memory. */
bool guess_numbers(struct guess *guess, const struct guess_rates *rates,
    struct guess_sums *sums);

/* The mapping's direction. */
void guess_direction(struct guess *guess, const struct guess_sums *sums);

/* The likely bases of the guess, whose direction is known. */
void guess_likely_bases(struct guess *guess, const struct guess_sums *sums);

/* Adds a note, cleaned. */
void guess_note(struct guess *guess, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
