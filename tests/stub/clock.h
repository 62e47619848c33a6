#ifndef STUB_CLOCK_H
#define STUB_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_MS	INT64_C(1000000)
#define NS_PER_S	INT64_C(1000000000)

/* The monotonic clock in nanoseconds; never fails on Linux. */
static inline int64_t
clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

#endif
