#include "board/rates.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "board/feed.h"
#include "board/handle.h"

enum rates_result
rates_feed(struct rates *r, struct rates_feed *feed)
{
	handle_follow(r);
	handle_seek(r);
	feed_read(r->board.map, feed);
	return feed->fed ? RATES_OK : RATES_NOT_FED;
}

/*
 * FUTEX_WAIT's time is relative, on the monotonic clock: futex(2).  EFAULT: the
 * board was truncated, of which the next look at it makes a SIGBUS: rates.h.
 */
static enum rates_result
sleep_on(const void *word, uint32_t value, int64_t timeout)
{
	struct timespec t = { .tv_sec = timeout / CLOCK_SECOND,
		.tv_nsec = timeout % CLOCK_SECOND };

	if (syscall(SYS_futex, word, FUTEX_WAIT, value, &t, NULL, 0) == 0 ||
	    errno == EAGAIN || errno == EFAULT)
		return RATES_OK;
	return errno == ETIMEDOUT ? RATES_TIMEOUT : RATES_SYSTEM;
}

static int64_t
end_of(int64_t timeout)
{
	int64_t now = clock_mono();

	return timeout < 0 || timeout > INT64_MAX - now ? INT64_MAX
							: now + timeout;
}

static uint32_t
changes_of(const struct rates *r)
{
	return atomic_load_explicit(
	    &r->board.map->changes, memory_order_acquire);
}

/*
 * Sleeps until the board's count of changes is not this one, or the end; in
 * slices, for a board that was unlinked wakes nobody: see handle_seek().
 */
static enum rates_result
doze(const struct rates *r, uint32_t changes, int64_t end)
{
	int64_t left = end - clock_mono();

	if (left <= 0)
		return RATES_TIMEOUT;
	if (left > CLOCK_SECOND)
		left = CLOCK_SECOND;
	return sleep_on(&r->board.map->changes, changes, left) == RATES_SYSTEM
	    ? RATES_SYSTEM
	    : RATES_OK;
}

enum rates_result
rates_wait(struct rates *r, unsigned base, uint64_t seq, int64_t timeout)
{
	enum rates_result result = RATES_OK;
	int64_t end = end_of(timeout);
	ino_t inode = r->board.inode;
	uint32_t changes;

	while (result == RATES_OK) {
		changes = changes_of(r);
		handle_follow(r);
		handle_seek(r);
		if (r->changed || r->board.inode != inode)
			return RATES_CHANGED;
		if (base >= r->board.shape.currencies)
			return RATES_NO_CURRENCY;
		if (handle_seq(r, base) != seq)
			return RATES_OK;
		result = doze(r, changes, end);
	}
	return result;
}

/* Never 0; each board counts its changes anew. */
static uint64_t
mark_of(const struct rates *r, uint32_t changes)
{
	return (uint64_t)r->boards << 32 | changes;
}

enum rates_result
rates_wait_any(struct rates *r, uint64_t *mark, int64_t timeout)
{
	enum rates_result result = RATES_OK;
	int64_t end = end_of(timeout);
	uint32_t changes;

	while (result == RATES_OK) {
		handle_follow(r);
		handle_seek(r);
		changes = changes_of(r);
		if (r->changed)
			return RATES_CHANGED;
		if (mark_of(r, changes) != *mark) {
			*mark = mark_of(r, changes);
			return RATES_OK;
		}
		result = doze(r, changes, end);
	}
	return result;
}
