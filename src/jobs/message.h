/*
 * The job message: fixed size, versioned, and refused unless it is exact.
 *
 * Whoever may write the queue may only ask for a refresh, and accept what a row
 * holds; so a message is untrusted input.
 */
#ifndef RATESD_JOBS_MESSAGE_H
#define RATESD_JOBS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#define MESSAGE_SIZE 64
#define MESSAGE_VERSION 1

/* The reason is the priority: the last comes first. */
#define JOB_REASONS(X)                                                         \
	X(SCHEDULE, "schedule")                                                \
	X(RETRY, "retry")                                                      \
	X(REQUEST, "request")

enum job_reason {
#define X(id, name) JOB_##id,
	JOB_REASONS(X)
#undef X
	JOB_REASON_COUNT
};

enum job_kind {
	JOB_REFRESH = 1,
	JOB_ACCEPT, /* and take what the row holds for right */
};

struct job {
	enum job_kind kind;
	enum job_reason reason;
	uint64_t base;    /* packed code */
	uint32_t attempt; /* failures in a row before this one, at most 10^6 */
	int64_t queued;   /* boot clock, ns */
	int64_t deadline; /* boot clock, ns; 0: none */
	int64_t held;     /* accept: since when it waits, wall clock; else 0 */
};

void message_encode(const struct job *job, unsigned char out[MESSAGE_SIZE]);

/* NULL and *job filled, or what is wrong with the message (static text). */
const char *message_decode(
    const unsigned char *bytes, size_t size, struct job *job);

const char *job_reason_name(enum job_reason reason);

#endif
