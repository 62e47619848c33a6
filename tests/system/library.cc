// Every call of librates from C++11.
//
// usage: library INSTANCE
// Prints the number of EUR/USD; exit status 0 if all that it read agrees.

#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include <rates.h>

namespace {

// What an application would do: no handle outlives its scope.
class Rates {
public:
	explicit Rates(const char *instance) : handle(nullptr)
	{
		result = rates_open(instance, &handle);
	}
	~Rates() { rates_close(handle); }
	Rates(const Rates &) = delete;
	Rates &operator=(const Rates &) = delete;

	struct rates *handle;
	enum rates_result result;
};

bool
agree(struct rates *r, double *rate)
{
	const unsigned count = rates_count(r);
	std::vector<struct rates_row> rows(count);
	std::vector<double> numbers(std::size_t(count) * count), row(count);
	struct rates_row one;
	struct rates_quote quote;
	struct rates_feed feed;
	char code[RATES_CODE_MAX];
	unsigned eur, usd;
	uint64_t mark = 0;
	double other;

	return rates_index(r, "EUR", &eur) == RATES_OK &&
	    rates_index(r, "USD", &usd) == RATES_OK &&
	    rates_code(r, usd, code) == RATES_OK &&
	    std::strcmp(code, "USD") == 0 &&
	    rates_get_code(r, "EUR", "USD", rate) == RATES_OK &&
	    rates_get(r, eur, usd, &other) == RATES_OK && other == *rate &&
	    rates_get_fresh(r, eur, usd, INT64_MAX, &other) == RATES_OK &&
	    rates_quote(r, "EUR", "USD", INT64_MAX, &quote) == RATES_OK &&
	    quote.rate == *rate && quote.source[0] != '\0' &&
	    rates_row(r, eur, &one, row.data()) == RATES_OK &&
	    row[usd] == *rate && one.version == quote.version &&
	    rates_snapshot(r, count, rows.data(), numbers.data()) == RATES_OK &&
	    numbers[std::size_t(eur) * count + usd] == *rate &&
	    rates_wait(r, eur, one.seq + 1, 0) == RATES_OK &&
	    rates_wait_any(r, &mark, 0) == RATES_OK && mark != 0 &&
	    rates_feed(r, &feed) == RATES_OK && feed.fed == 1 &&
	    *rates_fault() == '\0';
}

} // namespace

int
main(int argc, char **argv)
{
	Rates none("no-such-instance");
	Rates rates(argc > 1 ? argv[1] : nullptr);
	double rate = NAN;

	if (none.result != RATES_NO_BOARD || none.handle != nullptr ||
	    rates.result != RATES_OK) {
		std::fprintf(stderr, "%s\n", rates_strerror(rates.result));
		return 1;
	}
	if (!agree(rates.handle, &rate))
		return 1;
	rates_resync(rates.handle);
	std::printf("%.15g\n", rate);
	return 0;
}
