#include "tools/view.h"

#include <float.h>
#include <math.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/code.h"
#include "base/text.h"
#include "board/layout.h"
#include "tools/instances.h"

#define LOAD_TRIES 8
#define RUNTIME_DIR "/run/ratesd" /* unless ratesd was told another */
#define WORD_MAX 48
#define OTHERS_MAX 512

const char *
view_stranger(const struct ctl *ctl, char *buf, size_t size)
{
	uid_t owner = inspect_owner(ctl->rates);
	struct passwd *user;
	struct stat st;

	if (owner == 0 || owner == geteuid() || owner == getuid() ||
	    (stat(RUNTIME_DIR, &st) == 0 && owner == st.st_uid))
		return NULL;
	user = getpwuid(owner);
	if (user == NULL)
		return text_format(buf, size, "uid %ju", (uintmax_t)owner);
	text_clean(buf, size, user->pw_name, strlen(user->pw_name));
	return buf;
}

void
view_warn(const struct ctl *ctl)
{
	char owner[VIEW_OWNER_MAX];

	if (view_stranger(ctl, owner, sizeof(owner)) != NULL)
		ctl_note(ctl, CTL_DONE,
		    "instance %s: warning: its board was made by %s, who is "
		    "neither root, nor you, nor the owner of " RUNTIME_DIR,
		    ctl->instance, owner);
}

int
view_open(struct ctl *ctl)
{
	enum rates_result result = rates_open(ctl->instance, &ctl->rates);
	char others[OTHERS_MAX];

	switch (result) {
	case RATES_OK:
		view_warn(ctl);
		return CTL_DONE;
	case RATES_NO_BOARD:
		return ctl_note(ctl, CTL_NO_BOARD, "instance %s: %s%s",
		    ctl->instance, rates_strerror(result),
		    instances_running(others, sizeof(others)));
	case RATES_BAD_BOARD:
		return ctl_complain(CTL_FAILED, "instance %s: %s: %s",
		    ctl->instance, rates_strerror(result), rates_fault());
	case RATES_SYSTEM:
		return ctl_complain(
		    CTL_FAILED, "instance %s: board: %m", ctl->instance);
	default:
		return ctl_complain(CTL_FAILED, "instance %s: %s",
		    ctl->instance, rates_strerror(result));
	}
}

static void
clean(char *text, size_t size)
{
	char copy[RATES_ERROR_MAX];

	memcpy(copy, text, size);
	text_clean(text, size, copy, strnlen(copy, size));
}

void
view_clean(struct rates_row *row)
{
	clean(row->source, sizeof(row->source));
	clean(row->attempt_source, sizeof(row->attempt_source));
	clean(row->error, sizeof(row->error));
}

static int
no_memory(void)
{
	return ctl_complain(CTL_FAILED, "%m");
}

static int
allocate(struct view *view, unsigned count, bool numbers)
{
	view->count = count;
	view->codes = calloc(count, sizeof(*view->codes));
	view->rows = calloc(count, sizeof(*view->rows));
	view->states = calloc(count, sizeof(*view->states));
	if (view->codes == NULL || view->rows == NULL || view->states == NULL)
		return no_memory();
	if (!numbers)
		return CTL_DONE;
	view->numbers =
	    calloc((size_t)count * count, sizeof(*view->numbers));
	return view->numbers == NULL ? no_memory() : CTL_DONE;
}

/* Row by row, each whole, when writers leave no moment for all. */
static enum rates_result
read_rows(struct rates *rates, struct view *view)
{
	enum rates_result result = RATES_OK;
	double *numbers = view->numbers;

	for (unsigned i = 0; result == RATES_OK && i < view->count; i++) {
		result = rates_row(rates, i, &view->rows[i], numbers);
		if (numbers != NULL)
			numbers += view->count;
	}
	return result;
}

static enum rates_result
snapshot(struct rates *rates, struct view *view)
{
	enum rates_result result;

	for (unsigned i = 0; i < view->count; i++) {
		result = rates_code(rates, i, view->codes[i]);
		if (result != RATES_OK)
			return result;
		clean(view->codes[i], sizeof(view->codes[i]));
	}
	result =
	    rates_snapshot(rates, view->count, view->rows, view->numbers);
	if (result == RATES_BUSY)
		result = read_rows(rates, view);
	view->read = clock_wall();
	rates_feed(rates, &view->feed);
	return result;
}

/* A damaged board's: what can't be a rate is none. */
static void
clean_numbers(double *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!(numbers[i] > 0 && numbers[i] <= DBL_MAX))
			numbers[i] = NAN;
}

/* The board was replaced or is busy: worth another try. */
static bool
passing(enum rates_result result)
{
	return result == RATES_CHANGED || result == RATES_BUSY;
}

int
view_load(struct ctl *ctl, bool numbers, struct view *view)
{
	enum rates_result result = RATES_CHANGED;
	unsigned tries;

	memset(view, 0, sizeof(*view));
	for (tries = 0; passing(result) && tries < LOAD_TRIES; tries++) {
		view_free(view);
		rates_resync(ctl->rates);
		if (allocate(view, rates_count(ctl->rates), numbers) !=
		    CTL_DONE)
			return CTL_FAILED;
		result = snapshot(ctl->rates, view);
	}
	if (result != RATES_OK)
		return ctl_complain(CTL_FAILED, "%s", rates_strerror(result));
	for (unsigned i = 0; i < view->count; i++) {
		view_clean(&view->rows[i]);
		view->states[i] = view_state(ctl, &view->rows[i],
		    view->feed.stale_after, view->read);
	}
	if (view->numbers != NULL)
		clean_numbers(view->numbers, (size_t)view->count * view->count);
	return CTL_DONE;
}

void
view_free(struct view *view)
{
	free(view->codes);
	free(view->rows);
	free(view->states);
	free(view->numbers);
	memset(view, 0, sizeof(*view));
}

/* A code is often wrong in its case alone, so that isn't a difference here. */
static int
no_currency(struct ctl *ctl, const char *text)
{
	char word[WORD_MAX], code[RATES_CODE_MAX], upper[WORD_MAX];
	char hint[CTL_HINT_MAX];
	struct ctl_nearest nearest = { .word = upper };
	size_t i;

	text_clean(word, sizeof(word), text, strlen(text));
	for (i = 0; word[i] != '\0'; i++)
		upper[i] = word[i] >= 'a' && word[i] <= 'z'
		    ? (char)(word[i] - 'a' + 'A')
		    : word[i];
	upper[i] = '\0';
	for (unsigned k = 0; k < rates_count(ctl->rates); k++)
		if (rates_code(ctl->rates, k, code) == RATES_OK) {
			clean(code, sizeof(code));
			ctl_nearest(&nearest, code);
		}
	return ctl_note(ctl, CTL_NO_PAIR, "no currency '%s' on the board%s",
	    word, ctl_hint(&nearest, "", hint, sizeof(hint)));
}

int
view_find(struct ctl *ctl, const char *code, unsigned *index)
{
	if (rates_index(ctl->rates, code, index) == RATES_OK)
		return CTL_DONE;
	return no_currency(ctl, code);
}

int
view_index(struct ctl *ctl, const struct view *view, const char *code,
    unsigned *index)
{
	for (*index = 0; *index < view->count; ++*index)
		if (strcmp(view->codes[*index], code) == 0)
			return CTL_DONE;
	if (view_find(ctl, code, index) == CTL_DONE)
		return ctl_note(ctl, CTL_NO_PAIR,
		    "the board was replaced meanwhile; please repeat");
	return CTL_NO_PAIR;
}

int
view_row(struct ctl *ctl, unsigned i, struct rates_row *row)
{
	enum rates_result result = RATES_BUSY;
	unsigned tries;

	for (tries = 0; tries < LOAD_TRIES; tries++) {
		result = rates_row(ctl->rates, i, row, NULL);
		if (!passing(result))
			break;
		rates_resync(ctl->rates);
	}
	if (result != RATES_OK)
		return ctl_complain(CTL_FAILED, "%s", rates_strerror(result));
	view_clean(row);
	return CTL_DONE;
}

int
view_inspect(struct ctl *ctl, unsigned i, struct inspect_row *row)
{
	enum rates_result result = RATES_BUSY;

	for (unsigned tries = 0; passing(result) && tries < LOAD_TRIES;
	     tries++) {
		result = inspect_row(ctl->rates, i, row);
		if (result == RATES_CHANGED)
			rates_resync(ctl->rates);
	}
	if (result != RATES_OK)
		return ctl_complain(CTL_FAILED, "%s", rates_strerror(result));
	return CTL_DONE;
}

enum freshness
view_state(const struct ctl *ctl, const struct rates_row *row,
    int64_t stale_after, int64_t now)
{
	const struct freshness_row facts = { .filled = row->version != 0,
		.fetched_age = row->age,
		.form = (enum published_form)row->published_form,
		.published = row->published,
		.changed = row->changed,
		.fetched = row->fetched };
	struct expected expected;

	inspect_expected(ctl->rates, row->source, &expected);
	return freshness(&facts, &expected, stale_after,
	    inspect_grace(ctl->rates), now);
}
