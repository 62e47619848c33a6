#include "daemon/asking.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/code.h"
#include "base/hash.h"
#include "board/last.h"
#include "daemon/request.h"
#include "daemon/sources.h"

struct asking {
	const struct worker_setup *setup;
	char symbols[TRANSFER_URL_MAX]; /* all codes, with commas */
	uint64_t recipes[BOARD_SOURCES_MAX];
};

/* Of all that is not zeroed padding: a struct source is, when it is made. */
static uint64_t
recipe_of(const struct conf *conf, const struct source *source)
{
	const uint64_t more[] = { source->base, source->exact_base,
		conf->derive, conf->currencies };
	uint64_t hash = HASH_START;

	hash = hash_bytes(hash, source->name, strlen(source->name));
	hash = hash_bytes(hash, source->url, strlen(source->url));
	hash = hash_bytes(hash, &source->mapping, sizeof(source->mapping));
	hash = hash_bytes(hash, more, sizeof(more));
	/* A currency that is new is in no row that was read before. */
	hash = hash_bytes(hash, conf->codes,
	    conf->currencies * sizeof(conf->codes[0]));
	return hash != 0 ? hash : 1;
}

struct asking *
asking_new(const struct worker_setup *setup)
{
	const struct conf *conf = setup->conf;
	struct asking *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->setup = setup;
	request_symbols(
	    conf->codes, conf->currencies, a->symbols, sizeof(a->symbols));
	for (unsigned i = 0; i < conf->source_count; i++)
		a->recipes[i] = recipe_of(conf, &conf->sources[i]);
	return a;
}

void
asking_free(struct asking *a)
{
	free(a);
}

uint64_t
asking_recipe(const struct asking *a, unsigned source)
{
	return a->recipes[source];
}

uint64_t
asking_request(struct asking *a, struct harvest *harvest, uint32_t row,
    unsigned source, unsigned mirror, struct engine_item *item)
{
	const struct conf *conf = a->setup->conf;
	char code[CODE_TEXT_MAX];
	struct row_last last;

	code_unpack(sources_asked(conf, source, row), code);
	/* What is wrong leaves no URL: the engine hands back the failure. */
	request_make(&item->request, &conf->sources[source], mirror, code,
	    a->symbols);
	if (board_row_last(a->setup->board, row, &last, NULL, NULL) == -1 ||
	    (last.etag[0] == '\0' && last.modified[0] == '\0') ||
	    !harvest_known(
		harvest, row, source, a->recipes[source], last.hash))
		return 0;
	strlcpy(item->request.etag, last.etag, sizeof(item->request.etag));
	strlcpy(item->request.modified, last.modified,
	    sizeof(item->request.modified));
	return last.hash;
}
