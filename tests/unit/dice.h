/*
 * Chance that can be had again: the run's seed is printed, and a run with it in
 * RATESD_TEST_SEED is the same one.
 */
#ifndef RATESD_TESTS_DICE_H
#define RATESD_TESTS_DICE_H

#include <stdint.h>

/* A new seed, or the one of an earlier run.  Fails the test if that is none. */
void dice_seed(void);

uint64_t dice_next(void);

/* 0 to end - 1; end is not 0, and small against 2^64. */
uint64_t dice_below(uint64_t end);

#endif
