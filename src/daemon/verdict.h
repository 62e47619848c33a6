/*
 * What the answer to one row's request comes to.
 */
#ifndef RATESD_DAEMON_VERDICT_H
#define RATESD_DAEMON_VERDICT_H

#include <stdbool.h>

#include "board/publish.h"
#include "daemon/worker.h"
#include "fetch/transfer.h"
#include "source/document.h"

struct verdict {
	struct publication publication;
	char error[DOCUMENT_ERROR_MAX]; /* its text */
};

/*
 * Reads and checks what a source sent for a row; numbers has room for all
 * currencies, and the publication is good while it, the result and the
 * configuration are.  Its worker is the caller's to fill.
 */
void verdict_reach(struct verdict *verdict, const struct worker_setup *setup,
    uint32_t row, unsigned source, const struct transfer_result *result,
    double *numbers);

/*
 * Logs it, before it is published.  A row that begins to fail (last: no other
 * source is asked) is a warning; that it still does is not.
 */
void verdict_log(const struct verdict *verdict,
    const struct worker_setup *setup, bool last);

#endif
