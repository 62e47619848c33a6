#include "daemon/quota.h"

#include <time.h>

#include "base/clock.h"

#define CREDIBLE (UINT64_C(2026) * 12 + 1) /* as board_month() counts */

int64_t
quota_month_left(int64_t wall)
{
	time_t seconds = (time_t)(wall / CLOCK_SECOND);
	struct tm tm, next = { .tm_mday = 1 };
	int64_t left;

	gmtime_r(&seconds, &tm);
	next.tm_year = tm.tm_year;
	next.tm_mon = tm.tm_mon + 1;
	left = (int64_t)timegm(&next) * CLOCK_SECOND - wall;
	return left > 0 ? left : 1;
}

uint64_t
quota_left(const struct board_source *source, unsigned quota, int64_t wall)
{
	uint64_t used = atomic_load(&source->used);

	if (quota == 0)
		return UINT64_MAX;
	/* An earlier month's; a later one's is no clock's to be trusted. */
	if (atomic_load(&source->month) < board_month(wall))
		return quota;
	return used < quota ? quota - used : 0;
}

/* A clock from before this was written is itself the wrong one. */
void
quota_heal(struct board_source *source, int64_t wall)
{
	uint64_t month = board_month(wall), seen = atomic_load(&source->month);

	if (seen > month + 1 && month >= CREDIBLE)
		atomic_compare_exchange_strong(&source->month, &seen, month);
}

/*
 * Two that count at the turn of a month at once may lose one count: who moves
 * the month on begins anew.
 */
bool
quota_take(struct board_source *source, unsigned quota, int64_t wall)
{
	uint64_t month = board_month(wall), seen = atomic_load(&source->month);

	if (seen < month &&
	    atomic_compare_exchange_strong(&source->month, &seen, month))
		atomic_store(&source->used, 0);
	if (atomic_fetch_add(&source->used, 1) < quota || quota == 0)
		return true;
	atomic_fetch_sub(&source->used, 1);
	return false;
}
