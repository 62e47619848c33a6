/*
 * What tests of engines share: the server, and what an engine must not leave
 * behind.
 */
#ifndef RATESD_TESTS_UNIT_ENGINE_CASE_H
#define RATESD_TESTS_UNIT_ENGINE_CASE_H

#include <poll.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/clock.h"
#include "fetch/engine.h"

#include "server.h"

#define PATIENCE (60 * CLOCK_SECOND)
#define CHILDREN_MAX 16

extern struct server *server;
extern const struct transfer_limits patient;

/* For cmocka: the server that the tests of a file share. */
int start_server(void **state);
int stop_server(void **state);

/* A request of the server's path; "": one that can't be started. */
void fill_url(struct transfer_request *request, const char *path);

/* This process's children but the server, at most CHILDREN_MAX. */
unsigned children(pid_t *pids);

/* A number of /proc/PID/status; 0: no such process, or it has none. */
unsigned status_number(pid_t pid, const char *name);

/* No child, and no thread. */
void nothing_is_left(void);

/* The context of an engine_io of items that are all the same. */
struct caller {
	struct pollfd fd;
	const char *path;
	unsigned given, items, done;
	enum engine_next then; /* when the descriptor is readable */
	enum attempt_class class;
	char text[TRANSFER_TEXT_MAX];
	unsigned kills; /* of a child, each time that one holds the item */
	unsigned turn;  /* requests at the last kill */
	int64_t since;
};

/* The next of them: false if all are given. */
bool give_item(struct caller *caller, struct engine_item *item);
void caller_done(
    void *context, void *tag, const struct transfer_result *result);

#endif
