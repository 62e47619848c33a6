/*
 * What a source's answer says, before anything is compared with it.
 */
#ifndef RATESD_DAEMON_VERDICT_H
#define RATESD_DAEMON_VERDICT_H

#include <stdbool.h>

#include "board/claim.h"
#include "daemon/harvest.h"
#include "daemon/worker.h"
#include "fetch/transfer.h"
#include "source/document.h"

struct verdict {
	enum attempt_class class;
	char text[DOCUMENT_ERROR_MAX]; /* why it is of no use; else "" */
	bool again;           /* OK: the answer that the rows have already */
	struct answer answer; /* OK; but for again the numbers are not filled */
};

/*
 * Reads what came for a row.  numbers has room for all currencies; the answer
 * is good while it, the result and the configuration are.  recipe: how the
 * source is read; hash: of the answer that a 304 means, or 0.  anew: read it
 * though the row had it a moment ago.
 */
void verdict_reach(struct verdict *verdict, const struct worker_setup *setup,
    struct harvest *harvest, uint32_t row, unsigned source, uint64_t recipe,
    uint64_t hash, bool anew, const struct transfer_result *result,
    double *numbers);

/*
 * What a request came to that brought no answer: its class, and why in text,
 * with what the source says of it in the body; its key is not in it.
 */
enum attempt_class verdict_failure(const struct source *source,
    const struct transfer_result *result, char *text, size_t size);

/*
 * Logs what it came to for the row, of which news is what was there before.  A
 * row that begins to fail (last: no other source is asked) is a warning; that
 * it still does is not.
 */
void verdict_log(const struct verdict *verdict,
    const struct worker_setup *setup, uint32_t row,
    const struct row_news *news, bool last);

#endif
