/*
 * A reader who calls all there is to call, and believes nothing.
 */
#ifndef RATESD_TESTS_FUZZ_READER_H
#define RATESD_TESTS_FUZZ_READER_H

#include "board/rates.h"

/* Ends the process when an answer is one that the headers rule out. */
void reader_read(struct rates *handle);

#endif
