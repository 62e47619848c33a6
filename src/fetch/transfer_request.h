/*
 * A request as libcurl's options; for transfer.c.
 */
#ifndef RATESD_FETCH_TRANSFER_REQUEST_H
#define RATESD_FETCH_TRANSFER_REQUEST_H

#include "fetch/transfer.h"

struct curl_slist;

/*
 * Sets what is the same for all requests on a CURL handle; false if this
 * libcurl can't.
 */
bool transfer_set_options(void *easy);

/*
 * Sets what a request and its limits say.  *lines, NULL at first, becomes the
 * header lines, which the caller frees when the transfer is over, and also
 * after false: no URL, a line with a control character, or libcurl refused.
 */
bool transfer_set_request(void *easy, const struct transfer_request *request,
    const struct transfer_limits *limits, struct curl_slist **lines);

#endif
