/*
 * What to send to a source for a row.
 */
#ifndef RATESD_DAEMON_ASKING_H
#define RATESD_DAEMON_ASKING_H

#include <stdint.h>

#include "daemon/harvest.h"
#include "daemon/worker.h"
#include "fetch/engine.h"

struct asking;

/* NULL with errno. */
struct asking *asking_new(const struct worker_setup *setup);
void asking_free(struct asking *asking); /* NULL is fine */

/* A hash of all that decides how the source's bytes become numbers; not 0. */
uint64_t asking_recipe(const struct asking *asking, unsigned source);

/*
 * Fills the item's request: the source's url (mirror 0) or a mirror, with its
 * headers and key; and, if the rows that the answer is for all have the
 * source's last answer, the words by which it may say 304.  The hash of that
 * answer then, else 0.
 */
uint64_t asking_request(struct asking *asking, struct harvest *harvest,
    uint32_t row, unsigned source, unsigned mirror, struct engine_item *item);

#endif
