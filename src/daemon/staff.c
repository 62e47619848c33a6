#include "daemon/staff.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <bsd/stdlib.h>

#include "base/clock.h"
#include "base/code.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "board/lock.h"
#include "board/claim.h"
#include "board/publish.h"

#define FORK_RETRY CLOCK_SECOND
#define JOBS_NAMED 4
#define JOBS_TEXT_MAX (JOBS_NAMED * CODE_TEXT_MAX + 32)

static struct board_slot *
slot_of(const struct world *world, unsigned slot)
{
	return board_slot(world->board->map, &world->board->shape, slot);
}

static struct board_lock *
lock_of(const struct world *world, unsigned row)
{
	return board_lock_of(world->board->map, &world->board->shape, row);
}

void
staff_begin(struct staff *staff, const struct world *world)
{
	crew_begin(&staff->crew, world->conf->workers, world->board);
}

void
staff_start(struct staff *staff, const struct world *world)
{
	int64_t now = clock_mono();

	for (unsigned i = 0; i < staff->crew.count; i++) {
		struct child *child = &staff->crew.children[i];
		struct worker_setup setup = { .board = world->board,
			.conf = world->conf,
			.queue = world->queue };

		if (child->pid != 0 || child->start_at > now)
			continue;
		if (crew_start(&staff->crew, i, &setup) == -1) {
			log_error("worker %u: fork: %m", i);
			child->start_at = now + FORK_RETRY;
		}
	}
}

/* --- the dead ------------------------------------------------------------ */

/* " at EUR, USD": the jobs that a worker has; "" if none. */
static const char *
jobs_of(const struct world *world, uint64_t worker, char *buf, size_t size)
{
	char code[CODE_TEXT_MAX];
	unsigned count = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < world->conf->currencies; i++)
		if (atomic_load(&lock_of(world, i)->claim) == worker &&
		    count++ < JOBS_NAMED)
			text_append(buf, size, "%s %s",
			    count == 1 ? " at" : ",",
			    code_unpack(world->conf->codes[i], code));
	if (count > JOBS_NAMED)
		text_append(
		    buf, size, " and %u more", count - JOBS_NAMED);
	return buf;
}

static bool
died_of(const struct death *death, int signal)
{
	return WIFSIGNALED(death->status) && WTERMSIG(death->status) == signal;
}

static void
log_death(const struct world *world, const struct death *death)
{
	char how[32], jobs[JOBS_TEXT_MAX];

	log_warn("worker %u (pid %ld) died%s: %s%s", death->slot,
	    (long)death->pid, jobs_of(world, death->worker, jobs, sizeof(jobs)),
	    death_text(death->status, how, sizeof(how)),
	    died_of(death, SIGKILL) ? " (perhaps out of memory)" : "");
}

static bool
is_no_use(const struct death *death)
{
	return !death->ready && WIFEXITED(death->status) &&
	    WEXITSTATUS(death->status) == WORKER_CANNOT;
}

static void
plan_restart(
    struct staff *staff, struct world *world, const struct death *death)
{
	struct child *child = &staff->crew.children[death->slot];
	unsigned limit = world->conf->restart_limit;
	int64_t now = clock_mono();
	int64_t delay = backoff_after_death(
	    &child->backoff, death->ready, death->lived, arc4random());

	child->start_at = now + delay;
	if (delay > 0)
		atomic_store(&slot_of(world, death->slot)->state, SLOT_WAITING);
	board_count(world->board, COUNTER_restarts, 1);
	atomic_fetch_add(&slot_of(world, death->slot)->restarts, 1);
	if (is_no_use(death)) {
		log_error("worker %u can't start, and would not the next "
			  "time: giving up",
		    death->slot);
		staff->gave_up = true;
	} else if (deaths_note(&staff->deaths, now, limit)) {
		log_error("more than %u workers died within a minute: giving "
			  "up (restart-limit)",
		    limit);
		staff->gave_up = true;
	}
}

void
staff_bury(struct staff *staff, struct world *world, enum recovery how)
{
	struct death death;

	while (crew_find_dead(&staff->crew, &death)) {
		if (how == RECOVER_CRASH)
			log_death(world, &death);
		staff->board_lost |= died_of(&death, SIGBUS);
		recover(world, &death, how);
		crew_bury(&staff->crew, &death);
		FAULT_POINT("supervisor.buried");
		if (how == RECOVER_CRASH)
			plan_restart(staff, world, &death);
	}
}

/* --- the living ---------------------------------------------------------- */

static void
watch_worker(struct child *child, unsigned slot, const struct world *world)
{
	uint64_t progress = atomic_load(&slot_of(world, slot)->progress_mono);
	char jobs[JOBS_TEXT_MAX], limit[CLOCK_TEXT_MAX];

	switch (watch_look(
	    &child->watch, progress, clock_mono(), world->conf->watchdog)) {
	case WATCH_FINE:
		return;
	case WATCH_ABORT:
		log_error("worker %u (pid %ld) made no progress for %s%s: "
			  "aborted",
		    slot, (long)child->pid,
		    clock_format_age(
			world->conf->watchdog, limit, sizeof(limit)),
		    jobs_of(world, worker_id(slot, child->incarnation), jobs,
			sizeof(jobs)));
		kill(child->pid, SIGABRT);
		return;
	case WATCH_KILL:
		log_error("worker %u (pid %ld) did not end: killed", slot,
		    (long)child->pid);
		kill(child->pid, SIGKILL);
	}
}

static bool
is_alive(const struct crew *crew, uint64_t worker)
{
	uint64_t slot = worker >> 48;

	return slot < crew->count && crew->children[slot].pid != 0 &&
	    worker == worker_id((uint32_t)slot,
			  crew->children[slot].incarnation);
}

/* Whoever writes the row is somebody, though not of this crew. */
static bool
has_strayed(struct stray *before, const struct world *world, unsigned row,
    uint64_t owner, uint64_t claim)
{
	const struct stray now = { owner, claim,
		atomic_load(&board_row(world->board->map,
		    &world->board->shape, row)->seq) };
	bool same = before->owner == now.owner &&
	    before->claim == now.claim && before->seq == now.seq;

	*before = now;
	return same;
}

/* Nobody who is dead holds anything, or it would have been recovered. */
static void
free_row(struct staff *staff, const struct world *world, unsigned row)
{
	const struct crew *crew = &staff->crew;
	struct board_lock *lock = lock_of(world, row);
	uint64_t owner = atomic_load(&lock->owner);
	uint64_t claim = atomic_load(&lock->claim);
	char code[CODE_TEXT_MAX];

	if ((owner == 0 || is_alive(crew, owner)) &&
	    (claim == 0 || is_alive(crew, claim))) {
		staff->strays[row] = (struct stray){ 0 };
		return;
	}
	if (!has_strayed(&staff->strays[row], world, row, owner, claim))
		return;
	log_error("row %s was held by a worker that never was: given back",
	    code_unpack(world->conf->codes[row], code));
	if (owner != 0 && !is_alive(crew, owner))
		lock_recover(lock, owner);
	if (claim != 0 && !is_alive(crew, claim))
		claim_drop(world->board, row, claim);
}

void
staff_watch(struct staff *staff, struct world *world)
{
	for (unsigned i = 0; i < staff->crew.count; i++)
		if (staff->crew.children[i].pid != 0)
			watch_worker(&staff->crew.children[i], i, world);
	for (unsigned i = 0; i < world->conf->currencies; i++)
		free_row(staff, world, i);
}

int64_t
staff_next(const struct staff *staff)
{
	int64_t next = INT64_MAX;

	for (unsigned i = 0; i < staff->crew.count; i++) {
		const struct child *child = &staff->crew.children[i];

		if (child->pid == 0 && child->start_at < next)
			next = child->start_at;
	}
	return next;
}
