#include "daemon/verdict.h"

#include "base/clock.h"
#include "base/code.h"
#include "base/log.h"
#include "base/text.h"

static int
find_code(const void *context, uint64_t code)
{
	return board_find(context, code);
}

static void
read_answer(struct verdict *v, const struct worker_setup *setup,
    const struct transfer_result *r, double *numbers)
{
	struct publication *p = &v->publication;
	struct document document = { .base = setup->conf->codes[p->row],
		.find = find_code,
		.context = setup->board,
		.numbers = numbers,
		.count = setup->conf->currencies };

	p->class = document_read(
	    &document, r->body, r->size, v->error, sizeof(v->error));
	p->published = document.published;
	p->published_form = document.published_form;
}

/* Why there is none, and what the source says of it in the body. */
static void
read_failure(struct verdict *v, const struct transfer_result *r)
{
	char said[DOCUMENT_ERROR_MAX];

	text_format(v->error, sizeof(v->error), "%s", r->text);
	if (r->body == NULL)
		return;
	document_error(r->body, r->size, said, sizeof(said));
	if (said[0] != '\0')
		text_append(v->error, sizeof(v->error), ": %s", said);
}

void
verdict_reach(struct verdict *v, const struct worker_setup *setup,
    uint32_t row, unsigned source, const struct transfer_result *r,
    double *numbers)
{
	v->error[0] = '\0';
	v->publication = (struct publication){ .row = row,
		.source = setup->conf->sources[source].name,
		.class = r->class,
		.http_status = r->http_status,
		.text = v->error,
		.numbers = numbers,
		.fetched_wall = clock_wall(),
		.fetched_boot = clock_boot() };
	if (r->class == ATTEMPT_OK)
		read_answer(v, setup, r, numbers);
	else
		read_failure(v, r);
}

void
verdict_log(
    const struct verdict *v, const struct worker_setup *setup, bool last)
{
	const struct publication *p = &v->publication;
	char code[CODE_TEXT_MAX];
	struct row_news news;

	board_row_news(setup->board, p->row, &news);
	code_unpack(setup->conf->codes[p->row], code);
	if (p->class != ATTEMPT_OK)
		log_at(news.failures == 0 && last ? LOG_LEVEL_WARN
						  : LOG_LEVEL_INFO,
		    "%s from %s: %s: %s", code, p->source,
		    attempt_class_name(p->class), p->text);
	else if (news.failures > 0)
		log_info("%s from %s: ok after %llu failures", code, p->source,
		    (unsigned long long)news.failures);
}
