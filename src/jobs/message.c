#include "jobs/message.h"

#include <string.h>

#include "base/code.h"

#define ATTEMPT_LIMIT 1000000

/* The bytes in the queue; both ends are on one host. */
struct wire {
	char magic[4];
	uint16_t version;
	uint16_t kind;
	uint16_t reason;
	uint16_t zero;
	uint32_t attempt;
	uint64_t base;
	int64_t queued;
	int64_t deadline;
	int64_t held;
	uint64_t reserved[2];
};
_Static_assert(sizeof(struct wire) == MESSAGE_SIZE, "no padding");

static const char magic[4] = { 'r', 'a', 't', 'j' };

const char *
job_reason_name(enum job_reason reason)
{
	static const char *const names[] = {
#define X(id, name) name,
		JOB_REASONS(X)
#undef X
	};
	return (unsigned)reason < JOB_REASON_COUNT ? names[reason] : "?";
}

void
message_encode(const struct job *job, unsigned char out[MESSAGE_SIZE])
{
	struct wire wire = {
		.version = MESSAGE_VERSION,
		.kind = job->kind,
		.reason = job->reason,
		.attempt = job->attempt,
		.base = job->base,
		.queued = job->queued,
		.deadline = job->deadline,
		.held = job->held,
	};

	memcpy(wire.magic, magic, sizeof(magic));
	memcpy(out, &wire, sizeof(wire));
}

static const char *
fault_of(const struct wire *wire)
{
	static const uint64_t none[2];

	if (memcmp(wire->magic, magic, sizeof(magic)) != 0)
		return "not a job";
	if (wire->version != MESSAGE_VERSION)
		return "of another version";
	if (wire->kind != JOB_REFRESH && wire->kind != JOB_ACCEPT)
		return "of an unknown kind";
	if (wire->reason >= JOB_REASON_COUNT)
		return "of an unknown reason";
	if (!code_valid(wire->base))
		return "with a malformed base";
	if (wire->attempt > ATTEMPT_LIMIT || wire->queued < 0 ||
	    wire->deadline < 0 || wire->held < 0 ||
	    (wire->held != 0) != (wire->kind == JOB_ACCEPT))
		return "with a number out of range";
	if (wire->zero != 0 || memcmp(wire->reserved, none, sizeof(none)) != 0)
		return "with bytes where none belong";
	return NULL;
}

const char *
message_decode(const unsigned char *bytes, size_t size, struct job *job)
{
	struct wire wire;
	const char *fault;

	if (size != MESSAGE_SIZE)
		return "of the wrong size";
	memcpy(&wire, bytes, sizeof(wire));
	fault = fault_of(&wire);
	if (fault != NULL)
		return fault;
	*job = (struct job){
		.kind = (enum job_kind)wire.kind,
		.reason = (enum job_reason)wire.reason,
		.base = wire.base,
		.attempt = wire.attempt,
		.queued = wire.queued,
		.deadline = wire.deadline,
		.held = wire.held,
	};
	return NULL;
}
