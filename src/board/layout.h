/*
 * The board's layout in shared memory: a file format.
 *
 * In order, each part on a boundary of 64 bytes: header, codes, index (a hash
 * table from code to number), sources, slots, locks, rows.  Where each part
 * begins follows from the three dimensions alone, so a reader computes it and
 * trusts no offset that it finds.  Every field that changes after the board is
 * published is an atomic.
 *
 * A row is a latch (the kernel's seqcount_latch_t): a 64-bit sequence and two
 * copies.  Readers use copy[seq & 1]; the writer fills the other one and then
 * stores seq + 1.  A writer that dies anywhere leaves the last good copy
 * readable.  The memory-order rules are at the functions that use them
 * (publish.c, attach.c, copy.h).
 */
#ifndef RATESD_BOARD_LAYOUT_H
#define RATESD_BOARD_LAYOUT_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/expected.h"
#include "base/outcome.h"

#define BOARD_MAGIC UINT64_C(0x0144534554415200) /* "\0RATESD\1" */
#define BOARD_LAYOUT_VERSION 4
#define BOARD_BYTE_ORDER 0x01020304
#define BOARD_ALIGN 64

#define BOARD_CURRENCIES_MAX 1024
#define BOARD_SLOTS_MAX 64
#define BOARD_SOURCES_MAX 32
#define BOARD_NAME_MAX 40   /* instance, boot id */
#define BOARD_SOURCE_MAX 32 /* a source's name with its NUL */
#define BOARD_ERROR_MAX 128 /* the text of a failed attempt with its NUL */
#define BOARD_ETAG_MAX 64   /* with its NUL; a longer one isn't kept */
#define BOARD_MODIFIED_MAX 40
#define BOARD_TERMS_MAX 192
#define BOARD_PUBLISHES_MAX 96

/* The 64-bit pattern of an absent number: a quiet NaN of our own. */
#define BOARD_ABSENT UINT64_C(0x7ff8000000a85e47)

#define BOARD_STATES(X)                                                        \
	X(STARTING, "starting")                                                \
	X(READY, "ready")                                                      \
	X(CLOSING, "closing") /* fed no more; its rows are still good */       \
	X(RETIRED, "retired") /* replaced: attach again */

enum board_state {
#define X(id, name) BOARD_##id,
	BOARD_STATES(X)
#undef X
};

#define SLOT_STATES(X)                                                         \
	X(EMPTY, "empty")       /* never started, or stopped */                \
	X(STARTING, "starting") /* forked, not yet in its loop */              \
	X(IDLE, "idle")                                                        \
	X(BUSY, "busy")                                                        \
	X(STOPPING, "stopping")                                                \
	X(WAITING, "waiting") /* dead; its restart is due later */

enum slot_state {
#define X(id, name) SLOT_##id,
	SLOT_STATES(X)
#undef X
};

/* What became of one part of a worker's sandbox. */
#define SANDBOX_STATES(X)                                                      \
	X(UNKNOWN, "unknown") /* it hasn't come to it */                       \
	X(ON, "on")                                                            \
	X(OFF, "off")           /* in the configuration */                     \
	X(ABSENT, "absent")     /* the kernel has it not, or not for us */     \
	X(UNBUILT, "not built") /* this daemon has it not */                   \
	X(FAILED, "failed")     /* there, and refused */

enum sandbox_state {
#define X(id, name) SANDBOX_##id,
	SANDBOX_STATES(X)
#undef X
	SANDBOX_STATE_COUNT
};

/* The parts: words of a slot, and what people call them. */
#define SANDBOX_PARTS(X)                                                       \
	X(landlock, "Landlock")                                                \
	X(seccomp, "seccomp")

enum sandbox_part {
#define X(name, text) SANDBOX_PART_##name,
	SANDBOX_PARTS(X)
#undef X
	SANDBOX_PART_COUNT
};

/* Whole board.  Each only ever grows, and goes on over restarts. */
#define BOARD_COUNTERS(X)                                                      \
	X(jobs_done)                                                           \
	X(jobs_failed)                                                         \
	X(jobs_requeued)                                                       \
	X(messages_dropped)                                                    \
	X(lock_repairs) /* locks taken back from a dead worker */              \
	X(lock_posts)   /* tokens put back after a wait that timed out */      \
	X(lock_surplus) /* tokens swallowed: the lock had an owner */          \
	X(restarts)

enum board_counter {
#define X(name) COUNTER_##name,
	BOARD_COUNTERS(X)
#undef X
	COUNTER_COUNT
};

/*
 * One copy of a row: these words, then one a currency.  Times are nanoseconds,
 * stored as int64; 0 where there is none.
 */
#define ROW_WORDS(X)                                                           \
	X(version, 1)        /* 0: never fetched; grows with each answer */    \
	X(published, 1)      /* wall clock */                                  \
	X(published_form, 1) /* enum published_form */                         \
	X(fetched_wall, 1)                                                     \
	X(fetched_boot, 1)                                                     \
	X(changed_wall, 1)                                                     \
	X(changed_boot, 1)                                                     \
	X(present, 1)  /* how many numbers are not absent */                   \
	X(attempts, 1) /* all attempts ever on this row */                     \
	X(failures, 1) /* failed attempts since the last good one */           \
	X(attempt_wall, 1)                                                     \
	X(attempt_boot, 1)                                                     \
	X(attempt_class, 1)                                                    \
	X(attempt_http, 1) /* HTTP status, 0 if none came */                   \
	X(source, BOARD_SOURCE_MAX / 8)                                        \
	X(attempt_source, BOARD_SOURCE_MAX / 8)                                \
	X(attempt_text, BOARD_ERROR_MAX / 8)                                   \
	X(hub, 1)    /* packed: whose numbers these follow from; 0: own */     \
	X(recipe, 1) /* hash of how the source was read */                     \
	X(hash, 1)   /* of the answer's bytes; 0: not known */                 \
	X(etag, BOARD_ETAG_MAX / 8)                                            \
	X(modified, BOARD_MODIFIED_MAX / 8) /* Last-Modified */                \
	X(refused_wall, 1) /* the last attempt without numbers; 0: none */     \
	X(refused_class, 1)                                                    \
	X(refused_http, 1)                                                     \
	X(refused_source, BOARD_SOURCE_MAX / 8)                                \
	X(refused_text, BOARD_ERROR_MAX / 8)                                   \
	X(held_wall, 1) /* since when an answer waits; 0: none does */         \
	X(held_published, 1)                                                   \
	X(held_form, 1)                                                        \
	X(held_hash, 1)  /* of the answer's bytes */                           \
	X(held_check, 1) /* over the numbers that wait */                      \
	X(held_source, BOARD_SOURCE_MAX / 8)                                   \
	X(held_text, BOARD_ERROR_MAX / 8)                                      \
	X(check, 1) /* board_row_check(): against damage, not for order */

/* Word numbers in a copy: ROW_AT_version, ..., and ROW_META words in all. */
struct row_meta_shape {
#define X(name, words) uint64_t name[words];
	ROW_WORDS(X)
#undef X
};
enum row_at {
#define X(name, words)                                                         \
	ROW_AT_##name = offsetof(struct row_meta_shape, name) / 8,
	ROW_WORDS(X)
#undef X
	ROW_META = sizeof(struct row_meta_shape) / 8
};

typedef _Atomic uint64_t board_word;

/*
 * After the two copies come the numbers of an answer that waits for somebody
 * to confirm it, one a currency.  Only writers look at them; held_check says
 * whether a death has left them whole.
 */
struct board_row {
	board_word seq;
	uint64_t pad[7];
	board_word copies[]; /* two copies of copy_words each, and held */
};

/*
 * What writers need and readers never touch.  owner and claim hold a worker
 * id (worker_id()) or 0.  The owner word is the lock; the semaphore only
 * queues those who wait (lock.h).  The claim says who has the row's job.
 */
struct board_lock {
	sem_t semaphore;
	board_word owner;
	board_word claim;
	board_word asking; /* the claimer's id from request to row */
	/*
	 * Boot clock: when a job was last asked for that somebody took from
	 * the queue, or that a death gave back.  Later than the row's last
	 * attempt, it is still to be done.
	 */
	board_word asked;
	/*
	 * Boot clock: workers died on the row's job again and again, so it is
	 * left alone until then.  The supervisor's; 0: it is not.
	 */
	board_word aside;
	board_word accepted; /* the held_wall that an operator accepts */
	uint64_t pad[6];
};

#define SLOT_WORDS(X)                                                          \
	X(incarnation) /* raised before each fork; never 0 once used */        \
	X(pid)                                                                 \
	X(state) /* enum slot_state */                                         \
	X(ready) /* 1 once this incarnation was in its loop */                 \
	X(since_wall)                                                          \
	X(since_mono)                                                          \
	X(progress_mono) /* last time around its loop */                       \
	X(done)                                                                \
	X(failed)                                                              \
	X(restarts)                                                            \
	X(last_exit) /* the wait status + 1; 0: it never ended */              \
	X(landlock)  /* enum sandbox_state, of this incarnation */             \
	X(seccomp)

struct board_slot {
#define X(name) board_word name;
	SLOT_WORDS(X)
#undef X
	uint64_t pad[3];
};

/*
 * What all workers know of a source.  Times are ns; 0 where there is none.
 * These have no meaning after a boot:
 */
#define SOURCE_BOOT_WORDS(X)                                                   \
	X(arrival)     /* GCRA: theoretical arrival time, boot clock */        \
	X(not_before)  /* Retry-After: nothing before this, boot clock */      \
	X(closed_till) /* the breaker: no request before this, boot clock */   \
	X(streak)      /* failures since the last good answer */               \
	X(claim)       /* who asks for the answer that fills all rows */       \
	X(answered)    /* when the last of those came, boot clock */           \
	X(answer_class)

/* And these do. */
#define SOURCE_LASTING_WORDS(X)                                                \
	X(requests)                                                            \
	X(failures)                                                            \
	X(good_wall) /* the last good answer */                                \
	X(bad_wall)  /* the last failure, its class and HTTP status */         \
	X(bad_class)                                                           \
	X(bad_http)                                                            \
	X(month)     /* of used: year * 12 + month, UTC */                     \
	X(used)      /* requests in that month */                              \
	X(took_ns)   /* all requests that have ended, together */

/*
 * How long a request took is counted in the first of these that is as long:
 * ms, and the same in s.  Longer ones have a place of their own.
 */
#define FETCH_BUCKETS(X)                                                       \
	X(50, "0.05")                                                          \
	X(100, "0.1")                                                          \
	X(250, "0.25")                                                         \
	X(500, "0.5")                                                          \
	X(1000, "1")                                                           \
	X(2500, "2.5")                                                         \
	X(5000, "5")                                                           \
	X(10000, "10")                                                         \
	X(30000, "30")

enum fetch_bucket {
#define X(ms, text) FETCH_WITHIN_##ms,
	FETCH_BUCKETS(X)
#undef X
	FETCH_LONGER,
	FETCH_BUCKET_COUNT
};

/*
 * What workers count of a source, each count in a word of its own: one that
 * dies in between leaves a count too few.  These last as well.
 */
#define SOURCE_TALLIES(X)                                                      \
	X(failed, ATTEMPT_CLASS_COUNT)   /* requests, by what they came to */  \
	X(rejected, ATTEMPT_CLASS_COUNT) /* numbers not let in, and why */     \
	X(took, FETCH_BUCKET_COUNT)

#define SOURCE_WORDS(X) SOURCE_BOOT_WORDS(X) SOURCE_LASTING_WORDS(X)

/* What the configuration says of it; the supervisor's. */
#define SOURCE_FACTS(X)                                                        \
	X(base)     /* packed: the only one it has; 0: any */                  \
	X(interval) /* ns between two requests; 0: no limit */                 \
	X(burst)                                                               \
	X(quota)    /* requests a month; 0: no limit */

struct board_source {
	char name[BOARD_SOURCE_MAX];
	char terms[BOARD_TERMS_MAX];
	char publishes[BOARD_PUBLISHES_MAX];
#define X(name) board_word name;
	SOURCE_WORDS(X)
	SOURCE_FACTS(X)
#undef X
	/* The calendar around now, the supervisor's; check: board_expect(). */
#define X(name) board_word expected_##name;
	EXPECTED_WORDS(X)
#undef X
	board_word expected_check;
#define X(name, count) board_word name[count];
	SOURCE_TALLIES(X)
#undef X
	uint64_t pad[5];
};

struct board_header {
	/* Fixed once the board is published. */
	uint64_t magic;
	uint32_t layout_version;
	uint32_t byte_order;
	uint64_t header_size;
	uint64_t total_size;
	uint64_t layout_hash;
	uint32_t currencies;
	uint32_t slots;
	uint32_t sources;
	uint32_t index_size; /* power of two, at least twice the currencies */
	uint64_t generation;
	int64_t created_wall;
	char instance[BOARD_NAME_MAX];
	char boot_id[BOARD_NAME_MAX];

	/* Live. */
	_Alignas(64) _Atomic uint32_t state;
	_Atomic uint32_t changes;   /* futex: raised after each publication */
	_Atomic int64_t heartbeat;  /* monotonic; 0: nobody feeds the board */
	_Atomic int64_t supervisor; /* pid */
	_Atomic uint64_t pid_space; /* inode of its PID namespace; 0: unknown */
	_Atomic int64_t since_wall; /* start of the supervisor */
	_Atomic int64_t since_boot;
	_Atomic int64_t stale_after;
	_Atomic int64_t late_after;
	board_word counters[COUNTER_COUNT];
};

/* The dimensions, and all that follows from them. */
struct board_shape {
	uint32_t currencies, slots, sources;
	uint32_t index_size;
	size_t copy_words; /* of one copy of a row */
	size_t row_size;
	size_t codes_at, index_at, sources_at, slots_at, locks_at, rows_at;
	size_t total_size;
};

/* A heartbeat comes once a second; after this the board counts as not fed. */
#define BOARD_SILENCE_MAX INT64_C(3000000000)

_Static_assert(sizeof(struct board_lock) == 128, "a lock is two cache lines");
_Static_assert(sizeof(struct board_slot) == 128, "a slot is two");
_Static_assert(sizeof(struct board_source) == 960, "a source is 15");
_Static_assert(offsetof(struct board_row, copies) == 64, "seq has its own");
_Static_assert(sizeof(board_word) == 8, "a word has no hidden lock");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && ATOMIC_INT_LOCK_FREE == 2,
    "atomics with a lock of their own can't cross processes");

/*
 * Fills *shape for these dimensions: 0, or -1 if one is out of its bounds
 * (1 to 1024 currencies, 1 to 64 slots, 1 to 32 sources).
 */
int board_shape(uint32_t currencies, uint32_t slots, uint32_t sources,
    struct board_shape *shape);

/* A hash over the names and sizes of all fields: the same in both builds, or
 * their layouts differ. */
uint64_t board_layout_hash(void);

/* What is wrong with a header of a board of total_size bytes, or NULL. */
const char *board_header_fault(const struct board_header *header,
    size_t total_size, struct board_shape *shape);

/* The month, UTC, of a time of the wall clock, as a source's words count it:
 * year * 12 + month; never 0. */
uint64_t board_month(int64_t wall);

/* The name of the POSIX object and of its file below /dev/shm. */
void board_object_name(const char *instance, char *buf, size_t size);

/* Enters the codes, no two alike, into a board's list and its empty index. */
void board_fill_codes(
    void *map, const struct board_shape *shape, const uint64_t *list);

/*
 * The checksum over all other words of a copy of a row, for whoever may look
 * at it without a writer in between.
 */
uint64_t board_row_check(
    const board_word *copy, const struct board_shape *shape);

/* The same over the numbers that a row holds. */
uint64_t board_held_check(
    const board_word *held, const struct board_shape *shape);

#define BOARD_SHM_DIR "/dev/shm"
#define BOARD_OBJECT_MAX (sizeof("/ratesd.") + 32 + sizeof(".new"))

/* Names of the enums above; "?" for a value that has none. */
const char *board_state_name(uint64_t state);
const char *slot_state_name(uint64_t state);
const char *sandbox_state_name(uint64_t state);

/* The parts of a mapped board. */
static inline board_word *
board_row_copy(struct board_row *row, const struct board_shape *shape,
    uint64_t seq)
{
	return row->copies + (seq & 1) * shape->copy_words;
}

static inline board_word *
board_row_held(struct board_row *row, const struct board_shape *shape)
{
	return row->copies + 2 * shape->copy_words;
}

static inline void *
board_at(const void *map, size_t offset)
{
	return (char *)(uintptr_t)map + offset;
}

static inline struct board_row *
board_row(const void *map, const struct board_shape *shape, uint32_t i)
{
	return board_at(map, shape->rows_at + i * shape->row_size);
}

static inline struct board_lock *
board_lock_of(const void *map, const struct board_shape *shape, uint32_t i)
{
	return (struct board_lock *)board_at(map, shape->locks_at) + i;
}

static inline struct board_slot *
board_slot(const void *map, const struct board_shape *shape, uint32_t i)
{
	return (struct board_slot *)board_at(map, shape->slots_at) + i;
}

static inline struct board_source *
board_source(const void *map, const struct board_shape *shape, uint32_t i)
{
	return (struct board_source *)board_at(map, shape->sources_at) + i;
}

static inline const uint64_t *
board_codes(const void *map, const struct board_shape *shape)
{
	return board_at(map, shape->codes_at);
}

static inline uint16_t *
board_index(const void *map, const struct board_shape *shape)
{
	return board_at(map, shape->index_at);
}

/* slot (0 to 63) and incarnation (1 to 2^48 - 1) as a lock owner; never 0. */
static inline uint64_t
worker_id(uint32_t slot, uint64_t incarnation)
{
	return ((uint64_t)slot << 48) | incarnation;
}

#endif
