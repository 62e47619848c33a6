#include "fetch/fetcher.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "fetch/engine_loop.h"

#define LOOK_EVERY (10 * CLOCK_SECOND) /* its limits end a transfer sooner */

struct fetcher {
	struct transfers *transfers;
	int stop;
};

struct fetcher *
fetcher_new(int stop)
{
	struct fetcher *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		log_error("engine: %m");
		return NULL;
	}
	f->stop = stop;
	f->transfers = transfers_new(1);
	if (f->transfers != NULL)
		return f;
	free(f);
	return NULL;
}

void
fetcher_free(struct fetcher *f)
{
	if (f == NULL)
		return;
	transfers_free(f->transfers);
	free(f);
}

int
fetcher_fetch(struct fetcher *f, const struct transfer_request *request,
    const struct transfer_limits *limits, struct transfer_result *result)
{
	struct pollfd stop = { f->stop, POLLIN, 0 };
	unsigned count = f->stop == -1 ? 0 : 1;
	void *tag;

	if (transfers_start(f->transfers, request, limits, NULL) == -1) {
		engine_failure(result, ENGINE_NOT_STARTED);
		return 0;
	}
	while (transfers_next(f->transfers, &tag, result) == 0) {
		if (transfers_poll(
			f->transfers, &stop, count, LOOK_EVERY) == -1) {
			engine_failure(result, "libcurl can't go on");
			return 0;
		}
		if (stop.revents != 0)
			return -1;
	}
	return 0;
}
