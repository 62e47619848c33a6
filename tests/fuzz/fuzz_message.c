/*
 * Whatever bytes come out of the queue: either a refusal that says why, or a
 * job that an honest sender could have sent, byte for byte.
 */
#include "jobs/message.h"

#include "base/code.h"
#include "fuzz.h"

static void
require_job(const struct job *job)
{
	REQUIRE(job->kind == JOB_REFRESH || job->kind == JOB_ACCEPT);
	REQUIRE((job->held > 0) == (job->kind == JOB_ACCEPT));
	REQUIRE((unsigned)job->reason < JOB_REASON_COUNT);
	REQUIRE(code_valid(job->base));
	REQUIRE(job->attempt <= 1000000);
	REQUIRE(job->queued >= 0 && job->deadline >= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct job untouched = { .base = 77 };
	unsigned char again[MESSAGE_SIZE];
	struct job job = untouched;
	const char *fault = message_decode(data, size, &job);

	if (fault != NULL) {
		REQUIRE(fault[0] != '\0');
		REQUIRE(memcmp(&job, &untouched, sizeof(job)) == 0);
		return 0;
	}
	REQUIRE(size == MESSAGE_SIZE);
	require_job(&job);
	message_encode(&job, again);
	REQUIRE(memcmp(data, again, MESSAGE_SIZE) == 0);
	return 0;
}
