#include "daemon/verdict.h"

#include "base/clock.h"
#include "base/code.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/sources.h"

static int
find_code(const void *context, uint64_t code)
{
	return board_find(context, code);
}

static void
read_answer(struct verdict *v, const struct worker_setup *setup, uint32_t row,
    const struct transfer_result *r, double *numbers)
{
	const struct conf *conf = setup->conf;
	struct answer *answer = &v->answer;
	struct document document = {
		.mapping = &conf->sources[answer->source].mapping,
		.base = sources_asked(conf, answer->source, row),
		.find = find_code,
		.context = setup->board,
		.numbers = numbers,
		.count = conf->currencies
	};

	v->class = document_read(
	    &document, r->body, r->size, v->text, sizeof(v->text));
	answer->published = document.published;
	answer->form = document.published_form;
}

/* A 403 without a key is a network's hiccup as likely as anything. */
static enum attempt_class
class_of_status(
    const struct source *source, const struct transfer_result *r)
{
	if (r->http_status == 401 ||
	    (r->http_status == 403 && source->auth != SOURCE_AUTH_NONE))
		return ATTEMPT_AUTH;
	return r->http_status == 402 ? ATTEMPT_PLAN : r->class;
}

enum attempt_class
verdict_failure(const struct source *source, const struct transfer_result *r,
    char *text, size_t size)
{
	enum attempt_class class = r->class, told = ATTEMPT_NONE;
	char said[DOCUMENT_ERROR_MAX] = "";

	text_format(text, size, "%s", r->text);
	if (r->body != NULL)
		told = document_error(
		    &source->mapping, r->body, r->size, said, sizeof(said));
	if (said[0] != '\0')
		text_append(text, size, ": %s", said);
	if (r->class == ATTEMPT_HTTP)
		class = class_of_status(source, r);
	/* Also of a 429, with which some say that the month is used up. */
	if (told != ATTEMPT_NONE &&
	    (r->class == ATTEMPT_HTTP || r->class == ATTEMPT_THROTTLED))
		class = told;
	/* A source may repeat the key that it doesn't like. */
	text_redact(text, size, source->key);
	return class;
}

void
verdict_reach(struct verdict *v, const struct worker_setup *setup,
    struct harvest *harvest, uint32_t row, unsigned source, uint64_t recipe,
    uint64_t hash, bool anew, const struct transfer_result *r,
    double *numbers)
{
	const struct conf *conf = setup->conf;

	*v = (struct verdict){ .class = r->class };
	v->answer = (struct answer){
		.source = source,
		.hub = sources_shared(conf, source) ? sources_hub(conf, source)
						    : 0,
		.numbers = numbers,
		.hash = r->not_modified ? hash : r->hash,
		.recipe = recipe,
		.etag = r->etag,
		.modified = r->modified,
		.http_status = r->http_status,
		.fetched_wall = clock_wall(),
		.fetched_boot = clock_boot()
	};
	if (r->class != ATTEMPT_OK)
		v->class = verdict_failure(
		    &conf->sources[source], r, v->text, sizeof(v->text));
	else if (r->not_modified ||
	    (!anew &&
		harvest_known(harvest, row, source, recipe, v->answer.hash)))
		v->again = true;
	else
		read_answer(v, setup, row, r, numbers);
	/* A source may repeat the key that it doesn't like. */
	text_redact(v->text, sizeof(v->text), conf->sources[source].key);
}

void
verdict_log(const struct verdict *v, const struct worker_setup *setup,
    uint32_t row, const struct row_news *news, bool last)
{
	const char *source = setup->conf->sources[v->answer.source].name;
	char code[CODE_TEXT_MAX];

	code_unpack(setup->conf->codes[row], code);
	if (v->class != ATTEMPT_OK)
		log_at(news->failures == 0 && last ? LOG_LEVEL_WARN
						   : LOG_LEVEL_INFO,
		    "%s from %s: %s: %s", code, source,
		    attempt_class_name(v->class), v->text);
	else if (news->failures > 0)
		log_info("%s from %s: ok after %llu failures", code, source,
		    (unsigned long long)news->failures);
}
