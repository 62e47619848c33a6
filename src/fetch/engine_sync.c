/*
 * One after another.  The caller waits for each transfer, and for its own
 * descriptors meanwhile: a worker that runs this still beats, and still hears
 * that it is to stop.
 */
#include "fetch/engine_async.h"

int
engine_run_sync(const struct engine_io *io)
{
	return engine_async(io, 1);
}
