#include "fetch/parcel.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "fetch/engine_loop.h"

int
parcels_begin(struct parcels *ps, unsigned count)
{
	*ps = (struct parcels){ .all = calloc(count, sizeof(*ps->all)),
		.count = count };
	STAILQ_INIT(&ps->free);
	if (ps->all == NULL) {
		log_error("engine: %m");
		return -1;
	}
	for (unsigned i = 0; i < count; i++)
		STAILQ_INSERT_TAIL(&ps->free, &ps->all[i], link);
	return 0;
}

void
parcels_end(struct parcels *ps)
{
	for (unsigned i = 0; ps->all != NULL && i < ps->count; i++)
		free(ps->all[i].body);
	free(ps->all);
	*ps = (struct parcels){ .all = NULL };
}

struct parcel *
parcels_fill(struct parcels *ps, const struct engine_item *item)
{
	struct parcel *parcel = STAILQ_FIRST(&ps->free);

	if (parcel == NULL)
		return NULL;
	STAILQ_REMOVE_HEAD(&ps->free, link);
	parcel->tag = item->tag;
	parcel->request = item->request;
	ps->used++;
	return parcel;
}

void
parcels_drop(struct parcels *ps, struct parcel *parcel)
{
	free(parcel->body);
	parcel->body = NULL;
	/* A key is in it, perhaps. */
	explicit_bzero(&parcel->request, sizeof(parcel->request));
	STAILQ_INSERT_TAIL(&ps->free, parcel, link);
	ps->used--;
}

bool
parcels_hand_out(struct parcels *ps, struct parcel *parcel, void **tag,
    struct transfer_result *result)
{
	if (ps->handed_out != NULL)
		parcels_drop(ps, ps->handed_out);
	ps->handed_out = parcel;
	if (parcel == NULL)
		return false;
	*tag = parcel->tag;
	*result = parcel->result;
	return true;
}

void
parcel_keep(struct parcel *parcel, const struct transfer_result *result)
{
	char *body = NULL;

	if (result->body != NULL) {
		body = malloc(result->size + 1);
		if (body == NULL) {
			engine_failure(
			    &parcel->result, "no memory for its answer");
			return;
		}
		memcpy(body, result->body, result->size);
		body[result->size] = '\0';
	}
	free(parcel->body);
	parcel->body = body;
	parcel->result = *result;
	parcel->result.body = body;
}
