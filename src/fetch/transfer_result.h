/*
 * What libcurl's end of a transfer comes to; for transfer.c.
 */
#ifndef RATESD_FETCH_TRANSFER_RESULT_H
#define RATESD_FETCH_TRANSFER_RESULT_H

#include "fetch/transfer.h"

/* What is to be known of a request at its end. */
struct transfer_asked {
	char etag[TRANSFER_ETAG_MAX];
	char modified[TRANSFER_MODIFIED_MAX];
	char secret[TRANSFER_SECRET_MAX];
};

struct transfer_end {
	void *easy;         /* the CURL handle, still whole */
	int code;           /* a CURLcode */
	const char *reason; /* libcurl's error buffer */
	const struct transfer_asked *asked;
	bool too_big;
	unsigned redirect_status; /* the first status of 3xx; 0: none */
	const char *body;         /* ends with a NUL that size doesn't count */
	size_t size;
};

/* Fills the whole result. */
void transfer_judge(
    const struct transfer_end *end, struct transfer_result *result);

#endif
