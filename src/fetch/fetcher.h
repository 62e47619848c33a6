/*
 * One transfer at a time, as a call that blocks: for threads and processes of
 * their own.
 */
#ifndef RATESD_FETCH_FETCHER_H
#define RATESD_FETCH_FETCHER_H

#include "fetch/transfer.h"

struct fetcher;

/*
 * stop: a descriptor that is readable once all is to be given up, or -1.  Made
 * and freed where no other thread does the same (it sets libcurl up); used by
 * one thread, any.  NULL with a line in the log.
 */
struct fetcher *fetcher_new(int stop);
void fetcher_free(struct fetcher *fetcher); /* NULL is fine */

/*
 * Fetches.  0 with *result, whose body is good until the next call; -1 if it
 * was told to stop: it is then of no more use.
 */
int fetcher_fetch(struct fetcher *fetcher,
    const struct transfer_request *request,
    const struct transfer_limits *limits, struct transfer_result *result);

#endif
