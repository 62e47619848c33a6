/*
 * The race of the book, in four ways: many threads, or processes, add one to
 * one counter many times.
 */
#ifndef RATESD_TESTS_COUNTING_H
#define RATESD_TESTS_COUNTING_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Memory that all who count share. */
struct counted {
	/*
	 * What is read, and written one larger, with whatever comes between.
	 * An atomic, so that losing counts is all that is wrong with it.
	 */
	_Atomic uint64_t value;
	pthread_mutex_t mutex;
	sem_t semaphore;
};

#define COUNTING_WAYS(X)                                                       \
	X(plain, false)                                                        \
	X(mutex, true)                                                         \
	X(semaphore, true)                                                     \
	X(atomic, true)

struct counting_way {
	const char *name;
	bool exact;
	void (*add)(struct counted *counted, uint32_t times);
};

#define COUNTING_WAY_COUNT 4
extern const struct counting_way counting_ways[COUNTING_WAY_COUNT];

/*
 * What the counter says after each of count threads (or processes) has added
 * times to it; they begin together.  -1 if they could not all be started.
 */
int64_t counting_threads(
    const struct counting_way *way, unsigned count, uint32_t times);
int64_t counting_processes(
    const struct counting_way *way, unsigned count, uint32_t times);

#endif
