#include "daemon/sources.h"

#include <bsd/stdlib.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/text.h"
#include "daemon/breaker.h"
#include "daemon/quota.h"
#include "fetch/throttle.h"

#define THROTTLED_WAIT CLOCK_SECOND /* a 429 that names no time */
#define SOON (2 * CLOCK_SECOND)     /* not worth to ask somebody else */
#define SHARED_SOON (10 * CLOCK_SECOND) /* the same for all rows at once */
#define LOOK_EVERY (20 * CLOCK_MS)  /* whether a shared answer is there */
#define GIVE_UP (60 * CLOCK_SECOND)
#define PROBE_GRACE CLOCK_SECOND

static struct board_source *
words_of(const struct worker_setup *setup, unsigned source)
{
	return board_source(
	    setup->board->map, &setup->board->shape, source);
}

static uint64_t
id_of(const struct worker_setup *setup)
{
	return worker_id(setup->slot, setup->incarnation);
}

static void
add(board_word *word)
{
	atomic_fetch_add_explicit(word, 1, memory_order_relaxed);
}

static struct throttle
throttle_of(const struct worker_setup *setup, unsigned source)
{
	struct board_source *s = words_of(setup, source);

	return (struct throttle){ &s->arrival, &s->not_before,
		setup->conf->sources[source].rate_interval,
		setup->conf->sources[source].burst };
}

bool
sources_shared(const struct conf *conf, unsigned source)
{
	return conf->derive || conf->sources[source].base != 0;
}

uint64_t
sources_hub(const struct conf *conf, unsigned source)
{
	const struct source *s = &conf->sources[source];

	if (s->base != 0)
		return s->base;
	return s->exact_base != 0 ? s->exact_base : conf->codes[0];
}

uint64_t
sources_asked(const struct conf *conf, unsigned source, uint32_t row)
{
	return sources_shared(conf, source) ? sources_hub(conf, source)
					    : conf->codes[row];
}

/* How long (ns) the source is not to be asked at all; 0: it may be. */
static int64_t
closed(const struct worker_setup *setup, unsigned source, int64_t now)
{
	struct throttle throttle = throttle_of(setup, source);
	struct board_source *words = words_of(setup, source);
	int64_t blocked = throttle_blocked(&throttle, now);
	int64_t broken = breaker_wait(words, now);
	int64_t wall = clock_wall(), wait = blocked > broken ? blocked : broken;

	quota_heal(words, wall);
	if (quota_left(words, setup->conf->sources[source].quota, wall) == 0 &&
	    quota_month_left(wall) > wait)
		wait = quota_month_left(wall);
	return wait;
}

static void
drop_claim(const struct worker_setup *setup, unsigned source)
{
	uint64_t me = id_of(setup);

	atomic_compare_exchange_strong(&words_of(setup, source)->claim, &me, 0);
}

static bool
has_answered(
    const struct worker_setup *setup, unsigned source, int64_t since)
{
	return (int64_t)atomic_load(&words_of(setup, source)->answered) > since;
}

/* One worker at a time; who comes second looks whether there is an answer. */
static enum pick
claim(const struct worker_setup *setup, unsigned source, int64_t since,
    int64_t *wait)
{
	uint64_t nobody = 0;

	if (!sources_shared(setup->conf, source))
		return PICK_GRANTED;
	if (has_answered(setup, source, since))
		return PICK_ANSWERED;
	*wait = LOOK_EVERY;
	if (!atomic_compare_exchange_strong(
		&words_of(setup, source)->claim, &nobody, id_of(setup)))
		return PICK_WAIT;
	FAULT_POINT("source.claimed");
	if (!has_answered(setup, source, since))
		return PICK_GRANTED;
	drop_claim(setup, source);
	return PICK_ANSWERED;
}

/* The source's own limits: 0 if they grant one request, which is counted. */
static int64_t
take(const struct worker_setup *setup, unsigned source, int64_t now)
{
	const struct conf *conf = setup->conf;
	struct throttle throttle = throttle_of(setup, source);
	struct board_source *words = words_of(setup, source);
	int64_t wait = throttle_take(&throttle, now);

	if (wait > 0)
		return wait;
	/* Somebody else makes the probe. */
	if (!breaker_enter(words, now, conf->timeout + PROBE_GRACE))
		return LOOK_EVERY;
	if (!quota_take(words, conf->sources[source].quota, clock_wall()))
		return quota_month_left(clock_wall());
	add(&words->requests);
	return 0;
}

/* Whether this one is to be asked; *wait: 0, or how long it is not. */
static enum pick
try(const struct worker_setup *setup, unsigned source, int64_t since,
    int64_t now, int64_t *wait)
{
	enum pick pick;

	/* Also of one that is closed by now: its answer is what counts. */
	if (sources_shared(setup->conf, source) &&
	    has_answered(setup, source, since))
		return PICK_ANSWERED;
	*wait = closed(setup, source, now);
	if (*wait > 0)
		return PICK_WAIT;
	pick = claim(setup, source, since, wait);
	if (pick != PICK_GRANTED)
		return pick;
	*wait = take(setup, source, now);
	if (*wait == 0)
		return PICK_GRANTED;
	if (sources_shared(setup->conf, source))
		drop_claim(setup, source);
	return PICK_WAIT;
}

/*
 * A shared source that has no token yet, and else nothing against it: asked for
 * twice in a row, the board is not to change to another source.
 */
static bool
has_token_soon(
    const struct worker_setup *setup, unsigned source, int64_t now, int64_t left)
{
	return left <= SHARED_SOON && sources_shared(setup->conf, source) &&
	    closed(setup, source, now) == 0;
}

enum pick
sources_pick(const struct worker_setup *setup, unsigned *source,
    int64_t since, bool brief, int64_t now, int64_t *wait)
{
	unsigned first = *source;

	*wait = INT64_MAX;
	for (unsigned s = first; s < setup->conf->source_count; s++) {
		int64_t left = 0;
		enum pick pick = try(setup, s, since, now, &left);

		if (pick != PICK_WAIT || left < *wait) {
			*source = s;
			*wait = left;
		}
		if (pick != PICK_WAIT)
			return pick;
		if (left <= SOON || has_token_soon(setup, s, now, left))
			break;
	}
	return *wait > (brief ? SOON : GIVE_UP) ? PICK_NONE : PICK_WAIT;
}

bool
sources_mirror(const struct worker_setup *setup, unsigned source)
{
	struct board_source *words = words_of(setup, source);

	if (!quota_take(
		words, setup->conf->sources[source].quota, clock_wall()))
		return false;
	add(&words->requests);
	return true;
}

enum attempt_class
sources_answer(const struct worker_setup *setup, unsigned source)
{
	uint64_t class = atomic_load(&words_of(setup, source)->answer_class);

	return class < ATTEMPT_CLASS_COUNT ? (enum attempt_class)class
					   : ATTEMPT_NONE;
}

/* Up to a tenth later, so that hosts don't come back in step. */
static void
come_back_later(
    const struct worker_setup *setup, unsigned source, int64_t wait)
{
	struct throttle throttle = throttle_of(setup, source);

	if (wait < THROTTLED_WAIT)
		wait = THROTTLED_WAIT;
	wait += (int64_t)arc4random_uniform((uint32_t)(wait / 10000000)) *
	    1000000;
	throttle_block(&throttle, clock_boot() + wait);
}

/*
 * Who has each base at a URL of its own says so of one that it lacks: nothing
 * against the source, or a few such rows would keep all others from it.
 */
static bool
lacks_base(const struct worker_setup *setup, unsigned source,
    const struct transfer_result *result, enum attempt_class class)
{
	return class == ATTEMPT_HTTP && !sources_shared(setup->conf, source) &&
	    (result->http_status == 400 || result->http_status == 404 ||
		result->http_status == 422);
}

/* The bucket of a time: the first that is as long. */
static enum fetch_bucket
bucket_of(int64_t ns)
{
	static const int64_t within[] = {
#define X(ms, text) (ms) * CLOCK_MS,
		FETCH_BUCKETS(X)
#undef X
	};
	unsigned i = 0;

	while (i < FETCH_LONGER && ns > within[i])
		i++;
	return (enum fetch_bucket)i;
}

void
sources_took(const struct worker_setup *setup, unsigned source,
    const struct transfer_result *result)
{
	struct board_source *words = words_of(setup, source);

	add(&words->took[bucket_of(result->took)]);
	atomic_fetch_add_explicit(&words->took_ns, (uint64_t)result->took,
	    memory_order_relaxed);
}

void
sources_failed(const struct worker_setup *setup, unsigned source,
    enum attempt_class class)
{
	add(&words_of(setup, source)->failed[class]);
}

void
sources_rejected(const struct worker_setup *setup, unsigned source,
    enum attempt_class class)
{
	add(&words_of(setup, source)->rejected[class]);
}

void
sources_note(const struct worker_setup *setup, unsigned source,
    const struct transfer_result *result, enum attempt_class class)
{
	struct board_source *words = words_of(setup, source);
	enum attempt_class fault = class;
	int64_t wall = clock_wall();

	if (class == ATTEMPT_OK) {
		breaker_good(words);
		atomic_store(&words->good_wall, (uint64_t)wall);
		return;
	}
	if (class == ATTEMPT_NONE)
		return; /* our own failure */
	add(&words->failures);
	add(&words->failed[class]);
	if (class == ATTEMPT_BASE || class == ATTEMPT_VALUE)
		sources_rejected(setup, source, class);
	atomic_store(&words->bad_wall, (uint64_t)wall);
	atomic_store(&words->bad_class, class);
	atomic_store(&words->bad_http, result->http_status);
	/* By its status, or by the text of an answer. */
	if (result->class == ATTEMPT_THROTTLED || class == ATTEMPT_THROTTLED)
		come_back_later(setup, source, result->retry_after);
	/* One that names no time may mean much longer: a fault as any other. */
	if (class == ATTEMPT_THROTTLED && result->retry_after < 0)
		fault = ATTEMPT_HTTP;
	if (lacks_base(setup, source, result, class))
		fault = ATTEMPT_UNSUPPORTED;
	breaker_bad(words, fault, clock_boot(), quota_month_left(wall),
	    arc4random());
}

void
sources_release(const struct worker_setup *setup, unsigned source,
    enum attempt_class class, int64_t ended)
{
	struct board_source *words = words_of(setup, source);

	if (!sources_shared(setup->conf, source))
		return;
	atomic_store(&words->answer_class, class);
	/* The rows' own time: who came since is not to look for it in them. */
	atomic_store(&words->answered, (uint64_t)ended);
	FAULT_POINT("source.answered");
	drop_claim(setup, source);
}

enum attempt_class
sources_reason(const struct worker_setup *setup, unsigned source, int64_t now,
    char *buf, size_t size)
{
	const struct board_source *words = words_of(setup, source);
	const unsigned quota = setup->conf->sources[source].quota;
	struct throttle throttle = throttle_of(setup, source);
	int64_t blocked = throttle_blocked(&throttle, now);
	int64_t broken = breaker_wait(words, now);
	int64_t left = blocked > broken ? blocked : broken;
	uint64_t class = atomic_load(&words->bad_class);

	if (quota_left(words, quota, clock_wall()) == 0) {
		text_format(buf, size,
		    "the month's quota of %u requests is used up", quota);
		return ATTEMPT_QUOTA;
	}
	if (left == 0) { /* and it is not the source that failed */
		text_format(buf, size, "its rate-limit allows no request yet");
		return ATTEMPT_THROTTLED;
	}
	text_format(buf, size, "left alone for %lld s more, after: %s",
	    (long long)(left / CLOCK_SECOND), attempt_class_name(class));
	if (blocked > broken || class <= ATTEMPT_OK ||
	    class >= ATTEMPT_CLASS_COUNT)
		return ATTEMPT_THROTTLED;
	return (enum attempt_class)class;
}
