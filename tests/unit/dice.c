#include "dice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <bsd/stdlib.h>
#include <cmocka.h>

#include "base/number.h"

static uint64_t random_state;

void
dice_seed(void)
{
	const char *given = getenv("RATESD_TEST_SEED");
	int64_t number;

	arc4random_buf(&number, sizeof(number));
	if (given != NULL)
		assert_int_equal(number_parse_int(given, INT64_MIN, INT64_MAX,
				     &number),
		    0);
	print_message("# RATESD_TEST_SEED=%lld\n", (long long)number);
	random_state = (uint64_t)number;
}

/* SplitMix64 (S. Vigna, public domain). */
uint64_t
dice_next(void)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t
dice_below(uint64_t end)
{
	return dice_next() % end;
}
