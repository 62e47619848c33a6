/*
 * What `ratesctl check` says of sources and of workers.
 */
#include "tools/check.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "jobs/queue.h"
#include "tools/status.h"

#define LIST_MAX 160
#define BAD_MAX 32
#define EXIT_MAX 32
#define WORKER_MAX 128
#define DOWN_MAX 3 /* named in the first line, which is short */

/* --- sources -------------------------------------------------------------- */

static bool
asked_for(const struct check *check, const char *source)
{
	for (int i = 0; i < check->argc; i++)
		if (strcmp(check->argv[i], source) == 0)
			return true;
	return check->argc == 0;
}

/* Only a damaged board has a name twice; a label must not come twice. */
static bool
is_first(const struct check *check, unsigned i, const char *name)
{
	struct inspect_source s;

	while (i-- > 0) {
		inspect_source(check->ctl->rates, i, &s);
		if (strcmp(s.name, name) == 0)
			return false;
	}
	return true;
}

static bool
is_ok(const struct inspect_source *source)
{
	return strcmp(source->state, "ok") == 0;
}

static void
put_source(struct plugin *p, const struct inspect_source *s)
{
	char label[RATES_SOURCE_MAX + 16];
	const struct plugin_datum quota = { label, (double)s->used, "", NULL,
		NULL, 0, (double)s->quota };

	text_format(label, sizeof(label), "%s requests", s->name);
	plugin_count(p, label, s->requests, "c");
	text_format(label, sizeof(label), "%s failures", s->name);
	plugin_count(p, label, s->failures, "c");
	if (s->quota == 0)
		return;
	text_format(label, sizeof(label), "%s quota used", s->name);
	plugin_datum(p, &quota);
}

/* "ecb: left alone until ..., last failure http 500" */
static const char *
describe(const struct inspect_source *s, char *buf, size_t size)
{
	char until[CLOCK_TEXT_MAX], bad[BAD_MAX];

	text_format(buf, size, "%s: %s", s->name, s->state);
	if (view_time(s->until, until) != NULL)
		text_append(buf, size, " until %s", until);
	if (s->streak > 0 && s->bad != 0)
		text_append(
		    buf, size, " after %s", view_bad(s, bad, sizeof(bad)));
	return buf;
}

static void
tell_sources(struct check *check, unsigned bad, unsigned all)
{
	const struct plugin_datum unusable = { "unusable", bad, "",
		&check->warning, &check->critical, 0, all };
	struct plugin *p = &check->plugin;

	plugin_raise(p, plugin_judge(&check->warning, &check->critical, bad));
	if (check_by_state(check) && bad > 0)
		plugin_raise(p, bad < all ? PLUGIN_WARNING : PLUGIN_CRITICAL);
	plugin_fact(p, "%u of %u sources can be asked", all - bad, all);
	plugin_datum(p, &unusable);
}

/* Each name that no source has. */
static void
tell_strangers(struct check *check, unsigned all, unsigned named)
{
	struct inspect_source s;
	char word[RATES_SOURCE_MAX];

	for (int k = 0; all < named && k < check->argc; k++) {
		const char *text = check->argv[k];
		bool found = false;

		for (unsigned i = 0;
		     i < inspect_source_count(check->ctl->rates); i++) {
			inspect_source(check->ctl->rates, i, &s);
			found |= strcmp(s.name, text) == 0;
		}
		if (!found)
			plugin_because(&check->plugin, PLUGIN_UNKNOWN,
			    "no source '%s'",
			    text_clean(
				word, sizeof(word), text, strlen(text)));
	}
}

void
check_source(struct check *check)
{
	unsigned count = inspect_source_count(check->ctl->rates);
	unsigned all = 0, bad = 0;
	struct inspect_source s;
	char text[128];

	for (unsigned i = 0; i < count; i++) {
		inspect_source(check->ctl->rates, i, &s);
		if (!asked_for(check, s.name))
			continue;
		all++;
		describe(&s, text, sizeof(text));
		plugin_detail(&check->plugin, "%s", text);
		if (is_ok(&s))
			continue;
		if (++bad <= DOWN_MAX)
			plugin_because(&check->plugin, PLUGIN_OK, "%s", text);
	}
	tell_strangers(check, all, (unsigned)check->argc);
	tell_sources(check, bad, all);
	for (unsigned i = 0; i < count; i++) {
		inspect_source(check->ctl->rates, i, &s);
		if (asked_for(check, s.name) && is_first(check, i, s.name))
			put_source(&check->plugin, &s);
	}
}

/* --- workers -------------------------------------------------------------- */

/* In its loop; a supervisor that was killed took its workers along. */
static bool
lives(const struct check *check, const struct inspect_slot *slot)
{
	return check->view.feed.fed &&
	    (strcmp(slot->state, slot_state_name(SLOT_IDLE)) == 0 ||
		strcmp(slot->state, slot_state_name(SLOT_BUSY)) == 0);
}

/* "worker 2: starting for 3s, last exit signal 9" */
static const char *
describe_worker(const struct check *check, unsigned i,
    const struct inspect_slot *slot, char *buf, size_t size)
{
	char age[CLOCK_TEXT_MAX], exit[EXIT_MAX];
	const char *last = status_last_exit(slot, exit, sizeof(exit));

	text_format(buf, size, "worker %u: %s for %s", i,
	    check->view.feed.fed ? slot->state : "gone",
	    clock_format_age(slot->age, age, sizeof(age)));
	if (last != NULL)
		text_append(buf, size, ", last exit %s", last);
	return buf;
}

static unsigned
count_live(struct check *check)
{
	unsigned live = 0, down = 0, slots = inspect_slots(check->ctl->rates);
	struct plugin *p = &check->plugin;
	struct inspect_slot slot;
	char text[WORKER_MAX];

	for (unsigned i = 0; i < slots; i++) {
		inspect_slot(check->ctl->rates, i, &slot);
		describe_worker(check, i, &slot, text, sizeof(text));
		plugin_detail(p, "%s, %" PRIu64 " restarts", text,
		    slot.restarts);
		if (lives(check, &slot))
			live++;
		else if (check->view.feed.fed && ++down <= DOWN_MAX)
			plugin_because(p, PLUGIN_OK, "%s", text);
	}
	return live;
}

/* Jobs that are left alone, for workers died on them. */
static unsigned
count_aside(struct check *check)
{
	char names[LIST_MAX] = "";
	unsigned count = 0;

	for (unsigned i = 0; i < check->view.count; i++)
		if (inspect_aside(check->ctl->rates, i) != 0)
			ctl_list(names, sizeof(names), count++,
			    check->view.codes[i]);
	ctl_list_end(names, sizeof(names), count);
	if (count > 0)
		plugin_because(&check->plugin, PLUGIN_WARNING,
		    "set aside, for workers died on them: %s", names);
	return count;
}

static void
put_workers(struct check *check, unsigned live, unsigned slots, unsigned aside)
{
	struct plugin *p = &check->plugin;
	const struct plugin_datum datum = { "live", live, "", &check->warning,
		&check->critical, 0, slots };
	struct plugin_datum queue = { "queue", NAN, "", NULL, NULL, 0, NAN };
	long most, depth = queue_depth_of(check->ctl->instance, &most);

	if (depth >= 0) {
		queue.value = (double)depth;
		queue.max = (double)most;
	}
	plugin_datum(p, &datum);
	plugin_count(p, "restarts",
	    inspect_counter(check->ctl->rates, COUNTER_restarts), "c");
	plugin_count(p, "set_aside", aside, "");
	plugin_datum(p, &queue);
}

void
check_workers(struct check *check)
{
	struct plugin *p = &check->plugin;
	unsigned slots = inspect_slots(check->ctl->rates);
	unsigned live = count_live(check), aside = count_aside(check);

	plugin_raise(
	    p, plugin_judge(&check->warning, &check->critical, live));
	if (check_by_state(check) && live < slots)
		plugin_raise(p, live > 0 ? PLUGIN_WARNING : PLUGIN_CRITICAL);
	plugin_fact(p, "%u of %u workers live", live, slots);
	plugin_fact(p, "%" PRIu64 " restarts",
	    inspect_counter(check->ctl->rates, COUNTER_restarts));
	put_workers(check, live, slots, aside);
}
