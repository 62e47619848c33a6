#include "engine_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/text.h"

struct server *server;

const struct transfer_limits patient = { .connect = PATIENCE,
	.total = PATIENCE,
	.stall = PATIENCE };

int
start_server(void **state)
{
	(void)state;
	log_open(LOG_TO_STDERR, LOG_LEVEL_ERROR, "test");
	server = server_start();
	return 0;
}

int
stop_server(void **state)
{
	(void)state;
	server_stop(server);
	return 0;
}

void
fill_url(struct transfer_request *request, const char *path)
{
	*request = (struct transfer_request){ .header_count = 0 };
	if (path[0] != '\0')
		text_format(request->url, sizeof(request->url),
		    "http://127.0.0.1:%u/%s", server->port, path);
}

unsigned
children(pid_t *pids)
{
	char path[64], line[1024] = "", *at = line;
	unsigned count = 0;
	FILE *file;

	text_format(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	file = fopen(path, "re");
	assert_non_null(file);
	if (fgets(line, sizeof(line), file) == NULL)
		line[0] = '\0';
	fclose(file);
	for (long pid; (pid = strtol(at, &at, 10)) != 0;)
		if (pid != server->pid && count < CHILDREN_MAX)
			pids[count++] = (pid_t)pid;
	return count;
}

unsigned
status_number(pid_t pid, const char *name)
{
	char path[64], line[256];
	unsigned number = 0;
	FILE *file;

	text_format(path, sizeof(path), "/proc/%ld/status", (long)pid);
	file = fopen(path, "re");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			number = (unsigned)strtoul(
			    line + strlen(name) + 1, NULL, 10);
	if (file != NULL)
		fclose(file);
	return number;
}

/*
 * A thread counts for a moment after pthread_join has returned: the kernel
 * wakes who joins (clear_child_tid, set_tid_address(2)) before it takes the
 * thread off its process.
 */
static unsigned
threads_left(void)
{
	int64_t since = clock_mono();
	unsigned threads;

	while ((threads = status_number(getpid(), "Threads:")) != 1 &&
	    clock_mono() - since < PATIENCE)
		poll(NULL, 0, 1);
	return threads;
}

void
nothing_is_left(void)
{
	pid_t pids[CHILDREN_MAX];

	assert_int_equal(children(pids), 0);
#if !defined(__SANITIZE_THREAD__) /* which has a thread of its own */
	assert_int_equal(threads_left(), 1);
#endif
}

bool
give_item(struct caller *c, struct engine_item *item)
{
	if (item == NULL || c->given == c->items)
		return false;
	fill_url(&item->request, c->path);
	item->tag = c;
	c->given++;
	return true;
}

void
caller_done(void *context, void *tag, const struct transfer_result *result)
{
	struct caller *c = context;

	assert_ptr_equal(tag, c);
	c->done++;
	c->class = result->class;
	text_format(c->text, sizeof(c->text), "%s", result->text);
}
