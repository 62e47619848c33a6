#include "tools/keys.h"

#include <stddef.h>
#include <string.h>

enum { PLAIN, ESCAPE, SEQUENCE, APPLICATION };

struct binding {
	char byte;
	enum key key;
};

static enum key
find(const struct binding *bindings, size_t count, char byte)
{
	for (size_t i = 0; i < count; i++)
		if (bindings[i].byte == byte)
			return bindings[i].key;
	return KEY_NONE;
}

static enum key
letter(char byte)
{
	static const struct binding letters[] = { { 'q', KEY_QUIT },
		{ 'Q', KEY_QUIT }, { '?', KEY_HELP }, { 'k', KEY_UP },
		{ 'j', KEY_DOWN }, { 'h', KEY_LEFT }, { 'l', KEY_RIGHT },
		{ 'b', KEY_PAGE_UP }, { 'f', KEY_PAGE_DOWN },
		{ 'g', KEY_HOME }, { 'G', KEY_END }, { '\t', KEY_VIEW },
		{ ' ', KEY_PAUSE }, { '-', KEY_HALT }, { '+', KEY_RESUME },
		{ '\f', KEY_REDRAW } };

	return find(letters, sizeof(letters) / sizeof(letters[0]), byte);
}

/* ESC [ or ESC O and this. */
static enum key
cursor(char byte)
{
	static const struct binding finals[] = { { 'A', KEY_UP },
		{ 'B', KEY_DOWN }, { 'C', KEY_RIGHT }, { 'D', KEY_LEFT },
		{ 'H', KEY_HOME }, { 'F', KEY_END } };

	return find(finals, sizeof(finals) / sizeof(finals[0]), byte);
}

/* ESC [ number ~ */
static enum key
editing(unsigned number)
{
	static const enum key numbered[] = { [1] = KEY_HOME, [4] = KEY_END,
		[5] = KEY_PAGE_UP, [6] = KEY_PAGE_DOWN, [7] = KEY_HOME,
		[8] = KEY_END };

	return number < sizeof(numbered) / sizeof(numbered[0])
	    ? numbered[number]
	    : KEY_NONE;
}

/* Parameters up to the final byte, 0x40 to 0x7e; other bytes break it off. */
static enum key
in_sequence(struct keys *keys, char byte)
{
	if (byte >= '0' && byte <= '9' && keys->number < 20) {
		keys->number =
		    (unsigned char)(keys->number * 10 + (byte - '0'));
		return KEY_NONE;
	}
	if (byte >= 0x20 && byte < 0x40)
		return KEY_NONE;
	keys->place = PLAIN;
	return byte == '~' ? editing(keys->number) : cursor(byte);
}

enum key
keys_next(struct keys *keys, char byte)
{
	if (byte == '\033') {
		keys->place = ESCAPE;
		keys->number = 0;
		return KEY_NONE;
	}
	switch (keys->place) {
	case ESCAPE:
		keys->place = byte == '[' ? SEQUENCE
		    : byte == 'O'	 ? APPLICATION
					 : PLAIN;
		return keys->place == PLAIN ? letter(byte) : KEY_NONE;
	case SEQUENCE:
		return in_sequence(keys, byte);
	case APPLICATION:
		keys->place = PLAIN;
		return cursor(byte);
	default:
		return letter(byte);
	}
}
