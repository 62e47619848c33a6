/*
 * Many transfers on one thread: what async and sync differ in is how many.
 */
#ifndef RATESD_FETCH_ENGINE_ASYNC_H
#define RATESD_FETCH_ENGINE_ASYNC_H

#include "fetch/engine.h"

/* Runs with at most capacity transfers in flight; as engine_run_async(). */
int engine_async(const struct engine_io *io, unsigned capacity);

#endif
