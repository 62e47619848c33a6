/*
 * What a list of positions is worth in one currency, all by one snapshot.
 *
 *	cc -o portfolio portfolio.c $(pkg-config --cflags --libs librates) -lm
 *
 * usage: portfolio CURRENCY [INSTANCE [MAX_AGE]] <POSITIONS
 * A position is a line "AMOUNT CODE", such as "-1250.50 USD".  MAX_AGE is in
 * seconds; without it two days.  The total is printed only if every position
 * has a number that is not too old: exit status 0.  Otherwise it is 1.
 *
 * Amounts are counted in hundredths, in integers: a double can't hold 0.10, and
 * sums of doubles drift.  A rate is a double; the product is rounded to
 * hundredths once, half away from zero, and what is added up is what is
 * printed.  That is right for valuing.  Who books it has to look up how many
 * decimals a currency has (ISO 4217: the yen none, the dinar three) and which
 * way the books round.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rates.h>

#define SECOND INT64_C(1000000000)
#define MAX_AGE_LIMIT 1000000000
/* Hundredths: a double counts whole numbers up to 2^53, some 9e15. */
#define AMOUNT_MAX INT64_C(1000000000000000)
#define LINE_MAX_BYTES 128

/* A board read at one moment, so that no two numbers contradict each other. */
struct board {
	struct rates *rates;
	unsigned count;
	struct rates_row *rows;
	double *numbers;
};

static enum rates_result
take_snapshot(struct board *b)
{
	enum rates_result result = RATES_CHANGED;

	for (int tries = 0; tries < 10 && result != RATES_OK; tries++) {
		free(b->rows);
		free(b->numbers);
		rates_resync(b->rates);
		b->count = rates_count(b->rates);
		b->rows = calloc(b->count, sizeof(b->rows[0]));
		b->numbers = calloc(
		    (size_t)b->count * b->count, sizeof(b->numbers[0]));
		if (b->rows == NULL || b->numbers == NULL)
			return RATES_SYSTEM;
		/* CHANGED if the board was replaced just now: once more. */
		result = rates_snapshot(
		    b->rates, b->count, b->rows, b->numbers);
	}
	return result;
}

/* "-1250.5" as -125050; false if it is no amount or has a third decimal. */
static int
parse_amount(const char *text, int64_t *hundredths)
{
	int negative = *text == '-', decimals = -1;
	int64_t sum = 0;

	if (strpbrk(text, "0123456789") == NULL)
		return 0;
	for (text += negative; *text != '\0' && decimals < 2; text++) {
		if (*text == '.' && decimals == -1) {
			decimals = 0;
			continue;
		}
		if (*text < '0' || *text > '9' || sum > AMOUNT_MAX / 10)
			return 0;
		sum = sum * 10 + (*text - '0');
		decimals += decimals >= 0;
	}
	for (decimals = decimals < 0 ? 0 : decimals; decimals < 2; decimals++)
		sum *= 10;
	*hundredths = negative ? -sum : sum;
	return *text == '\0' && sum <= AMOUNT_MAX;
}

/*
 * Indexes are those of the snapshot, for only reading goes to another board.
 * The number of a pair with what vouches for it, or why there is none.
 */
static enum rates_result
find(const struct board *b, const char *base, unsigned quote, int64_t max_age,
    double *rate, const struct rates_row **row)
{
	unsigned i;

	if (rates_index(b->rates, base, &i) != RATES_OK || i >= b->count)
		return RATES_NO_CURRENCY;
	*row = &b->rows[i];
	*rate = b->numbers[(size_t)i * b->count + quote];
	/* NaN is absent; the rest is for a board of doubtful origin. */
	if (!isfinite(*rate) || !(*rate > 0))
		return RATES_NO_NUMBER;
	return (*row)->age > max_age ? RATES_TOO_OLD : RATES_OK;
}

static void
print_amount(int64_t hundredths)
{
	int64_t size = hundredths < 0 ? -hundredths : hundredths;

	printf("%s%lld.%02d", hundredths < 0 ? "-" : "",
	    (long long)(size / 100), (int)(size % 100));
}

/* One position: adds its worth to *total; false, with a word, if it can't. */
static int
value(const struct board *b, const char *line, unsigned quote,
    int64_t max_age, int64_t *total)
{
	char amount_text[32], code[RATES_CODE_MAX], more;
	const struct rates_row *row;
	enum rates_result result;
	int64_t amount;
	double rate, worth;

	if (sscanf(line, "%31s %8s %c", amount_text, code, &more) != 2 ||
	    !parse_amount(amount_text, &amount)) {
		fprintf(stderr, "portfolio: no position: %s\n", line);
		return 0;
	}
	result = find(b, code, quote, max_age, &rate, &row);
	if (result != RATES_OK) {
		fprintf(stderr, "portfolio: %s: %s\n", code,
		    rates_strerror(result));
		return 0;
	}
	worth = round((double)amount * rate);
	if (fabs(worth + (double)*total) > (double)AMOUNT_MAX) {
		fprintf(stderr, "portfolio: too much: %s\n", line);
		return 0;
	}
	print_amount(amount);
	printf(" %s at %.15g = ", code, rate);
	print_amount((int64_t)worth);
	printf(" (%s, fetched %lld s ago)\n", row->source,
	    (long long)(row->age / SECOND));
	*total += (int64_t)worth;
	return 1;
}

static int
value_all(const struct board *b, const char *code, int64_t max_age)
{
	char line[LINE_MAX_BYTES];
	int64_t total = 0;
	unsigned quote;
	int good = 1;

	if (rates_index(b->rates, code, &quote) != RATES_OK ||
	    quote >= b->count) {
		fprintf(stderr, "portfolio: %s: %s\n", code,
		    rates_strerror(RATES_NO_CURRENCY));
		return 1;
	}
	while (fgets(line, sizeof(line), stdin) != NULL) {
		/* The rest of a long one would be a position of its own. */
		if (strchr(line, '\n') == NULL && !feof(stdin)) {
			fprintf(stderr, "portfolio: no position: %s\n", line);
			return 1;
		}
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0')
			good &= value(b, line, quote, max_age, &total);
	}
	if (!good || ferror(stdin))
		return 1;
	print_amount(total);
	printf(" %s in all\n", code);
	if (fflush(stdout) != 0) {
		perror("portfolio: standard output");
		return 1;
	}
	return 0;
}

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

int
main(int argc, char **argv)
{
	int64_t max_age = argc > 3 ? parse_age(argv[3]) : 172800 * SECOND;
	struct board b = { 0 };
	enum rates_result result;
	int status = 1;

	if (argc < 2 || argc > 4 || max_age < 0) {
		fprintf(stderr,
		    "usage: portfolio CURRENCY [INSTANCE [MAX_AGE]]\n");
		return 2;
	}
	result = rates_open(argc > 2 ? argv[2] : NULL, &b.rates);
	if (result == RATES_OK)
		result = take_snapshot(&b);
	if (result == RATES_OK)
		status = value_all(&b, argv[1], max_age);
	else
		fprintf(stderr, "portfolio: %s\n", rates_strerror(result));
	rates_close(b.rates);
	free(b.rows);
	free(b.numbers);
	return status;
}
