#include "daemon/watch.h"

enum watch_verdict
watch_look(struct watch *w, uint64_t progress, int64_t now, int64_t limit)
{
	int64_t step = w->looked == 0 ? 0 : now - w->looked;

	/* The supervisor looks far more often: it was away itself. */
	if (step > limit / 2)
		step = limit / 2;
	w->looked = now;
	/* Once aborted it is ended, whatever it still does. */
	if (progress != w->progress && !w->aborted) {
		w->progress = progress;
		w->quiet = 0;
		return WATCH_FINE;
	}
	w->quiet += step;
	if (w->quiet <= limit)
		return WATCH_FINE;
	if (!w->aborted) {
		w->aborted = true;
		w->quiet = limit;
		return WATCH_ABORT;
	}
	return w->quiet <= limit + WATCH_ABORT_GRACE ? WATCH_FINE : WATCH_KILL;
}
