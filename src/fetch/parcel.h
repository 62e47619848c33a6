/*
 * An item on its way: the request as it goes to a thread or a process, and the
 * result with a body of its own as it comes back.
 */
#ifndef RATESD_FETCH_PARCEL_H
#define RATESD_FETCH_PARCEL_H

#include <stdbool.h>
#include <sys/queue.h>

#include "fetch/engine.h"

struct parcel {
	STAILQ_ENTRY(parcel) link;
	void *tag;
	struct transfer_request request;
	struct transfer_result result;
	char *body; /* the result's */
};
STAILQ_HEAD(parcel_list, parcel);

/* A fixed number of parcels: those that are free, and one that is on loan. */
struct parcels {
	struct parcel *all;
	struct parcel_list free;
	struct parcel *handed_out; /* its body is on loan */
	unsigned count, used;
};

/* 0, or -1 with a line in the log. */
int parcels_begin(struct parcels *parcels, unsigned count);
void parcels_end(struct parcels *parcels); /* also of one that is all zero */

/* A free one with the item in it; NULL if none is free. */
struct parcel *parcels_fill(
    struct parcels *parcels, const struct engine_item *item);

/* A filled one is free again. */
void parcels_drop(struct parcels *parcels, struct parcel *parcel);

/*
 * Hands a finished one out: its result is good until the next call, which
 * takes it back.  parcel NULL: takes back alone.
 */
bool parcels_hand_out(struct parcels *parcels, struct parcel *parcel,
    void **tag, struct transfer_result *result);

/*
 * Puts a result into a parcel, and a copy of its body.  Touches no other
 * parcel, so any thread may do it to its own.
 */
void parcel_keep(struct parcel *parcel, const struct transfer_result *result);

#endif
