/*
 * One number with its age and source, refused when it is old.
 *
 *	cc -o eurusd eurusd.c $(pkg-config --cflags --libs librates)
 *
 * usage: eurusd [INSTANCE [MAX_AGE]]
 * MAX_AGE is in seconds; without it two days, as the numbers of a weekend are.
 * Exit status 0 with a number on standard output; 1 without one; 2 if called
 * wrongly.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rates.h>

#define SECOND INT64_C(1000000000)
#define MAX_AGE_LIMIT 1000000000 /* seconds: no overflow in nanoseconds */

/* A whole number of seconds as nanoseconds, or -1. */
static int64_t
parse_age(const char *text)
{
	char *end;
	long seconds;

	errno = 0;
	seconds = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || seconds < 0 ||
	    seconds > MAX_AGE_LIMIT)
		return -1;
	return seconds * SECOND;
}

/* Why there is no board; a refused one has more to say than the result. */
static void
complain(const char *what, enum rates_result result)
{
	const char *more = "";

	if (result == RATES_BAD_BOARD)
		more = rates_fault();
	else if (result == RATES_SYSTEM)
		more = strerror(errno);
	fprintf(stderr, "eurusd: %s: %s%s%s\n", what, rates_strerror(result),
	    *more != '\0' ? ": " : "", more);
}

static int
print_number(struct rates *rates, int64_t max_age)
{
	struct rates_quote q;
	enum rates_result result =
	    rates_quote(rates, "EUR", "USD", max_age, &q);

	if (result == RATES_TOO_OLD)
		fprintf(stderr, "eurusd: %s fetched %.15g %lld s ago\n",
		    q.source, q.rate, (long long)(q.age / SECOND));
	if (result != RATES_OK) {
		complain("EUR/USD", result);
		return 1;
	}
	/* 15 digits: what the source has published, and nothing added. */
	printf("1 EUR = %.15g USD (%s, fetched %lld s ago)\n", q.rate,
	    q.source, (long long)(q.age / SECOND));
	if (fflush(stdout) != 0) {
		perror("eurusd: standard output");
		return 1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	const char *instance = argc > 1 ? argv[1] : NULL;
	int64_t max_age = argc > 2 ? parse_age(argv[2]) : 172800 * SECOND;
	struct rates *rates;
	enum rates_result result;
	int status;

	if (argc > 3 || max_age < 0) {
		fprintf(stderr, "usage: eurusd [INSTANCE [MAX_AGE]]\n");
		return 2;
	}
	result = rates_open(instance, &rates);
	if (result != RATES_OK) {
		complain("the board", result);
		return 1;
	}
	status = print_number(rates, max_age);
	rates_close(rates);
	return status;
}
