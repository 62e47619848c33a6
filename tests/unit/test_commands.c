/*
 * What the commands of ratesctl say of a board that has all there is to tell:
 * derived rows, one that holds an answer, one that was never fetched.
 */
#include "tools/command.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/code.h"
#include "board/expect.h"
#include "board/publish.h"
#include "jobs/queue.h"

#define PATIENCE (20 * CLOCK_SECOND)
#define HOUR (3600 * CLOCK_SECOND)
#define PUBLISHED (INT64_C(1776038400) * CLOCK_SECOND) /* 2026-04-13 */
#define COUNT 4
#define SAID_MAX 8192

enum { EUR, USD, PLN, NOK };

static const uint64_t me = (UINT64_C(1) << 48) | 1;
static char instance[INSTANCE_TEXT_MAX];
static char error[256];
static char said[SAID_MAX]; /* by the last command, on both streams */
static struct board *board;
static int queue = -1;
static int64_t held; /* since when the row of PLN holds an answer */

/* --- the board ------------------------------------------------------------ */

static const double hub[COUNT] = { 1, 1.1684, 4.2575, NAN };

static struct publication
outcome(uint32_t row, enum attempt_class class)
{
	return (struct publication){ .worker = me,
		.row = row,
		.source = "ecb",
		.class = class,
		.fetched_wall = clock_wall(),
		.fetched_boot = clock_boot(),
		.published_form = PUBLISHED_DAY,
		.published = PUBLISHED,
		.hub = code_pack("EUR") };
}

static void
put(const struct publication *p)
{
	assert_int_equal(publish(board, p, clock_mono() + PATIENCE), 0);
}

/* As one answer of a source with one base fills it. */
static void
put_row(uint32_t row, const double *from)
{
	struct publication p = outcome(row, ATTEMPT_OK);
	double numbers[COUNT];

	for (int q = 0; q < COUNT; q++)
		numbers[q] = row == EUR ? from[q] : from[q] / from[row];
	numbers[row] = 1;
	p.numbers = numbers;
	put(&p);
}

static void
put_held(uint32_t row)
{
	struct publication p = outcome(row, ATTEMPT_HELD);
	const double numbers[COUNT] = { 2, 3, 1, NAN };

	p.hold = true;
	p.source = "other";
	p.text = "EUR: 2 after 0.23488";
	held = p.fetched_wall;
	p.numbers = numbers;
	put(&p);
}

static void
put_failure(uint32_t row)
{
	struct publication p = outcome(row, ATTEMPT_HTTP);

	p.http_status = 500;
	put(&p);
}

static int64_t silent; /* ns since the last beat */

static void
publish_board(void)
{
	const uint64_t codes[COUNT] = { code_pack("EUR"), code_pack("USD"),
		code_pack("PLN"), code_pack("NOK") };
	const struct board_plan_source sources[] = {
		{ .name = "ecb",
		    .terms = "free, with the source named",
		    .publishes = "16:00 Europe/Berlin",
		    .base = code_pack("EUR"),
		    .interval = CLOCK_SECOND / 2,
		    .burst = 4,
		    .quota = 10 },
		{ .name = "other" },
	};
	const struct board_plan plan = { .instance = instance,
		.codes = codes,
		.currencies = COUNT,
		.sources = sources,
		.source_count = 2,
		.slots = 1,
		.mode = 0600,
		.stale_after = HOUR };

	board = board_create(&plan, error, sizeof(error));
	if (board == NULL || board_publish(board, error, sizeof(error)) == -1)
		fail_msg("%s", error);
	atomic_store(&board->map->state, BOARD_READY);
	silent = 0;
}

static void
remove_and_die(int number)
{
	object_remove(instance);
	queue_remove(instance);
	signal(number, SIG_DFL);
	raise(number);
}

static int
begin(void **state)
{
	(void)state;
	signal(SIGALRM, remove_and_die);
	signal(SIGABRT, remove_and_die);
	alarm(60);
	snprintf(instance, sizeof(instance), "commands-%ld", (long)getpid());
	publish_board();
	for (uint32_t row = EUR; row <= PLN; row++)
		put_row(row, hub);
	put_held(PLN);
	put_failure(NOK);
	queue = queue_create(instance, 0600, error, sizeof(error));
	if (queue == -1)
		fail_msg("%s", error);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	alarm(0);
	queue_close(queue);
	queue_remove(instance);
	board_close(board);
	return object_remove(instance);
}

/* --- the commands --------------------------------------------------------- */

/* Runs `ratesctl -i INSTANCE LINE`, with what it says in said. */
static int
run(const char *line)
{
	char text[128], *argv[16], *at = text;
	struct ctl ctl = { .instance = instance, .max_age = -1,
		.timeout = CLOCK_SECOND, .timeout_text = "1s" };
	FILE *file = tmpfile();
	int argc = 0, status, out, err;
	size_t size;

	assert_non_null(file);
	atomic_store(
	    &board->map->heartbeat, (uint64_t)(clock_mono() - silent));
	snprintf(text, sizeof(text), "%s", line);
	for (char *word; (word = strsep(&at, " ")) != NULL;)
		if (strcmp(word, "json") == 0)
			ctl.format = FORMAT_JSON;
		else if (strcmp(word, "csv") == 0)
			ctl.format = FORMAT_CSV;
		else if (strcmp(word, "keyvalue") == 0)
			ctl.format = FORMAT_KEYVALUE;
		else if (strcmp(word, "-v") == 0)
			ctl.given |= OPTION_BIT(VERBOSE);
		else
			argv[argc++] = word;
	argv[argc] = NULL;
	fflush(stdout);
	out = dup(STDOUT_FILENO);
	err = dup(STDERR_FILENO);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	status = ctl_dispatch(&ctl, argc, argv);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	close(out);
	close(err);
	rewind(file);
	size = fread(said, 1, sizeof(said) - 1, file);
	said[size] = '\0';
	fclose(file);
	rates_close(ctl.rates);
	return status;
}

static void
expect(const char *part)
{
	if (strstr(said, part) == NULL)
		fail_msg("'%s' is not in:\n%s", part, said);
}

static void
expect_none(const char *part)
{
	if (strstr(said, part) != NULL)
		fail_msg("'%s' is in:\n%s", part, said);
}

/* A part with "now" in it, or with the seconds that have passed since. */
static void
expect_soon(const char *part, const char *ago)
{
	const char *now = strstr(part, "now");
	char text[256];

	assert_non_null(now);
	snprintf(text, sizeof(text), "%s", part);
	for (int s = 1; s < 60 && strstr(said, text) == NULL; s++)
		snprintf(text, sizeof(text), "%.*s%ds%s%s",
		    (int)(now - part), part, s, ago, now + strlen("now"));
	if (strstr(said, text) == NULL)
		fail_msg("'%s' is not in:\n%s", part, said);
}

/* --- explain -------------------------------------------------------------- */

static void
explain_says_how_a_number_came_about(void **state)
{
	(void)state;
	assert_int_equal(run("explain USD PLN"), CTL_DONE);
	expect("1 USD = 3.643871961656967 PLN\n");
	expect("derived from the EUR row of ecb: EUR->PLN 4.2575 / "
	       "EUR->USD 1.1684 = 3.643871961656967, one division\n");
	expect("published   2026-04-13 (");
	expect("state       fresh: it was fetched no more than 1h 0m ago\n");
	expect_none("refused");
	expect_none("held");
	assert_int_equal(run("explain USD EUR"), CTL_DONE);
	expect("derived from the EUR row of ecb: 1 / EUR->USD 1.1684 = "
	       "0.8558712769599451, one division\n");
	assert_int_equal(run("explain EUR USD"), CTL_DONE);
	expect("as ecb gave it\n");
	expect_none("derived");
	assert_int_equal(run("explain USD USD"), CTL_DONE);
	expect("1 by definition\n");
}

/* Rows are replaced one by one, and two of two answers make no quotient. */
static void
explain_shows_no_division_that_does_not_fit(void **state)
{
	const double newer[COUNT] = { 1, 1.2, 4.2575, NAN };

	(void)state;
	put_row(EUR, newer);
	assert_int_equal(run("explain USD PLN"), CTL_DONE);
	expect("derived from the EUR row of ecb: its numbers are of another "
	       "answer now\n");
	expect_none("one division");
	assert_int_equal(run("explain USD PLN json"), CTL_DONE);
	expect("\"origin\": \"cross\", \"hub\": \"EUR\", \"dividend\": null, "
	       "\"divisor\": null");
	put_row(USD, newer);
	assert_int_equal(run("explain USD PLN"), CTL_DONE);
	expect("one division");
}

static void
explain_says_what_is_held_and_how_to_release_it(void **state)
{
	(void)state;
	assert_int_equal(run("explain PLN EUR"), CTL_DONE);
	expect("1 PLN = 0.23487962419260128 EUR\n");
	expect(", from other, published 2026-04-13: EUR: 2 after 0.23488\n");
	expect("it says 1 PLN = 2 EUR\n");
	expect("or: ratesctl accept PLN\n");
	expect_none("refused"); /* that it was is said already */
	assert_int_equal(run("explain PLN EUR json"), CTL_DONE);
	expect("\"held\": {\"since\": \"2");
	expect("\"source\": \"other\", \"published\": \"2026-04-13\", "
	       "\"rate\": 2, \"text\": \"EUR: 2 after 0.23488\", "
	       "\"accepted\": false}");
}

static void
explain_says_why_there_is_no_number(void **state)
{
	(void)state;
	assert_int_equal(run("explain NOK EUR"), CTL_NO_PAIR);
	expect("no number for NOK/EUR\n");
	expect("state       empty: it was never fetched\n");
	expect_soon("refused     now, from ecb: http: 500\n", " ago");
	assert_int_equal(run("explain NOK EUR json"), CTL_NO_PAIR);
	expect("\"rate\": null, \"origin\": \"none\"");
	expect("\"state\": \"empty\"");
	expect("\"class\": \"http\", \"http\": 500");
	assert_int_equal(run("explain EUR NOK"), CTL_NO_PAIR);
	expect("ecb gives none\n");
	assert_int_equal(run("explain EUR XXX"), CTL_NO_PAIR);
}

/* The last failure is told also after a good answer. */
static void
explain_tells_a_refusal_that_is_over(void **state)
{
	(void)state;
	put_failure(USD);
	put_failure(USD);
	assert_int_equal(run("explain USD EUR"), CTL_DONE);
	expect_soon("refused     now, from ecb: http: 500, 2 failures in a row\n",
	    " ago");
	expect_none("over");
	put_row(USD, hub);
	assert_int_equal(run("explain USD EUR"), CTL_DONE);
	expect_soon("refused     now, from ecb: http: 500\n"
		    "            that is over: ecb has answered since\n",
	    " ago");
	put_failure(USD);
	assert_int_equal(run("explain USD EUR json"), CTL_DONE);
	expect("\"over\": false");
}

/* --- convert -------------------------------------------------------------- */

static void
convert_rounds_to_what_the_currency_has(void **state)
{
	(void)state;
	assert_int_equal(run("convert 1000000000000000 EUR USD"), CTL_DONE);
	assert_string_equal(said, "1168400000000000.00\n");
	assert_int_equal(run("convert -2.5 EUR USD"), CTL_DONE);
	assert_string_equal(said, "-2.92\n");
	assert_int_equal(run("convert 100 USD PLN json"), CTL_DONE);
	expect("\"amount\": \"100\", \"from\": \"USD\", \"to\": \"PLN\", "
	       "\"rate\": \"3.643871961656967\", \"result\": \"364.39\", "
	       "\"raw\": \"364.3871961656967\", \"digits\": 2, "
	       "\"rounding\": \"half-even\", \"state\": \"fresh\", "
	       "\"source\": \"ecb\"");
}

static void
convert_says_why_there_is_no_number(void **state)
{
	(void)state;
	assert_int_equal(run("convert 1 EUR NOK"), CTL_NO_PAIR);
	expect("no number for EUR/NOK: ecb gives none\n");
	assert_int_equal(run("convert 1 NOK EUR"), CTL_NO_PAIR);
	expect("the row was never fetched\n");
	assert_int_equal(run("convert 1 NOK NOK"), CTL_DONE);
	assert_string_equal(said, "1.00\n");
	assert_int_equal(run("convert 1 EUR"), CTL_USAGE);
	assert_int_equal(run("convert 1,5 EUR USD"), CTL_USAGE);
	expect("amount '1,5': separators between digits and decimal commas ");
}

/* --- sources -------------------------------------------------------------- */

static void
sources_says_who_is_asked_and_how_it_went(void **state)
{
	struct board_source *s = board_source(board->map, &board->shape, 1);

	(void)state;
	atomic_store(&s->closed_till, (uint64_t)(clock_boot() + HOUR));
	atomic_store(&s->bad_wall, (uint64_t)clock_wall());
	atomic_store(&s->bad_class, ATTEMPT_AUTH);
	atomic_store(&s->bad_http, 401);
	atomic_store(&s->requests, 1000000);
	assert_int_equal(run("sources"), CTL_DONE);
	expect("0/10  EUR\n");
	expect("left alone until 2");
	expect_soon("now: auth 401", "");
	expect("1000000");
	expect_none("terms");
	/* A status of success is no failure's. */
	atomic_store(&s->bad_class, ATTEMPT_DATE);
	atomic_store(&s->bad_http, 200);
	assert_int_equal(run("sources"), CTL_DONE);
	expect_soon("now: date ", "");
	expect_none("200");
	assert_int_equal(run("sources -v ecb"), CTL_DONE);
	expect_none("other");
	expect("  publishes  16:00 Europe/Berlin\n");
	expect("  limits     a request every 0.5 s, 4 at once; 10 requests a "
	       "month, 0 used\n");
	expect("  terms      free, with the source named\n");
	assert_int_equal(run("sources nobody"), CTL_FAILED);
	expect_none("did you mean");
	assert_int_equal(run("sources ebc"), CTL_FAILED);
	expect("no source 'ebc' on the board; did you mean 'ecb'?\n");
}

static void
sources_says_the_same_to_programs(void **state)
{
	(void)state;
	assert_int_equal(run("sources json"), CTL_DONE);
	expect("{\"name\": \"ecb\", \"state\": \"ok\", \"until\": null, "
	       "\"last_good\": null,");
	expect("\"base\": \"EUR\", \"interval\": 0.5, \"burst\": 4, "
	       "\"quota\": 10, \"quota_used\": 0, ");
	expect("\"base\": null, \"interval\": null, \"burst\": null, "
	       "\"quota\": null, \"quota_used\": null, "
	       "\"publishes\": null, \"terms\": null}");
	assert_int_equal(run("sources csv"), CTL_DONE);
	expect("name,state,until,last_good,");
	expect("\necb,ok,,,,,,0,0,0,EUR,0.5,4,10,0,16:00 Europe/Berlin,"
	       "\"free, with the source named\"\n");
	assert_int_equal(run("sources keyvalue other"), CTL_DONE);
	expect("other.state=ok\n");
	expect("other.quota=\n");
	expect_none("ecb");
}

/* --- accept --------------------------------------------------------------- */

static void
expect_job(const char *base)
{
	char code[CODE_TEXT_MAX];
	const char *why;
	struct job job;
	int got = queue_receive(queue, &job, &why);

	assert_int_equal(got, base != NULL);
	if (base == NULL)
		return;
	assert_int_equal(job.kind, JOB_ACCEPT);
	assert_int_equal(job.reason, JOB_REQUEST);
	assert_string_equal(code_unpack(job.base, code), base);
	assert_true(job.held == held);
}

static void
accept_asks_only_for_what_is_held(void **state)
{
	(void)state;
	assert_int_equal(run("accept PLN EUR"), CTL_FAILED);
	expect("EUR: nothing is held");
	expect_job(NULL);
	assert_int_equal(run("accept PLN XXX"), CTL_NO_PAIR);
	expect("no currency 'XXX' on the board\n");
	expect_job(NULL);
	assert_int_equal(run("accept"), CTL_USAGE);
	assert_int_equal(run("accept PLN"), CTL_DONE);
	expect_job("PLN");
	expect_job(NULL);
	silent = 10 * CLOCK_SECOND;
	assert_int_equal(run("accept PLN"), CTL_NO_BOARD);
	assert_int_equal(run("show"), CTL_DONE);
	expect("nobody feeds this board for 1");
	expect("s; ages are true\n");
	expect("held: EUR: 2 after 0.23488, from other\n");
	expect_job(NULL);
}

/* --- states --------------------------------------------------------------- */

static void
all_states_are_counted(void **state)
{
	(void)state;
	assert_int_equal(run("status json"), CTL_DONE);
	expect("\"rows\": {\"total\": 4, \"fresh\": 3, \"closed\": 0, "
	       "\"late\": 0, \"frozen\": 0, \"stale\": 0, \"empty\": 1}");
	assert_int_equal(run("wait"), CTL_FAILED);
	expect("still empty or stale after 1s: NOK\n");
	put_row(NOK, (const double[COUNT]){ 1, 2, 3, 4 });
	assert_int_equal(run("wait"), CTL_DONE);
	atomic_store(&board->map->stale_after, 0);
	assert_int_equal(run("status"), CTL_DONE);
	expect("rows        4: 0 fresh, 0 closed, 0 late, 0 frozen, 4 stale, "
	       "0 empty\n");
}

#define DAY (24 * HOUR)

/* A calendar with a publication at a time, and one on the next day. */
static void
expect_at(int64_t last, int64_t day_end, int64_t next, int64_t back)
{
	const struct expected words = { .last = last,
		.last_day = last,
		.last_begin = last,
		.last_end = day_end,
		.next = next,
		.next_begin = next,
		.before = back,
		.before_that = back };

	board_expect(board_source(board->map, &board->shape, 0), &words);
}

static void
the_calendar_of_its_source_judges_a_row(void **state)
{
	int64_t now = clock_wall();

	(void)state;
	atomic_store(&board->map->late_after, HOUR);
	expect_at(now - 2 * HOUR, now + HOUR, now + DAY, now - DAY);
	assert_int_equal(run("explain EUR USD"), CTL_DONE);
	expect("state       late: a publication was expected at 2");
	assert_int_equal(run("show json"), CTL_DONE);
	expect("\"base\": \"EUR\", \"state\": \"late\"");
	assert_int_equal(run("show EUR"), CTL_DONE);
	expect("-  L  ");
	expect("  ecb\n");
	atomic_store(&board->map->late_after, 3 * HOUR);
	assert_int_equal(run("explain EUR USD"), CTL_DONE);
	expect("state       fresh: the next publication is expected at 2");
	expect_at(PUBLISHED, now - HOUR, now + DAY, now - DAY);
	assert_int_equal(run("explain EUR USD"), CTL_DONE);
	expect("state       closed: no publication is expected before 2");
	expect_at(PUBLISHED, now - HOUR, now + DAY, now + DAY);
	assert_int_equal(run("explain EUR USD"), CTL_DONE);
	expect("state       frozen: two expected publications");
	assert_int_equal(run("status"), CTL_DONE);
	expect("0 fresh, 0 closed, 0 late, 3 frozen, 0 stale, 1 empty\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(explain_says_how_a_number_came_about),
		TEST(explain_shows_no_division_that_does_not_fit),
		TEST(explain_says_what_is_held_and_how_to_release_it),
		TEST(explain_says_why_there_is_no_number),
		TEST(explain_tells_a_refusal_that_is_over),
		TEST(convert_rounds_to_what_the_currency_has),
		TEST(convert_says_why_there_is_no_number),
		TEST(sources_says_who_is_asked_and_how_it_went),
		TEST(sources_says_the_same_to_programs),
		TEST(accept_asks_only_for_what_is_held),
		TEST(all_states_are_counted),
		TEST(the_calendar_of_its_source_judges_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
