#include "behave.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/stdlib.h>
#include <bsd/string.h>

#include "clock.h"
#include "count.h"
#include "park.h"
#include "rates.h"

static struct behave	current = {
	.day = -1,
	.hold_base = -1,
	.random = 1,
	.retry_after = "1",
};

static const char *const names[] = {
#define X(id, name, status, handler, form) name,
	STUB_KINDS(X)
#undef X
};

static bool refuse(char why[WHY_SIZE], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Always false, so that a refusal is one statement. */
static bool
refuse(char why[WHY_SIZE], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, WHY_SIZE, fmt, ap);
	va_end(ap);
	return false;
}

static bool
parse_int(const char *text, int max, int *out, char why[WHY_SIZE])
{
	const char *problem;
	int n = (int)strtonum(text, 0, max, &problem);

	if (problem != NULL)
		return refuse(why, "number from 0 to %d: %s", max, problem);
	*out = n;
	return true;
}

static bool
parse_kind(const char *text, enum kind *out, char why[WHY_SIZE])
{
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		if (strcmp(names[kind], text) == 0) {
			*out = (enum kind)kind;
			return true;
		}
	}
	return refuse(why, "unknown kind");
}

/* Splits NAME=REST or NAME:REST; an URL is read more easily with the colon. */
static bool
split(const char *value, char *name, size_t size, const char **rest,
    char why[WHY_SIZE])
{
	size_t len = strcspn(value, "=:");

	if (value[len] == '\0')
		return refuse(why, "no '=' or ':'");
	if (len >= size)
		return refuse(why, "name too long");
	memcpy(name, value, len);
	name[len] = '\0';
	*rest = value + len + 1;
	return true;
}

static bool
set_latency(struct behave *b, const char *value, char why[WHY_SIZE])
{
	return parse_int(value, LATENCY_MAX, &b->latency, why);
}

static bool
set_fail(struct behave *b, const char *value, char why[WHY_SIZE])
{
	char name[16];
	const char *rest = "";
	enum kind kind = KIND_OK;
	int percent = 0, sum = 0;

	if (!b->fail_given)
		memset(b->percent, 0, sizeof(b->percent));
	b->fail_given = true;
	if (*value == '\0') {
		memset(b->percent, 0, sizeof(b->percent));
		return true;
	}
	if (!split(value, name, sizeof(name), &rest, why) ||
	    !parse_kind(name, &kind, why) ||
	    !parse_int(rest, 100, &percent, why))
		return false;
	b->percent[kind] = (unsigned char)percent;
	for (int k = 0; k < KIND_COUNT; k++)
		sum += b->percent[k];
	return sum <= 100 || refuse(why, "more than 100 percent in all");
}

static bool
set_base_fail(struct behave *b, const char *value, char why[WHY_SIZE])
{
	char code[CODE_MAX + 1];
	const char *rest = "";
	enum kind kind = KIND_OK;
	int id;

	if (!b->base_fail_given || *value == '\0')
		memset(b->base_kind, 0, sizeof(b->base_kind));
	b->base_fail_given = true;
	if (*value == '\0')
		return true;
	if (!split(value, code, sizeof(code), &rest, why) ||
	    !parse_kind(rest, &kind, why))
		return false;
	if ((id = data_id(code)) < 0)
		return refuse(why, "unknown currency");
	b->base_kind[id] = (unsigned char)(kind + 1);
	return true;
}

static bool
set_date(struct behave *b, const char *value, char why[WHY_SIZE])
{
	int day = data_find_day(value);

	if (day < 0)
		return refuse(why, "no such day");
	b->day = day;
	return true;
}

static bool
set_hold(struct behave *b, const char *value, char why[WHY_SIZE])
{
	int on = 0;

	if (!parse_int(value, 1, &on, why))
		return false;
	b->hold = on == 1;
	return true;
}

static bool
set_serial(struct behave *b, const char *value, char why[WHY_SIZE])
{
	int on = 0;

	if (!parse_int(value, 1, &on, why))
		return false;
	b->serial = on == 1;
	return true;
}

static bool
set_hold_base(struct behave *b, const char *value, char why[WHY_SIZE])
{
	int id = *value == '\0' ? -1 : data_id(value);

	if (id < 0 && *value != '\0')
		return refuse(why, "unknown currency");
	b->hold_base = id;
	return true;
}

static bool
set_retry_after(struct behave *b, const char *value, char why[WHY_SIZE])
{
	for (const char *p = value; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			return refuse(why, "not plain text");
	if (strlcpy(b->retry_after, value, RETRY_SIZE) >= RETRY_SIZE)
		return refuse(why, "too long");
	return true;
}

static bool
set_seed(struct behave *b, const char *value, char why[WHY_SIZE])
{
	int seed = 0;

	if (!parse_int(value, INT_MAX, &seed, why))
		return false;
	b->random = (uint64_t)seed;
	return true;
}

static bool
set_reset(struct behave *b, const char *value, char why[WHY_SIZE])
{
	int on = 0;

	if (!parse_int(value, 1, &on, why))
		return false;
	b->reset = on == 1;
	return true;
}

static const struct {
	const char	*key;
	bool		(*set)(struct behave *, const char *, char [WHY_SIZE]);
} settings[] = {
	{ "latency",		set_latency },
	{ "fail",		set_fail },
	{ "base-fail",		set_base_fail },
	{ "date",		set_date },
	{ "hold",		set_hold },
	{ "hold-base",		set_hold_base },
	{ "retry-after",	set_retry_after },
	{ "seed",		set_seed },
	{ "serial",		set_serial },
	{ "reset",		set_reset },
};

struct behave
behave_copy(void)
{
	struct behave b = current;

	b.fail_given = b.base_fail_given = b.reset = false;
	if (b.day < 0)
		b.day = data_newest_day();
	return b;
}

bool
behave_set(struct behave *b, const char *key, const char *value,
    char why[WHY_SIZE])
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (strcmp(settings[i].key, key) == 0)
			return settings[i].set(b, value, why);
	return refuse(why, "unknown key");
}

void
behave_commit(const struct behave *b)
{
	if (b->day != current.day)
		rates_select(b->day);
	if (b->reset)
		count_reset();
	current = *b;
	park_hold(b->hold, b->hold_base);
}

/* splitmix64: short, and good enough for choosing one in a hundred. */
static uint64_t
next_random(void)
{
	uint64_t z = current.random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

enum kind
behave_draw(int base)
{
	int left;

	if (current.base_kind[base] != 0)
		return (enum kind)(current.base_kind[base] - 1);
	left = (int)(next_random() % 100);
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		left -= current.percent[kind];
		if (left < 0)
			return (enum kind)kind;
	}
	return KIND_OK;
}

int64_t
behave_latency(void)
{
	return current.latency * NS_PER_MS;
}

const char *
behave_retry_after(void)
{
	return current.retry_after;
}

bool
behave_serial(void)
{
	return current.serial;
}

const char *
kind_name(enum kind kind)
{
	return names[kind];
}
