#include "jobs/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/code.h"

#include "dice.h"

/* Where each field lies: both ends must agree, also over an upgrade. */
enum {
	AT_VERSION = 4,
	AT_KIND = 6,
	AT_REASON = 8,
	AT_ZERO = 10,
	AT_ATTEMPT = 12,
	AT_BASE = 16,
	AT_QUEUED = 24,
	AT_DEADLINE = 32,
	AT_HELD = 40,
	AT_RESERVED = 48,
};

static struct job
some_job(void)
{
	return (struct job){ .kind = JOB_REFRESH,
		.reason = JOB_RETRY,
		.base = code_pack("EUR"),
		.attempt = 77,
		.queued = 123456789012345,
		.deadline = 987654321098765 };
}

static bool
same_job(const struct job *a, const struct job *b)
{
	return a->kind == b->kind && a->reason == b->reason &&
	    a->base == b->base && a->attempt == b->attempt &&
	    a->queued == b->queued && a->deadline == b->deadline;
}

/* Decodes some_job() with some of its bytes replaced. */
static const char *
decode_with(size_t at, const void *bytes, size_t size)
{
	unsigned char message[MESSAGE_SIZE];
	struct job job = some_job();

	message_encode(&job, message);
	memcpy(message + at, bytes, size);
	return message_decode(message, sizeof(message), &job);
}

static const char *
decode_with_u64(size_t at, uint64_t value)
{
	return decode_with(at, &value, sizeof(value));
}

static const char *
decode_with_u16(size_t at, uint16_t value)
{
	return decode_with(at, &value, sizeof(value));
}

static void
carries_every_field(void **state)
{
	static const char *const codes[] = { "EUR", "1INCH", "ABCDEFGH" };
	unsigned char message[MESSAGE_SIZE];

	(void)state;
	for (unsigned i = 0; i < 3 * JOB_REASON_COUNT; i++) {
		struct job sent = { .kind = JOB_REFRESH,
			.reason = (enum job_reason)(i / 3),
			.base = code_pack(codes[i % 3]),
			.attempt = i * 1000,
			.queued = INT64_MAX - i,
			.deadline = (int64_t)i << 33 };
		struct job got = { 0 };

		message_encode(&sent, message);
		assert_null(message_decode(message, sizeof(message), &got));
		assert_true(same_job(&sent, &got));
	}
}

static void
fields_keep_their_places(void **state)
{
	unsigned char message[MESSAGE_SIZE];
	struct job job = some_job();

	(void)state;
	message_encode(&job, message);
	assert_memory_equal(message, "ratj", 4);
	assert_memory_equal(message + AT_VERSION, &(uint16_t){ 1 }, 2);
	assert_memory_equal(message + AT_KIND, &(uint16_t){ 1 }, 2);
	assert_memory_equal(message + AT_REASON, &(uint16_t){ 1 }, 2);
	assert_memory_equal(message + AT_ATTEMPT, &job.attempt, 4);
	assert_memory_equal(message + AT_BASE, "EUR\0\0\0\0", 8);
	assert_memory_equal(message + AT_QUEUED, &job.queued, 8);
	assert_memory_equal(message + AT_DEADLINE, &job.deadline, 8);
}

/* Each in memory of its own size: a byte read beyond it is an error. */
static void
refuses_every_other_size(void **state)
{
	unsigned char whole[2 * MESSAGE_SIZE] = { 0 };
	struct job job = some_job();

	(void)state;
	message_encode(&job, whole);
	for (size_t size = 0; size <= sizeof(whole); size++) {
		unsigned char *message = malloc(size > 0 ? size : 1);
		const char *fault;

		assert_non_null(message);
		memcpy(message, whole, size);
		fault = message_decode(message, size, &job);
		free(message);
		if ((fault == NULL) != (size == MESSAGE_SIZE))
			fail_msg("%zu bytes: %s", size,
			    fault != NULL ? fault : "accepted");
	}
}

static bool
must_not_change(size_t at)
{
	return at < AT_REASON || (at >= AT_ZERO && at < AT_ATTEMPT) ||
	    at >= AT_RESERVED;
}

/* What is accepted is what an honest sender could have sent. */
static void
check_accepted(const unsigned char *message, const struct job *job)
{
	unsigned char again[MESSAGE_SIZE];

	message_encode(job, again);
	assert_memory_equal(message, again, MESSAGE_SIZE);
	assert_true(code_valid(job->base));
	assert_true(job->kind == JOB_REFRESH || job->kind == JOB_ACCEPT);
	assert_true((job->held > 0) == (job->kind == JOB_ACCEPT));
	assert_true(job->reason < JOB_REASON_COUNT);
	assert_true(job->attempt <= 1000000);
	assert_true(job->queued >= 0 && job->deadline >= 0);
}

static void
accepts_no_change_where_none_may_be(void **state)
{
	unsigned char message[MESSAGE_SIZE];
	struct job job = some_job(), got;
	unsigned accepted = 0;

	(void)state;
	message_encode(&job, message);
	for (unsigned i = 0; i < MESSAGE_SIZE * 255; i++) {
		size_t at = i / 255;
		unsigned char change = (unsigned char)(i % 255 + 1);

		message[at] ^= change;
		if (message_decode(message, sizeof(message), &got) == NULL) {
			if (must_not_change(at))
				fail_msg("byte %zu changed by %#x", at, change);
			check_accepted(message, &got);
			assert_false(same_job(&job, &got));
			accepted++;
		}
		message[at] ^= change;
	}
	assert_in_range(accepted, 1000, 10000);
}

static void
refuses_malformed_bases(void **state)
{
	static const char bases[][8] = { "", "U", "US", "usd", "USd", "US\0D",
		"\0USD", "US-", "US ", "\xc3\x89U", "ABCDEFG!" };

	(void)state;
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		assert_string_equal(decode_with(AT_BASE, bases[i], 8),
		    "with a malformed base");
	assert_string_equal(
	    decode_with_u64(AT_BASE, UINT64_MAX), "with a malformed base");
	assert_null(decode_with(AT_BASE, "ABCDEFGH", 8));
}

static void
says_what_is_wrong(void **state)
{
	(void)state;
	assert_string_equal(decode_with(0, "RATJ", 4), "not a job");
	assert_string_equal(
	    decode_with_u16(AT_VERSION, 0), "of another version");
	assert_string_equal(
	    decode_with_u16(AT_VERSION, 2), "of another version");
	assert_string_equal(
	    decode_with_u16(AT_KIND, 0), "of an unknown kind");
	assert_string_equal(
	    decode_with_u16(AT_KIND, 3), "of an unknown kind");
	assert_string_equal(decode_with_u16(AT_REASON, JOB_REASON_COUNT),
	    "of an unknown reason");
	assert_string_equal(
	    decode_with_u16(AT_ZERO, 1), "with bytes where none belong");
	assert_string_equal(decode_with_u64(AT_RESERVED + 8, 1),
	    "with bytes where none belong");
}

/* Whoever accepts says what; who doesn't, has nothing to say. */
static void
accepts_what_is_named(void **state)
{
	struct job sent = some_job(), got;
	unsigned char message[MESSAGE_SIZE];

	(void)state;
	sent.kind = JOB_ACCEPT;
	sent.held = 1776038400;
	message_encode(&sent, message);
	assert_null(message_decode(message, sizeof(message), &got));
	assert_int_equal(got.kind, JOB_ACCEPT);
	assert_int_equal(got.held, 1776038400);
	sent.held = 0;
	message_encode(&sent, message);
	assert_string_equal(message_decode(message, sizeof(message), &got),
	    "with a number out of range");
	assert_string_equal(
	    decode_with_u64(AT_HELD, 1), "with a number out of range");
	sent.held = -1;
	message_encode(&sent, message);
	assert_string_equal(message_decode(message, sizeof(message), &got),
	    "with a number out of range");
}

static void
numbers_have_bounds(void **state)
{
	const char *fault = "with a number out of range";

	(void)state;
	assert_null(decode_with(AT_ATTEMPT, &(uint32_t){ 0 }, 4));
	assert_null(decode_with(AT_ATTEMPT, &(uint32_t){ 1000000 }, 4));
	assert_string_equal(
	    decode_with(AT_ATTEMPT, &(uint32_t){ 1000001 }, 4), fault);
	assert_string_equal(
	    decode_with(AT_ATTEMPT, &(uint32_t){ UINT32_MAX }, 4), fault);
	for (size_t at = AT_QUEUED; at <= AT_DEADLINE; at += 8) {
		assert_null(decode_with_u64(at, 0));
		assert_null(decode_with_u64(at, INT64_MAX));
		assert_string_equal(
		    decode_with_u64(at, (uint64_t)INT64_MAX + 1), fault);
		assert_string_equal(decode_with_u64(at, UINT64_MAX), fault);
	}
}

static void
reasons_are_priorities_and_have_names(void **state)
{
	(void)state;
	assert_true(JOB_REQUEST > JOB_RETRY && JOB_RETRY > JOB_SCHEDULE);
	assert_string_equal(job_reason_name(JOB_SCHEDULE), "schedule");
	assert_string_equal(job_reason_name(JOB_RETRY), "retry");
	assert_string_equal(job_reason_name(JOB_REQUEST), "request");
	assert_string_equal(job_reason_name(JOB_REASON_COUNT), "?");
	assert_string_equal(job_reason_name((enum job_reason)UINT32_MAX), "?");
}

/* Half of them all random; half a job of which up to 3 bytes are random. */
static void
make_random(unsigned char message[MESSAGE_SIZE], uint64_t round)
{
	struct job job = some_job();

	if (round % 2 == 0) {
		for (size_t i = 0; i < MESSAGE_SIZE; i++)
			message[i] = (unsigned char)dice_next();
		return;
	}
	message_encode(&job, message);
	for (uint64_t i = dice_next() % 4; i > 0; i--)
		message[dice_next() % MESSAGE_SIZE] =
		    (unsigned char)dice_next();
}

static void
random_bytes_never_pass_for_what_they_are_not(void **state)
{
	unsigned char message[MESSAGE_SIZE];
	unsigned accepted = 0, refused = 0;
	struct job job;

	(void)state;
	dice_seed();
	for (uint64_t round = 0; round < 100000; round++) {
		make_random(message, round);
		if (message_decode(message, sizeof(message), &job) != NULL) {
			refused++;
			continue;
		}
		assert_true(round % 2 == 1);
		check_accepted(message, &job);
		accepted++;
	}
	assert_in_range(accepted, 5000, 45000);
	assert_in_range(refused, 50000, 95000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carries_every_field),
		cmocka_unit_test(fields_keep_their_places),
		cmocka_unit_test(refuses_every_other_size),
		cmocka_unit_test(accepts_no_change_where_none_may_be),
		cmocka_unit_test(refuses_malformed_bases),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(accepts_what_is_named),
		cmocka_unit_test(numbers_have_bounds),
		cmocka_unit_test(reasons_are_priorities_and_have_names),
		cmocka_unit_test(random_bytes_never_pass_for_what_they_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
