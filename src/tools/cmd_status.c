#include "tools/status.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

#include "base/text.h"
#include "jobs/queue.h"
#include "tools/command.h"

bool
status_slot(const struct status *status, unsigned i, struct inspect_slot *slot)
{
	inspect_slot(status->ctl->rates, i, slot);
	/* A supervisor that was killed took its workers along unrecorded. */
	if (!status->view.feed.fed) {
		slot->pid = 0;
		slot->state = slot_state_name(SLOT_EMPTY);
		memset(slot->sandbox, 0, sizeof(slot->sandbox));
	}
	return slot->incarnation != 0;
}

const char *
status_last_exit(const struct inspect_slot *slot, char *buf, size_t size)
{
	if (!slot->ended)
		return NULL;
	if (WIFEXITED(slot->wait_status))
		return text_format(
		    buf, size, "exit %d", WEXITSTATUS(slot->wait_status));
	if (WIFSIGNALED(slot->wait_status))
		return text_format(
		    buf, size, "signal %d", WTERMSIG(slot->wait_status));
	return NULL;
}

static void
count_states(struct status *status)
{
	const struct view *view = &status->view;

	for (unsigned i = 0; i < view->count; i++)
		status->states[view->states[i]]++;
}

static void
count_sandboxes(struct status *status)
{
	struct inspect_slot slot;

	for (unsigned i = 0; i < inspect_slots(status->ctl->rates); i++) {
		if (!status_slot(status, i, &slot))
			continue;
		for (unsigned part = 0; part < SANDBOX_PART_COUNT; part++)
			status->sandbox[part][slot.sandbox[part]]++;
	}
}

enum sandbox_state
status_sandbox(const struct status *status, unsigned part)
{
	for (unsigned i = SANDBOX_UNKNOWN + 1; i < SANDBOX_STATE_COUNT; i++)
		if (status->sandbox[part][i] > 0)
			return (enum sandbox_state)i;
	return SANDBOX_UNKNOWN;
}

bool
status_sandbox_differs(const struct status *status, unsigned part)
{
	unsigned kinds = 0;

	for (unsigned i = SANDBOX_UNKNOWN + 1; i < SANDBOX_STATE_COUNT; i++)
		kinds += status->sandbox[part][i] > 0;
	return kinds > 1;
}

int
cmd_status(struct ctl *ctl, int argc, char **argv)
{
	struct status status = { .ctl = ctl };
	int answer;

	(void)argc;
	(void)argv;
	answer = view_open(ctl);
	if (answer != CTL_DONE)
		return answer;
	answer = view_load(ctl, false, &status.view);
	if (answer == CTL_DONE) {
		status.queue_depth =
		    queue_depth_of(ctl->instance, &status.queue_max);
		status.queue_error = errno;
		count_states(&status);
		count_sandboxes(&status);
		answer = ctl->format == FORMAT_TABLE ? status_table(&status)
						     : status_data(&status);
	}
	if (answer == CTL_DONE && !status.view.feed.fed)
		answer = CTL_NO_BOARD;
	view_free(&status.view);
	return answer;
}
