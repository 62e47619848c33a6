#include "daemon/conf_parse.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bsd/string.h>
#include <bsd/sys/queue.h>
#include <confuse.h>

#include "base/text.h"
#include "daemon/conf_value.h"

#define WHY_MAX CONF_STOP_MAX
#define UNKNOWN_MAX 64 /* keys: after so many the file isn't ours */

/*
 * libconfuse stops at a key that it doesn't know.  To find the faults after
 * it, the key's name in the text is replaced by one that no file has, and the
 * text is parsed anew.  These are the shapes to try: a key with any value, a
 * section with a title, one without; last, the name is blanked.
 */
#define AS_KEY "\1"
#define AS_TITLED "\2"
#define AS_SECTION "\3"
#define STAND_INS AS_KEY AS_TITLED AS_SECTION
#define SHAPES STAND_INS " "

/*
 * libconfuse gives its callbacks no argument of the caller's.  Its scanner is
 * one for the whole process as well.
 */
static struct conf_reader *reading;

/*
 * Called after each value of a key, and once more at the end of a list in
 * braces.  Always 0, so that the parse goes on.
 */
static int
value_seen(cfg_t *place, cfg_opt_t *opt)
{
	bool fresh = (opt->flags & CFGF_MODIFIED) != 0;
	unsigned number = cfg_opt_size(opt);

	opt->flags &= ~CFGF_MODIFIED;
	if (fresh)
		conf_draft_value(&reading->draft, place->line, place->title,
		    opt->name, cfg_opt_getnstr(opt, number - 1), number);
	return 0;
}

/* Called after a section's '}'.  It is the one that still has its line. */
static int
section_seen(cfg_t *root, cfg_opt_t *opt)
{
	cfg_t *section;
	unsigned i = cfg_opt_size(opt);

	do
		section = cfg_opt_getnsec(opt, --i);
	while (section->line == 0 && i > 0);
	section->line = 0;
	conf_draft_section(&reading->draft,
	    conf_text_opened(&reading->text, root->line), section->title);
	return 0;
}

/* The name that a misspelt one seems to mean, or NULL. */
static const char *
meant(const cfg_t *place, const char *name)
{
	bool root = place->title == NULL && !reading->preset;
	const char *near =
	    conf_key_near(root ? &conf_root_keys : &conf_source_keys, name);
	unsigned edits = near != NULL ? text_distance(near, name) : 3;

	if (root && text_distance(CONF_SECTION, name) < edits)
		return CONF_SECTION;
	return near;
}

static void
unknown_key(struct conf_reader *r, const cfg_t *place, const char *name)
{
	const char *near = meant(place, name);
	char why[WHY_MAX];

	text_format(why, sizeof(why), "unknown key '%.64s'", name);
	if (place->title != NULL)
		text_append(why, sizeof(why), " in " CONF_SECTION " '%.64s'",
		    place->title);
	if (near != NULL)
		text_append(why, sizeof(why), " (did you mean '%s'?)", near);
	conf_fault_add(&r->faults, place->line, "%s", why);
	strlcpy(r->stop.unknown, name, sizeof(r->stop.unknown));
}

/*
 * Takes libconfuse's reports; each of them ends the parse, but for one that
 * comes also when a stand-in for a section takes a key.  They are in English,
 * as no program of ours calls setlocale(3).
 */
static void __attribute__((format(printf, 2, 0)))
parse_stopped(cfg_t *place, const char *format, va_list args)
{
	struct conf_stop *stop = &reading->stop;
	bool unknown = strcmp(format, "no such option '%s'") == 0;

	if (stop->line != 0 ||
	    (unknown && (place->flags & CFGF_KEYSTRVAL) != 0))
		return;
	stop->line = place->line;
	if (unknown)
		unknown_key(reading, place, va_arg(args, const char *));
	else
		vsnprintf(stop->why, sizeof(stop->why), format, args);
}

static cfg_opt_t *
add_keys(cfg_opt_t *opt, const struct conf_keys *keys)
{
	for (size_t i = 0; i < keys->count; i++, opt++) {
		const char *name = keys->key[i].name;

		if (keys->key[i].list)
			*opt = (cfg_opt_t)CFG_STR_LIST(
			    name, NULL, CFGF_NODEFAULT);
		else
			*opt = (cfg_opt_t)CFG_STR(name, NULL, CFGF_NODEFAULT);
		opt->validcb = value_seen;
	}
	return opt;
}

static void
add_stand_ins(cfg_opt_t *opt)
{
	static cfg_opt_t none[] = { CFG_END() };
	const cfg_flag_t any = CFGF_MULTI | CFGF_KEYSTRVAL;

	*opt++ = (cfg_opt_t)CFG_STR_LIST(AS_KEY, NULL, CFGF_NODEFAULT);
	*opt++ = (cfg_opt_t)CFG_SEC(AS_TITLED, none, any | CFGF_TITLE);
	*opt++ = (cfg_opt_t)CFG_SEC(AS_SECTION, none, any);
	*opt = (cfg_opt_t)CFG_END();
}

static cfg_t *
make_parser(bool preset)
{
	cfg_opt_t inside[CONF_KEYS_MAX + 4], root[CONF_KEYS_MAX + 5], *opt;
	cfg_t *parser;

	add_stand_ins(add_keys(inside, &conf_source_keys));
	opt = add_keys(root, preset ? &conf_source_keys : &conf_root_keys);
	if (!preset) {
		*opt = (cfg_opt_t)CFG_SEC(
		    CONF_SECTION, inside, CFGF_MULTI | CFGF_TITLE);
		opt++->validcb = section_seen;
	}
	add_stand_ins(opt);
	parser = cfg_init(root, CFGF_NONE);
	if (parser != NULL)
		cfg_set_error_function(parser, parse_stopped);
	return parser;
}

/* Fills the draft from the text.  0, or -1 when the parse ended early. */
static int
parse(struct conf_reader *r)
{
	cfg_t *parser = make_parser(r->preset);
	int result;

	memset(&r->stop, 0, sizeof(r->stop));
	if (parser == NULL || conf_draft_begin(&r->draft, r->preset) == -1) {
		r->faults.lost = true;
		if (parser != NULL)
			cfg_free(parser);
		return -1;
	}
	reading = r;
	result = cfg_parse_buf(parser, r->text.bytes);
	reading = NULL;
	/* It says nothing about a key that is "". */
	if (result != CFG_SUCCESS && r->stop.line == 0) {
		r->stop.line = parser->line;
		strlcpy(r->stop.why, "not a key", sizeof(r->stop.why));
	}
	/* The end of the file is for it on a line of its own. */
	if (r->stop.line > r->text.last_line)
		r->stop.line = r->text.last_line;
	cfg_free(parser);
	return result == CFG_SUCCESS ? 0 : -1;
}

/* Puts a stand-in in the place of the unknown key. */
static bool
patch_key(struct conf_reader *r)
{
	size_t length = strlen(r->stop.unknown);
	char *at = conf_text_find(&r->text, r->stop.line, r->stop.unknown);

	if (at == NULL || ++r->patches > UNKNOWN_MAX)
		return false;
	*at = AS_KEY[0];
	memmove(at + 1, at + length, strlen(at + length) + 1);
	r->patch = at;
	return true;
}

/* After a parse that ended early: true if another one may get further. */
static bool
work_around(struct conf_reader *r)
{
	const struct conf_stop *stop = &r->stop;

	if (stop->unknown[0] != '\0')
		return patch_key(r);
	if (r->patch != NULL && strpbrk(stop->why, STAND_INS) != NULL) {
		const char *shape = strchr(SHAPES, *r->patch);

		assert(shape != NULL);
		*r->patch = shape[1] != '\0' ? shape[1] : ' ';
		return *shape != ' ';
	}
	/* What breaks the text is known already. */
	if (r->text.broken == 0 || stop->line < r->text.broken)
		conf_fault_add(&r->faults, stop->line, "%s", stop->why);
	return false;
}

/* 1, or 0 when what is read is not all of it. */
static int
read_text(struct conf_reader *r)
{
	while (parse(r) == -1) {
		if (r->faults.lost || !work_around(r))
			return 0;
		conf_draft_clear(&r->draft);
	}
	return r->text.broken == 0;
}

int
conf_reader_read(
    struct conf_reader *r, const char *file, bool preset, const char **why)
{
	memset(r, 0, sizeof(*r));
	r->preset = preset;
	conf_faults_init(&r->faults);
	conf_faults_init(&r->draft.faults);
	*why = conf_text_read(&r->text, file);
	if (*why == NULL && conf_text_scan(&r->text, &r->faults) == -1)
		*why = strerror(errno);
	return *why != NULL ? -1 : read_text(r);
}

unsigned
conf_reader_report(struct conf_reader *r, const char *file,
    conf_report *report, void *context)
{
	char line[PATH_MAX + WHY_MAX];
	const struct conf_fault *fault;
	unsigned count = 0;

	TAILQ_FOREACH(fault, &r->draft.faults.list, link)
		conf_fault_add(&r->faults, fault->line, "%s", fault->text);
	TAILQ_FOREACH(fault, &r->faults.list, link) {
		report(context, text_format(line, sizeof(line), "%s:%d: %s",
		    file, fault->line, fault->text));
		count++;
	}
	if (r->faults.lost || r->draft.faults.lost) {
		report(context, text_format(line, sizeof(line), "%s: %s",
		    file, strerror(ENOMEM)));
		count++;
	}
	return count;
}

void
conf_reader_clear(struct conf_reader *r)
{
	conf_draft_clear(&r->draft);
	conf_faults_clear(&r->faults);
	conf_text_free(&r->text);
}
