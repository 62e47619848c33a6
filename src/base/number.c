#include "base/number.h"

#include <assert.h>
#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/stdlib.h>
#include <bsd/string.h>

#include "base/clock.h"
#include "base/digits.h"

#define DIGITS "0123456789"
#define MINUTE (60 * CLOCK_SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define TEN_YEARS (3652 * DAY)

#define BOOK_DIGITS 3
#define BOOK_WIDTH 7

static pthread_once_t plain_once = PTHREAD_ONCE_INIT;
static locale_t plain_locale;

static void
make_plain_locale(void)
{
	plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/*
 * Numbers have a point and no grouping, whatever locale the process chose.
 * Without memory for a locale the thread keeps its own.
 */
static locale_t
enter_plain(void)
{
	pthread_once(&plain_once, make_plain_locale);
	return uselocale(plain_locale);
}

static void
leave_plain(locale_t before)
{
	uselocale(before);
}

/*
 * A decimal text of up to DBL_DIG digits survives text -> double -> text, so
 * if one that short reads back, "%.15g" finds it; 17 digits always read back
 * (C11 5.2.4.2.2).  Subnormal numbers hold fewer digits than that.
 */
static void
write_shortest(double value, char *text, size_t size)
{
	int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG;

	for (; digits <= DBL_DECIMAL_DIG; digits++) {
		snprintf(text, size, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			return;
	}
}

const char *
number_shortest(double value, char *buf, size_t size)
{
	char text[NUMBER_TEXT_MAX] = "null";
	int saved = errno;

	if (isfinite(value)) {
		locale_t before = enter_plain();

		write_shortest(value, text, sizeof(text));
		leave_plain(before);
	}
	strlcpy(buf, text, size);
	errno = saved;
	return buf;
}

/* The end of the digits in [text, end) without their final zeros. */
static char *
without_zeros(char *end)
{
	while (end[-1] == '0')
		end--;
	return end;
}

/*
 * Python switches to an exponent at one digit less than C's %g does, so as
 * always to have a place for the digit after the point.
 */
static void
write_book(double value, char *text, size_t size)
{
	char *mark, *end;
	long exponent;

	snprintf(text, size, "%.*e", BOOK_DIGITS - 1, value);
	mark = strchr(text, 'e');
	assert(mark != NULL);
	exponent = strtol(mark + 1, NULL, 10);
	if (exponent < -4 || exponent >= BOOK_DIGITS - 1) {
		end = without_zeros(mark);
		if (end[-1] == '.')
			end--;
		memmove(end, mark, strlen(mark) + 1);
		return;
	}
	snprintf(text, size, "%.*f", (int)(BOOK_DIGITS - 1 - exponent), value);
	end = without_zeros(text + strlen(text));
	if (end[-1] == '.')
		end++;
	*end = '\0';
}

const char *
number_book(double value, char *buf, size_t size)
{
	char text[NUMBER_TEXT_MAX];
	locale_t before;

	if (isnan(value)) {
		strlcpy(text, "nan", sizeof(text));
	} else if (isinf(value)) {
		strlcpy(text, value < 0 ? "-inf" : "inf", sizeof(text));
	} else {
		before = enter_plain();
		write_book(value, text, sizeof(text));
		leave_plain(before);
	}
	snprintf(buf, size, "%*s", BOOK_WIDTH, text);
	return buf;
}

/* True if text is one or more digits and nothing else. */
static bool
all_digits(const char *text)
{
	return text[0] != '\0' && text[strspn(text, DIGITS)] == '\0';
}

int
number_parse_int(const char *text, int64_t min, int64_t max, int64_t *out)
{
	const char *fault = NULL;
	long long value;

	if (!all_digits(text + (text[0] == '-')))
		return -1;
	value = strtonum(text, min, max, &fault);
	if (fault != NULL)
		return -1;
	*out = value;
	return 0;
}

int
number_parse_mode(const char *text, unsigned *out)
{
	size_t length = strspn(text, "01234567");
	unsigned long mode;

	if (length == 0 || length > 4 || text[length] != '\0')
		return -1;
	mode = strtoul(text, NULL, 8);
	if (mode > 0777)
		return -1;
	*out = (unsigned)mode;
	return 0;
}

static const struct unit {
	const char *name;
	int64_t ns;
	bool in_rates;
} units[] = {
	{ "ms", CLOCK_MS, false },
	{ "s", CLOCK_SECOND, true },
	{ "m", MINUTE, true },
	{ "h", HOUR, true },
	{ "d", DAY, true },
};

static const struct unit *
unit_named(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].name, name) == 0)
			return &units[i];
	}
	return NULL;
}

/*
 * Splits "60s" or "10/s" into its number in [min, max] and what comes after:
 * that rest, or NULL if text does not begin with such a number.
 */
static const char *
leading_int(const char *text, int64_t min, int64_t max, int64_t *out)
{
	char digits[24];
	size_t length = strspn(text, DIGITS);

	if (length >= sizeof(digits))
		return NULL;
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (number_parse_int(digits, min, max, out) == -1)
		return NULL;
	return text + length;
}

int
number_parse_duration(const char *text, int64_t *out_ns)
{
	int64_t count;
	const char *rest = leading_int(text, 0, TEN_YEARS / CLOCK_MS, &count);
	const struct unit *unit = rest != NULL ? unit_named(rest) : NULL;

	if (unit == NULL || count > TEN_YEARS / unit->ns)
		return -1;
	*out_ns = count * unit->ns;
	return 0;
}

int
number_parse_rate(const char *text, int64_t *out_interval_ns)
{
	int64_t count;
	const char *rest = leading_int(text, 1, 1000000, &count);
	const struct unit *unit;

	if (rest == NULL || rest[0] != '/')
		return -1;
	unit = unit_named(rest + 1);
	if (unit == NULL || !unit->in_rates)
		return -1;
	*out_interval_ns = unit->ns / count;
	return 0;
}

/* Goes past one or more digits: where they end, or NULL if there is none. */
static const char *
past_digits(const char *p)
{
	size_t length = strspn(p, DIGITS);

	return length > 0 ? p + length : NULL;
}

/* True if text is a number = [ minus ] int [ frac ] [ exp ] of RFC 8259. */
static bool
json_number(const char *p)
{
	if (*p == '-')
		p++;
	p = *p == '0' ? p + 1 : past_digits(p);
	if (p != NULL && *p == '.')
		p = past_digits(p + 1);
	if (p != NULL && (*p == 'e' || *p == 'E')) {
		p++;
		p = past_digits(p + (*p == '+' || *p == '-'));
	}
	return p != NULL && *p == '\0';
}

static double
parse_any(const char *text)
{
	int saved = errno;
	locale_t before = enter_plain();
	double value = strtod(text, NULL);

	leave_plain(before);
	errno = saved;
	return value;
}

/* True if a number's text says zero, by its digits before the exponent. */
static bool
says_zero(const char *text)
{
	char next = text[strspn(text, "-0.")];

	return next == '\0' || next == 'e' || next == 'E';
}

int
number_parse_double(const char *text, double *out)
{
	double value;

	if (!json_number(text))
		return -1;
	if (!digits_to_double(text, strlen(text), &value))
		value = parse_any(text);
	if (!isfinite(value) || (value == 0 && !says_zero(text)))
		return -1;
	*out = value;
	return 0;
}
